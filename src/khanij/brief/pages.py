"""The two pages: what could stop a country, on whom it depends, what is in force, what its programme does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from khanij.analyses.question import Answer
from khanij.brief import stops
from khanij.brief.contents import Subject
from khanij.brief.stops import Stop
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import drawings, text
from khanij.present.document import Drawing, Finding, Section, Sentence, Tile
from khanij.present.drawings import Bar
from khanij.present.names import in_sentence, possessive
from khanij.reference import columns

TRIFLE = 1000.0  # kUSD; below it nothing is drawn
FOUND, DRAWN, SENDERS, ACTS, GOALS = 5, 12, 6, 6, 7
HALF = 0.5
SHORT = {
    "reached": "reached",
    "on track": "on track",
    "behind": "behind",
    "pledged, not built": "pledged",
    "too close to tell": "open",
    "no date set": "no date",
}  # verdict -> a word beside a bar; targets of other verdicts have no record of how far they are
FORCE = ("acting", "control", "since", "goods_hit", "part_hit", "confidence", "until")
TILES = {
    "bill": "spent on ore, intermediates and metal",
    "over_half": "goods over half from one country",
    "largest_sender": "of the bill, goods included, goes to the largest sender",
    "controls": "controls in force can stop what it buys",
    "not_measured": "listed minerals no trade code shows",
}


def rows(answer: Answer, key: str) -> list[dict[str, Any]]:
    """Return the rows of a table of an answer, none where it has no such table."""
    return next((list(table.rows()) for table in answer.tables if table.key == key), [])


def tiles(asked: Subject) -> tuple[Tile, ...]:
    """Return the few numbers at the head of the first page."""
    listed = {row["key_figure"]: row for row in rows(asked.answers["exposure"], "summary")}
    then = asked.profile.year - 10
    made = []
    for id, words in TILES.items():
        if id not in listed:
            continue
        amount, before = listed[id]["amount"], listed[id]["amount_before"]
        if id == "over_half" and "measured" in listed:
            words = f"of {text.digits(listed['measured']['amount'].value)} {words}"
        past = ""
        if before is not None and before.value is not None:
            past = f"{then}: {text.percent(before.value) if before.unit == '1' else text.digits(before.value)}"
        made.append(Tile(amount, words, past))
    goals = rows(asked.answers["scorecard"], "targets")
    if goals:
        sure = [row for row in goals if row["on_track"].state is not None]
        met = Number(float(sum(row["on_track"].state for row in sure)), "targets", goals[0]["goal"].sources)
        untold = f"{len(goals) - len(sure)} pledged or without record"
        made.append(Tile(met, f"of {len(goals)} targets reached or on track", untold))
    return tuple(made)


def weighty(asked: Subject) -> list[dict[str, Any]]:
    """Return the exposures of which a million dollars or more is bought."""
    listed = rows(asked.answers["exposure"], "exposure")
    return [row for row in listed if (row["imports_value"].value or 0.0) >= TRIFLE]


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a reader calls the goods of an exposure."""
    return text.capital(row["form"]) if row["stage"] in ("component", "product") else str(row["mineral"])


def certain(row: Mapping[str, Any]) -> float:
    """Return the share that is surely one country's."""
    held = row["held"]
    return (held.value if held.low is None else held.low) or 0.0


def dearest(asked: Subject) -> list[dict[str, Any]]:
    """Return the weighty exposures in the order of what a year without their seller costs; the rest as they stood."""
    places: dict[tuple[str, str], float] = {}
    for row in rows(asked.answers["stops"], "stops"):
        good = row["material"], row["stage"]
        places[good] = max(places.get(good, 0.0), stops.bound(row) or 0.0)
    return sorted(weighty(asked), key=lambda row: -places.get((row["material"], row["stage"]), 0.0))


def priced(asked: Subject) -> list[Stop]:
    """Return the stops of which a loss is known, the dearest first."""
    return [one for one in asked.stops if one.size > 0]


def verdict(asked: Subject) -> Sentence:
    """Return the answer in one sentence: whose stop costs most, then who could hold back over half of what."""
    lead: Sentence = asked.answers["exposure"].findings[0]
    first = next(iter(priced(asked)), None)
    if first is None or first.loss is None:
        return lead if weighty(asked) else little(asked, lead)
    said = f"A year without {possessive(first.seller)} {text.small(stops.named(first))} would cost"
    return Sentence(f"{said} {in_sentence(asked.profile.focal)} {stops.amount(first)}.", first.loss.sources)


def little(asked: Subject, lead: Sentence) -> Sentence:
    """Return who sends the little that is recorded of what a country buys; the lead where nothing is."""
    answer = asked.answers["exposure"]
    bill = next((row["amount"] for row in rows(answer, "summary") if row["key_figure"] == "bill"), None)
    sent = max(rows(answer, "senders"), key=lambda row: row["bill_part"].value or 0.0, default=None)
    if bill is None or not bill.value or sent is None or not sent["bill_part"].value:
        return lead
    said = (
        f"{text.capital(in_sentence(sent['country']))} sends {text.percent(sent['bill_part'].value)} of the little that"
        f" {in_sentence(asked.profile.focal)} is on record to buy of listed minerals, {text.dollars(bill.value)}."
    )
    return Sentence(said, tuple(dict.fromkeys((*sent["bill_part"].sources, *bill.sources))))


def stop(asked: Subject) -> Section:
    """Return what could stop the country: what a year without each seller costs, what is in force, how sure that is."""
    dear, listed = priced(asked), dearest(asked)
    found = [_finding(one) for one in dear[:FOUND]]
    if not found:
        lead = asked.answers["exposure"].findings[0]
        return Section("stop", "What could stop us, and what it would cost", (), (lead,))
    drawn = (shares(asked, listed[:DRAWN]),) if listed else ()
    open_ = [text.small(stops.named(one)) for one in asked.stops if one.loss is None]
    tail = f" Without a price, or of a part alone, and not small for that: {text.joined(open_, 6)}." if open_ else ""
    held = [text.small(stops.named(one)) for one in asked.stops if one.beyond]
    tail += f" Not ranked, for users get most of it inside other goods: {text.joined(held, 6)}." if held else ""
    note = Sentence(
        "The dearest stop of each seller and mineral for a year (khanij stops, khanij shock), USD with its range;"
        f" chance: of a new restriction within a year (khanij forecast make).{tail}"
    )
    return Section("stop", "What could stop us, and what it would cost", tuple(found), (note,), drawn)


def _finding(one: Stop) -> Finding:
    """Return one stop: who sends how much under which control, what it does, the loss as its number."""
    loss = one.loss
    assert loss is not None
    said = f"{stops.dependence(one)}; {stops.controls(one) or 'no control in force'}"
    chance = one.chance.value if one.chance else None
    said += f"; chance of a new act {text.percent(chance)}" if chance else ""
    effect = stops.told(one)
    said += f". {text.capital(effect)}" if effect else ""
    least = {"lower_bound": "; loss at least", "known_part": "; loss in part"}.get(one.kind, "")
    seen = one.held["held"].sources if one.held else loss.sources
    sources = tuple(dict.fromkeys((*seen, *(one.chance.sources if one.chance else ()))))
    sentence = Sentence(f"{said}.", sources, f"{stops.named(one)}:")
    return Finding(sentence, loss, f"confidence {loss.confidence}{least}")


def shares(asked: Subject, listed: list[dict[str, Any]]) -> Drawing:
    """Return bars of what one country sends of each good, with ranges and the share ten years before."""
    bars = [
        Bar(
            name_of(row),
            row["held"].value or 0.0,
            row["held"].low,
            row["held"].high,
            row["first_share_before"].value if row["first_share_before"] else None,
            row["held"].label,
            marked=bool(row["can_stop"]),
            hollow=row["held"].low == 0.0,
        )
        for row in listed
    ]
    told = text.joined(f"{bar.name} {text.percent(bar.value)} from {bar.words}" for bar in bars)
    alt = f"Bars of the share of the largest sender. {told}."
    then = asked.profile.year - 10
    caption = (
        f"Share of imports that one country sends, {asked.profile.year}, the dearest stop first. Rust: it has a control"
        f" in force that can stop them. Thin line: range. Dashed mark: share of the first sender of {then}. Outline"
        " only: the sender is no known maker."
    )
    sources = tuple(sorted({source for row in listed for source in row["held"].sources}))
    return Drawing("shares", drawings.bars(bars, alt, "alt-shares"), caption, alt, sources)


def depend(asked: Subject) -> Section:
    """Return on whom the country depends, really."""
    answer = asked.answers["exposure"]
    senders = rows(answer, "senders")[:SENDERS]
    said = tuple(answer.words.get("behind", ()))[:4]
    goods = rows(asked.answers["profile"], "goods")
    if senders:
        top = sorted(senders, key=lambda row: -row["bill_part"].value)[:3]
        first = text.joined(
            f"{in_sentence(row['country'])} ({text.percent(row['bill_part'].value)})"
            for row in top
            if row["bill_part"].value
        )
        lead = Sentence(
            f"Of the bill for ore to metal most goes to {first}; small bills can carry large dependence"
            + (", as with goods made of the minerals." if goods else "."),
            senders[0]["bill_part"].sources,
        )
        said = (lead, *said)
    return Section("depend", "On whom we depend, really", (), said, (parts(asked, senders),) if senders else ())


def parts(asked: Subject, senders: list[dict[str, Any]]) -> Drawing:
    """Return bars of the largest senders' parts of the bill, goods included, now and ten years before."""
    bars = [
        Bar(
            row["country_name"],
            row["bill_part_goods"].value or 0.0,
            before=row["bill_part_before"].value,
            words=text.percent(row["bill_part_goods"].value),
        )
        for row in senders
    ]
    most = max([bar.value for bar in bars] + [bar.before or 0.0 for bar in bars])
    end = next(step for step in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if step >= most - 1e-9)
    alt = f"Bars of the largest senders' parts of the bill. {text.joined(f'{bar.name} {bar.words}' for bar in bars)}."
    caption = (
        f"Parts of the bill for listed minerals and goods made of them, {asked.profile.year}, by country of shipment."
        f" Dashed mark: {asked.profile.year - 10}."
    )
    sources = tuple(sorted({source for row in senders for source in row["bill_part_goods"].sources}))
    return Drawing("senders", drawings.bars(bars, alt, "alt-senders", end), caption, alt, sources)


def force(asked: Subject) -> Section:
    """Return what is in force against the country: the controls that hold most, and their number over the years."""
    answer = asked.answers["exposure"]
    acts = [row for row in rows(answer, "in-force") if row["can_stop"]]
    acts.sort(key=lambda row: -(row["part_hit"].value or 0.0))
    counts = rows(answer, "through-time")
    drawn: tuple[Drawing, ...] = ()
    if acts:
        points = [(row["year"], row["amount"].value) for row in counts]
        alt = f"Step line of controls in force: {text.joined(f'{year} {count:.0f}' for year, count in points[::3])}."
        caption = (
            "Controls in force at each year's end that could stop what is bought today from the country that set them."
        )
        sources = tuple(sorted({source for row in counts[-1:] for source in row["amount"].sources}))
        drawn = (Drawing("through-time", drawings.steps(points, alt, "alt-through-time"), caption, alt, sources),)
    table = columns.table("force", "The controls that hold most", acts[:ACTS], FORCE) if acts else None
    return Section("force", "What is in force against us", (), tuple(answer.words.get("controls", ())), drawn, table)


def programme(asked: Subject, more: Iterable[Sentence] = ()) -> Section:
    """Return what the programme does and buys; more  sentences on a plan and a partnership that were asked for."""
    answer = asked.answers["scorecard"]
    said = (*answer.words.get("programme", ())[:1], *more, *answer.words.get("programme", ())[1:2])
    said += tuple(answer.words.get("supply", ())[:2])
    told = (row for row in rows(answer, "targets") if row["verdict"] in SHORT)
    goals = [row for row in told if row["goal"].value and row["done"].value is not None][:GOALS]
    drawn = (progress(goals),) if goals else ()
    return Section("programme", "What the programme does, and should next", (), said, drawn)


def progress(goals: list[dict[str, Any]]) -> Drawing:
    """Return bars of what is reached of each target."""
    bars = []
    for row in goals:
        goal, done = row["goal"].value, row["done"]
        low, high = (None if end is None else end / goal for end in (done.low, done.high))
        word, late = SHORT[row["verdict"]], row["on_track"].state is False
        name = text.capital(row["target"])
        bars.append(Bar(name, done.value / goal, low, high, None, word, marked=late, hollow=bool(done.label)))
    alt = f"Bars of what is reached of each target. {text.joined(f'{bar.name}: {bar.words}' for bar in bars)}."
    caption = "Part of each target that is reached. Outline only: pledged, not built. Rust: behind."
    sources = tuple(sorted({source for row in goals for source in (*row["goal"].sources, *row["done"].sources)}))
    return Drawing("progress", drawings.bars(bars, alt, "alt-progress"), caption, alt, sources)


def unseen(asked: Subject) -> Section:
    """Return what cannot be seen."""
    return Section("unseen", "What we cannot see", (), tuple(asked.answers["exposure"].words.get("unseen", ())))


def findings_table(sections: Iterable[Section]) -> Table:
    """Return the findings of the pages as a table: sentence, number, what it rests on."""
    listed = [
        {"finding": str(item.sentence), "value": item.number, "sure": item.sure}
        for section in sections
        for item in section.findings
    ]
    return columns.table("findings", "Findings", listed, ("finding", "value", "sure"))
