"""How far the country is with its own programme, what of its need is secured, and where it could lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from khanij.analyses.profile.forms import form
from khanij.analyses.profile.readings import CountryProfile, country_name
from khanij.analyses.scorecard.advantage import LEADS, Advantage
from khanij.analyses.scorecard.outlook import ComingNeed
from khanij.analyses.scorecard.relatedness import NearGood
from khanij.analyses.scorecard.secured import Supply, exposed_share
from khanij.analyses.scorecard.targets import BEHIND, ON_TRACK, PLEDGED, REACHED, Target
from khanij.core.number import Number
from khanij.present import text
from khanij.present.document import Sentence
from khanij.present.names import mineral

FULL = 0.9  # exposed part of use from which a mineral rests on others
NEAREST = 3  # goods named that lie near what the country sells
SHORT = {REACHED: "reached", ON_TRACK: "on track", BEHIND: "behind", PLEDGED: "pledged"}


def programme(focal: str, goals: tuple[Target, ...]) -> tuple[Sentence, ...]:
    """Return how many targets are on track, which are behind, which are only pledged."""
    if not goals:
        said = f"No programme with targets of {country_name(focal)} is on record in the store."
        return (Sentence(said, emphasis="Programme."),)
    counts = Counter(goal.verdict for goal in goals)
    sources = tuple(dict.fromkeys(s for goal in goals for s in goal.target.sources))
    told = [f"{counts[verdict]} {word}" for verdict, word in SHORT.items() if counts[verdict]]
    open_ = len(goals) - sum(counts[verdict] for verdict in SHORT)
    told += [f"{open_} without a record that tells"] if open_ else []
    first = Sentence(f"Of {text.count(len(goals), 'target')} on record: {text.joined(told)}.", sources, "Programme.")
    return (first, *(_late(goal) for goal in goals if goal.verdict == BEHIND))


def _late(goal: Target) -> Sentence:
    """Return what is said of a target that is behind."""
    return Sentence(
        f"Behind: {goal.measure}, {text.digits(goal.done.value)} of {text.digits(_aim(goal))} by"
        f" {goal.observed}; {text.digits(goal.needed.value)} a year are needed.",
        goal.needed.sources,
    )


def _aim(goal: Target) -> float | None:
    """Return the goal, its low end where it says "more than"."""
    return goal.target.value if goal.target.value is not None else goal.target.low


def supplied(now: tuple[Supply, ...], later: tuple[ComingNeed, ...], horizon: int) -> tuple[Sentence, ...]:
    """Return how many minerals rest on others, and the largest known gaps to come."""
    last = {row.material: row for row in now}
    known = [row for row in last.values() if row.exposed.value is not None and row.use.value]
    full = [row for row in known if (exposed_share(row).value or 0.0) >= FULL]
    sources = tuple(dict.fromkeys(s for row in known for s in row.exposed.sources))
    said = []
    if known:
        names = text.joined((mineral(row.material) for row in full), 6).lower()
        tail = f": {names}" if full else ""
        said.append(
            Sentence(
                f"Use and own ore are known for {len(known)} of {text.count(len(last), 'mineral')};"
                f" {len(full)} of them rest on others for at least nine tenths of it{tail}.",
                sources,
                "Secured supply.",
            )
        )
    open_ = [row for row in later if row.exposed.value]
    gaps = [row for row in open_ if text.telling(row.exposed.low, row.exposed.high)]
    vague = [mineral(row.material).lower() for row in open_ if row not in gaps]
    if gaps:
        told = text.joined((f"{mineral(g.material).lower()} {_ranged(g.exposed)}" for g in gaps), 6)
        by = tuple(dict.fromkeys(s for g in gaps for s in g.exposed.sources))
        left = f"; of {text.joined(vague, 3)} the range is too wide to tell" if vague else ""
        said.append(Sentence(f"Need beyond own ore in {horizon}, where it is known: {told}{left}.", by))
    return tuple(said)


def _ranged(n: Number) -> str:
    """Return tonnes with their range."""
    span = text.span(n.low, n.high, "t")
    return f"{text.tonnes(n.value)} ({span} t)" if span else text.tonnes(n.value)


def advantage(profile: CountryProfile, led: tuple[Advantage, ...]) -> tuple[Sentence, ...]:
    """Return where the country leads, and what it leaves to others at the next stage."""
    ahead = [lead for lead in led if lead.verdict == LEADS]
    if not ahead:
        return (Sentence(f"{profile.name} has no clear advantage in any listed mineral.", emphasis="Where to lead."),)
    said = []
    for k, lead in enumerate(ahead[:4]):
        span = text.span(lead.advantage.low, lead.advantage.high, "index") or text.index(lead.advantage.value)
        more = ""
        if lead.above and lead.times.value and lead.times.value > 1:
            share = lead.share_above.value
            tail = "" if share is None else f", of whose world exports it has {text.percent(share)}"
            more = (
                f"; as {form((lead.material, lead.above))} a contained tonne is worth"
                f" {text.digits(lead.times.value, 2)} times as much{tail}"
            )
        said.append(
            Sentence(
                f"{mineral(lead.material)} ({form((lead.material, lead.stage))}): {span} times its part in the world's"
                f" exports of minerals{more}.",
                lead.advantage.sources,
                "" if k else "Where to lead.",
            )
        )
    return tuple(said)


def near(goods: Sequence[NearGood]) -> tuple[Sentence, ...]:
    """Return the goods that lie nearest to what the country sells with an advantage, nothing where none is known."""
    if not goods:
        return ()
    named = [
        f"{mineral(one.material).lower()} ({form((one.material, one.stage))}, {text.percent(one.relatedness.value)})"
        for one in goods[:NEAREST]
    ]
    said = (
        f"Without an advantage among all goods, but nearest to what it sells with one: {text.joined(named)} of the "
        "mineral goods beside them, by proximity in the product space."
    )
    return (Sentence(said, goods[0].relatedness.sources, "Near."),)
