"""How far the country is with its own programme, what of its need is secured, and where it could lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from khanij.analyses.profile.forms import form, mineral
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard import leads as ladder
from khanij.analyses.scorecard import outlook as outlooks
from khanij.analyses.scorecard import secured
from khanij.analyses.scorecard.leads import Lead
from khanij.analyses.scorecard.outlook import Outlook
from khanij.analyses.scorecard.secured import Supply
from khanij.analyses.scorecard.targets import BEHIND, ON_TRACK, PLEDGED, REACHED, Target
from khanij.core.number import Cell, Mark, Number
from khanij.core.table import Column
from khanij.present import figures, text
from khanij.present.document import Figure, Sentence

HEADING = "How far the programme is"
FULL = 0.9  # exposed part of use from which a mineral rests on others
SHOWN = 15  # bars of the figure
SHORT = {REACHED: "reached", ON_TRACK: "on track", BEHIND: "behind", PLEDGED: "pledged"}

TARGETS = (
    Column("programme", "Programme", "text"),
    Column("target", "Target", "text"),
    Column("goal", "Goal"),
    Column("due", "By", "text", "last day of the fiscal year that the target names"),
    Column("done", "Reached", meaning="low and high where what counts is open"),
    Column("seen", "As of", "text"),
    Column("pace", "Pace so far", meaning="a straight line a year since the count began"),
    Column("needed", "Pace needed", meaning="a straight line a year from the observation to the date"),
    Column("verdict", "On track", "mark", "yes or no only where it holds over the whole ranges"),
    Column("planned", "Planned next", "text"),
    Column("sure", "Confidence", "text"),
)
SUPPLY = (
    Column("mineral", "Mineral", "text"),
    Column("stage", "Form", "text"),
    Column("use", "Use, t", meaning="output and imports less exports; no stock changes"),
    Column("domestic", "Own ore, t", meaning="own output, no more than own mine output where mines are on record"),
    Column("equity", "Stakes abroad, t"),
    Column("offtake", "Contracts, t"),
    Column("recycled", "Scrap, t"),
    Column("stock", "Stock, t"),
    Column("exposed", "Exposed, t", meaning="use less the known parts: at most, unknown parts can only lower it"),
    Column("part", "of use"),
)
OUTLOOK = (
    Column("mineral", "Mineral", "text"),
    Column("stated", "Need stated, t", meaning="projection of the country itself"),
    Column("modelled", "Need modelled, t", meaning="technologies and, where known, other use"),
    Column("secured", "Own ore, t", meaning="as now; the high end adds announced mines and by-product plants"),
    Column("exposed", "Exposed, t", meaning="need less own ore; range over both needs"),
    Column("back", "Scrap, t", meaning="could be recovered from technologies retired that year; no plant is meant"),
)
LEADS = (
    Column("mineral", "Mineral", "text"),
    Column("stage", "Form", "text"),
    Column("leads", "Leads", "mark", "yes: advantage above 1 over its range, and it sells more than it buys"),
    Column("advantage", "Advantage", meaning="share of the good in the country's exports of minerals over the world's"),
    Column("part", "World exports", meaning="by value"),
    Column("economy", "over its economy", meaning="share of world exports over share of world output"),
    Column("net", "Net trade", meaning="exports less imports over both, by value"),
    Column("tonne", "Sells at, USD/t", meaning="value of a contained tonne; a mean, no price"),
    Column("above", "Next rung", "text"),
    Column("gain", "times the value", meaning="value of a contained tonne in world trade there over here"),
    Column("held", "share there", meaning="of world exports, by value"),
)


def programme(r: CountryProfile, goals: tuple[Target, ...]) -> tuple[Sentence, ...]:
    """Return how many targets are on track, which are behind, which are only pledged."""
    if not goals:
        return (Sentence(f"No programme with targets of {r.name} is on record in the store.", emphasis="Programme."),)
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
        f"Behind: {goal.measure}, {text.digits(goal.done.value)} of {text.digits(_aim(goal))} by {goal.observed}"
        f" ({goal.done.note}); {text.digits(goal.needed.value)} a year are needed.",
        goal.needed.sources,
    )


def _aim(goal: Target) -> float | None:
    """Return the goal, its low end where it says "more than"."""
    return goal.target.value if goal.target.value is not None else goal.target.low


def supplied(r: CountryProfile, now: tuple[Supply, ...], later: tuple[Outlook, ...]) -> tuple[Sentence, ...]:
    """Return how many minerals rest on others, and the largest known gaps to come."""
    last = {row.material: row for row in now}
    known = [row for row in last.values() if row.exposed.value is not None and row.use.value]
    full = [row for row in known if (secured.part(row).value or 0.0) >= FULL]
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
    gaps = [row for row in later if row.exposed.value]
    if gaps:
        told = text.joined((f"{mineral(g.material).lower()} {_ranged(g.exposed)}" for g in gaps), 6)
        by = tuple(dict.fromkeys(s for g in gaps for s in g.exposed.sources))
        said.append(Sentence(f"Need beyond own ore in {outlooks.HORIZON}, where it is known: {told}.", by))
    return tuple(said)


def _ranged(n: Number) -> str:
    """Return tonnes with their range."""
    span = text.span(n.low, n.high, "t")
    return f"{text.tonnes(n.value)} ({span} t)" if span else text.tonnes(n.value)


def advantage(r: CountryProfile, led: tuple[Lead, ...]) -> tuple[Sentence, ...]:
    """Return where the country leads, and what it leaves to others on the next rung."""
    ahead = [lead for lead in led if lead.verdict == ladder.LEADS]
    if not ahead:
        return (Sentence(f"{r.name} has no clear advantage in any listed mineral.", emphasis="Where to lead."),)
    said = []
    for k, lead in enumerate(ahead[:4]):
        span = text.span(lead.advantage.low, lead.advantage.high, "index") or text.index(lead.advantage.value)
        more = ""
        if lead.above and lead.gain.value and lead.gain.value > 1:
            share = lead.held.value
            tail = "" if share is None else f", of whose world exports it has {text.percent(share)}"
            more = (
                f"; as {form((lead.material, lead.above))} a contained tonne is worth"
                f" {text.digits(lead.gain.value, 2)} times as much{tail}"
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


def figure(r: CountryProfile, led: tuple[Lead, ...]) -> Figure | None:
    """Return bars of the advantage by mineral and stage, those that lead marked."""
    shown = [lead for lead in led if lead.advantage.value][:SHOWN]
    if not shown:
        return None
    rows = [
        (
            f"{mineral(x.material)}, {form((x.material, x.stage))}",
            x.advantage.value or 0.0,
            f"{text.index(x.advantage.value)}; {text.percent(x.part.value)} of world exports; {x.verdict}",
        )
        for x in shown
    ]
    marked = [row[0] for row, x in zip(rows, shown, strict=True) if x.verdict == ladder.LEADS]
    caption = (
        f"Revealed advantage of {r.name} in {r.year} among minerals traded under codes of their own, energy and gold"
        " left out. 1 = as much as its part in the world's exports of minerals; marked where it sells more than it buys"
        " and the whole range is above 1."
    )
    top = text.joined(f"{row[0]} {text.index(row[1])}" for row in rows[:3])
    drawn = figures.ranked(rows, "advantage (1 = the world's mean)", ".1f", marked)
    sources = tuple(dict.fromkeys(s for x in shown for s in x.advantage.sources))
    return Figure("advantage", drawn, caption, f"Bars of revealed advantage. Highest: {top}.", sources)


def _target(goal: Target) -> tuple[Cell, ...]:
    """Return the cells of a target; remarks stand with what is reached."""
    mark = Mark(goal.on_track, goal.verdict, goal.note, goal.target.sources, goal.target.how)
    due = goal.due.isoformat() if goal.due else "not set"
    aim = shown(goal.target, "more than")
    aim = aim if goal.target.confidence == "low" else replace(aim, note="")
    remark = "; ".join(dict.fromkeys(filter(None, (goal.done.note, goal.note))))
    done = replace(goal.done, note=remark, label="pledged" if goal.verdict == PLEDGED else "")
    pace, needed = (replace(n, note=n.note or "not known") if n.value is None else n for n in (goal.pace, goal.needed))
    told = (aim, due, done, goal.observed, pace, needed, mark, goal.planned, goal.confidence)
    return (goal.programme, goal.measure, *told)


def shown(n: Number, above: str = "at least") -> Number:
    """Return a number of which only ends are known as "at least" its low end, or "at most" its high one."""
    if n.value is not None or (n.low is None and n.high is None):
        return n
    if n.low or n.high is None:
        return replace(n, value=n.low, low=None, high=None, label=above)
    return replace(n, value=n.high, low=None, high=None, label="at most")


def _supply(row: Supply) -> tuple[Cell, ...]:
    """Return the cells of one mineral and stage."""
    name = form((row.material, row.stage)) if row.stage else "not known"
    parts = (row.use, row.domestic, row.equity, row.offtake, row.recycled, row.stock, row.exposed)
    return (mineral(row.material), name, *map(shown, parts), secured.part(row))


def _outlook(row: Outlook) -> tuple[Cell, ...]:
    """Return the cells of one mineral in the coming year."""
    parts = (row.stated, row.modelled, row.secured, row.exposed, row.recoverable)
    return (mineral(row.material), *map(shown, parts))


def _lead(lead: Lead) -> tuple[Cell, ...]:
    """Return the cells of one mineral and stage."""
    state = {ladder.LEADS: True, ladder.MAY: None}.get(lead.verdict, False)
    mark = Mark(state, lead.verdict, "", lead.advantage.sources, lead.advantage.how)
    above: Number | str = form((lead.material, lead.above)) if lead.above else ""
    return (
        *(mineral(lead.material), form((lead.material, lead.stage)), mark, lead.advantage, lead.part),
        *(lead.per_economy, lead.net, lead.tonne, above, lead.gain, lead.held),
    )
