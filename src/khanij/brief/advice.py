"""What to decide, to watch and to find out: drawn from the tables by stated rules, never by opinion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.analyses.profile.forms import GOODS
from khanij.brief.contents import Subject
from khanij.brief.pages import HALF, certain, dearest, name_of, rows, weighty
from khanij.brief.stops import named
from khanij.present import text
from khanij.present.document import Sentence

MOST = 3
NOTED = 0.05  # share of the imports hit from which an act is worth watching
ROSE = 0.15  # rise of the first sender's share in ten years that is worth watching


def small(row: Mapping[str, Any]) -> str:
    """Return the name of the goods inside a sentence."""
    return text.small(name_of(row))


def decide(asked: Subject) -> tuple[Sentence, ...]:
    """Return what calls for a decision: what one country can stop now, what it could, targets that are missed."""
    over = [row for row in dearest(asked) if certain(row) > HALF]
    said = []
    for row in [row for row in over if row["can_stop"]][:2]:
        held, spent = row["held"], row["imports_value"]
        others = (
            f"others who make it: {row['other_makers']}" if row["other_makers"] else "other makers are not on record"
        )
        said.append(
            Sentence(
                f"a second source or a stock of {small(row)}: {text.dollars(spent.value)} a year,"
                f" {text.percent(held.value)}"
                f" from {held.label} under {row['controls']}; {others}.",
                held.sources,
            )
        )
    open_ = [row for row in over if not row["can_stop"]][:2]
    if open_:
        listed = text.joined(f"{small(row)} ({row['held'].label} {text.percent(row['held'].value)})" for row in open_)
        said.append(
            Sentence(f"whether to insure what no control in force can stop yet: {listed}.", open_[0]["held"].sources)
        )
    for row in rows(asked.answers["scorecard"], "targets"):
        if row["on_track"].state is False:
            goal, done = row["goal"], row["done"]
            said.append(
                Sentence(
                    f"to fund or to drop the target on {row['target']}: {text.digits(done.value)} of"
                    f" {text.digits(goal.value)} by {row['observed']}, due {row['due']}.",
                    goal.sources,
                )
            )
    return tuple(said[:MOST])


def watch(asked: Subject) -> tuple[Sentence, ...]:
    """Return what may change: acts that are held or announced, dates set by acts, shares that rose."""
    answer = asked.answers["exposure"]
    coming = [row for row in rows(answer, "coming") if row["can_stop"] and row["part_hit"].value >= NOTED]
    coming.sort(key=lambda row: (not row["until"], -row["part_hit"].value))
    said = [
        Sentence(
            f"{row['acting']}'s {row['control']} on {row['goods_hit']} ({row['terms']}), suspended or announced"
            + (f", changes by the act on {row['until']}." if row["until"] else "."),
            row["part_hit"].sources,
        )
        for row in coming[:2]
    ]
    ending = [row for row in rows(answer, "in-force") if row["until"] and row["can_stop"]]
    said += [
        Sentence(
            f"{row['acting']}'s {row['control']} on {row['goods_hit']} runs to {row['until']}.", row["part_hit"].sources
        )
        for row in ending[:1]
    ]
    risen = [
        row
        for row in weighty(asked)
        if row["first_share_before"] and (row["held"].value or 0.0) - (row["first_share_before"].value or 0.0) >= ROSE
    ]
    if risen:
        listed = text.joined(
            (
                f"{small(row)} ({text.percent(row['first_share_before'].value)} to {text.percent(row['held'].value)},"
                f" {row['held'].label})"
                for row in risen
            ),
            3,
        )
        said.append(Sentence(f"first senders whose share rose in ten years: {listed}.", risen[0]["held"].sources))
    return tuple(said[:MOST])


def find_out(asked: Subject) -> tuple[Sentence, ...]:
    """Return what would change the picture if it were known."""
    answer = asked.answers["exposure"]
    said = []
    held = [row for row in rows(answer, "unseen") if row["controls"] and not row["recorded"]]
    if held:
        listed = text.joined((text.small(row["mineral"]) for row in held), 5)
        said.append(
            Sentence(
                f"imports of {listed} from national trade codes of eight digits: their largest maker has them under"
                " control, and six digits do not show them.",
                tuple(dict.fromkeys(source for row in held for source in row["world_leader"].sources)),
            )
        )
    hollow = [row for row in weighty(asked) if row["held"].low == 0.0 and row["stage"] not in GOODS]
    if hollow:
        listed = text.joined((f"{small(row)} from {row['held'].label}" for row in hollow), 3)
        said.append(
            Sentence(f"whose goods these are: {listed}; the sender is no known maker.", hollow[0]["held"].sources)
        )
    aside = rows(asked.answers["profile"], "set-aside")
    if aside:
        senders = text.joined(dict.fromkeys(row["country_name"] for row in aside), 4)
        names = text.joined(dict.fromkeys(text.small(row["mineral"]) for row in aside), 3)
        value = text.dollars(sum(row["imports_value"].value for row in aside))
        before = text.dollars(sum(row["median_before"].value for row in aside))
        said.append(
            Sentence(
                f"what the {names} from {senders} is: {value}, up from {before}, by senders that are no known"
                " makers; it"
                " is left out of every figure here.",
                aside[0]["imports_value"].sources,
            )
        )
    silent = [row for row in rows(asked.answers["scorecard"], "targets") if row["on_track"].state is None]
    if silent:
        count = text.count(len(silent), "target")
        said.append(Sentence(f"how far {count} of the programme are: no record tells.", silent[0]["goal"].sources))
    unpriced = [text.small(named(stop)) for stop in asked.stops if stop.loss is None]
    if unpriced:
        said.append(
            Sentence(f"what a year without {text.joined(unpriced, 5)} would cost: no more than a part has a price.")
        )
    return tuple(said[:MOST])


def advice(asked: Subject) -> dict[str, tuple[Sentence, ...]]:
    """Return what to decide, to watch and to find out."""
    return {"Decide": decide(asked), "Watch": watch(asked), "Find out": find_out(asked)}
