"""What of a country's need is secured, mineral by mineral: own ore, stakes abroad, contracts, scrap, stocks, rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from khanij import reference
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard.targets import IN_HAND
from khanij.core.number import RANKS, Key, Number, graded, share
from khanij.reference import agreements

RAW = ("mined", "processed", "refined")
BINDING = ("contract", "allotment")
NO_USE = "use not known: trade or own output of no stage is covered"
NO_OUTPUT = "no source on own output"
MORE_OUT = "sells more than it makes and buys by the records: no use can be told"
LEAST = "own output of the stage not known: net imports, so at least this"
BELOW = "told at the last stage"
NO_PROJECT = "no stake abroad on record"
NO_CONTRACT = "no binding agreement on purchases on record"
NO_SCRAP = "no output from scrap on record"
NO_STOCK = "no stock on record"
ORE = "own output limited to own mine output: what is made of imported ore is not secured"


@dataclass(frozen=True, slots=True)
class Supply:
    """One mineral at one stage in the latest year, contained tonnes; unknown parts carry their reason.

    stage     stage at which use is reckoned, "" where it is not known
    exposed   use less every known secured part: at most, since unknown parts can only lower it
    """

    material: str
    stage: str
    use: Number
    domestic: Number
    equity: Number
    offtake: Number
    recycled: Number
    stock: Number
    exposed: Number


def unknown(note: str) -> Number:
    """Return tonnes that are not known, with the reason."""
    return Number(None, "t", note=note)


def is_known(n: Number) -> bool:
    """Tell whether a value or at least one end of it is known."""
    return n.value is not None or n.low is not None or n.high is not None


def lower(n: Number) -> float:
    """Return the low end, the value where there is none, 0 where nothing is known."""
    return next((end for end in (n.low, n.value) if end is not None), 0.0)


def upper(n: Number) -> float:
    """Return the high end, the value where there is none, 0 where nothing is known."""
    return next((end for end in (n.high, n.value) if end is not None), 0.0)


def weakest(*numbers: Number) -> str:
    """Return the weakest confidence of several numbers."""
    return max((n.confidence for n in numbers), key=RANKS.__getitem__)


def join_sources(*numbers: Number) -> tuple[str, ...]:
    """Return the sources of several numbers, each once."""
    return tuple(dict.fromkeys(s for n in numbers for s in n.sources))


def supply(profile: CountryProfile) -> tuple[Supply, ...]:
    """Return secured supply of every listed mineral: a row a stage with a use, one with the reason where there is none.

    The year is that of the readings. Stakes, agreements, scrap and stocks are not told by stage: they stand in the
    last row of a mineral.
    """
    return tuple(row for material in profile.listed for row in _supplies(profile, material))


def _supplies(profile: CountryProfile, material: str) -> list[Supply]:
    """Return the rows of one mineral."""
    uses = {stage: use(profile, (material, stage)) for stage in RAW}
    known = [stage for stage, n in uses.items() if is_known(n)]
    shared = (
        equity(profile.focal, material),
        offtake(profile.focal, material),
        recycled(profile, material),
        stock(profile, material),
    )
    if not known:
        outputs = profile.values("balance", "production")
        last = [s for s in RAW if (n := outputs.get((material, s))) and n.value is not None]
        own = domestic(profile, (material, last[-1])) if last else unknown(NO_OUTPUT)
        nothing = unknown(_why(material, uses))
        return [Supply(material, "", nothing, own, *shared, nothing)]
    rows = []
    for stage in known:
        own = capped(domestic(profile, (material, stage)), uses[stage])
        equal, bought, back, held = shared if stage == known[-1] else (unknown(BELOW),) * 4
        parts = (own, equal, bought, back, held)
        rows.append(Supply(material, stage, uses[stage], *parts, rest(uses[stage], parts)))
    return rows


def use(profile: CountryProfile, key: Key) -> Number:
    """Return apparent consumption at a stage; where own output is not known, at least the net imports."""
    found = profile.values("balance", "apparent_consumption").get(key)
    if found is not None and found.value is not None:
        low = None if found.low is None else max(found.low, 0.0)
        return replace(found, low=low) if found.value > 0 else unknown(MORE_OUT)
    bought, sold = (profile.values("balance", name).get(key) for name in ("imports", "exports"))
    if bought is None or not bought.value:
        return unknown(found.note if found and found.note else NO_USE)
    net = lower(bought) - (upper(sold) if sold else 0.0)
    if net <= 0:
        return unknown(MORE_OUT)
    return Number(None, "t", bought.sources, low=net, confidence="medium", note=LEAST, how=bought.how)


def capped(own: Number, used: Number) -> Number:
    """Return own output, no more than the use where that is known."""
    if used.value is None:
        return own
    ends = [None if end is None else min(end, used.value) for end in (own.value, own.low, own.high)]
    return replace(own, value=ends[0], low=ends[1], high=ends[2])


def _why(material: str, uses: Mapping[str, Number]) -> str:
    """Return why the use of a material is not known at any stage."""
    if material not in {code.material for code in reference.hs_codes() if not code.shared}:
        return "no trade code for it alone"
    reasons = [n.note for n in uses.values() if n.note and n.note != NO_USE]
    return reasons[-1] if reasons else NO_USE


def domestic(profile: CountryProfile, key: Key) -> Number:
    """Return own output of a stage that rests on own ore: no more than own mine output where mines are on record."""
    outputs = profile.values("balance", "production")
    made, dug = outputs.get(key), outputs.get((key[0], "mined"))
    mines = key[1] != "mined" and (key[0], "mined") in profile.world
    dig = dug.value if dug else None
    if made is None or made.value is None:
        if mines and dug and dig is not None:
            most = dug.high or dig
            ends = (0.0, most) if most > 0 else (None, None)
            return Number(None if most > 0 else 0.0, "t", dug.sources, ends[0], ends[1], "medium", ORE)
        return unknown(made.note if made and made.note else NO_OUTPUT)
    if not mines:
        return replace(made, note="")
    if dug is None or dig is None:
        return replace(made, value=None, low=0.0, high=made.value, note="own mine output withheld or not known")
    return replace(made, note="") if dig >= made.value else replace(dug, sources=join_sources(dug, made), note=ORE)


def equity(focal: str, material: str) -> Number:
    """Return tonnes from stakes abroad: unknown while no project states volume and stake; the note names projects."""
    named = [p for p in agreements.projects(focal, material=material) if p.country != focal and p.status in IN_HAND]
    said = "; ".join(f"{p.name} ({p.kind})" for p in named)
    return unknown(f"{said}: volume and stake not published" if named else NO_PROJECT)


def offtake(focal: str, material: str) -> Number:
    """Return tonnes under binding agreements on purchases: unknown while none states a volume; the note names them."""
    named = [
        a.instrument
        for a in agreements.agreements(focal, material=material)
        if "offtake" in a.scopes and a.strength in BINDING and material in a.materials
    ]
    return unknown(f"{'; '.join(named)}: no volume published" if named else NO_CONTRACT)


def recycled(profile: CountryProfile, material: str) -> Number:
    """Return own output from scrap where a source gives it."""
    return profile.own_output((material, "scrap")) or unknown(NO_SCRAP)


def stock(profile: CountryProfile, material: str) -> Number:
    """Return stocks of the country at the end of the year, else what is planned, in words."""
    if "reported_stock" in profile.case.cubes:
        held = profile.case.array("reported_stock", "material", "stage", "country", "year")
        rows = [profile.case.axis("country").at(iso) for iso in profile.members]
        amounts = held[profile.case.axis("material").at(material)][:, rows, 0]
        if (amounts > 0).any():
            sources = profile.case.cube("reported_stock").sources
            return Number(float(amounts[amounts > 0].sum()), "t", sources, confidence="medium")
    for row in reference.rows("stock_days"):
        if row["place"] == profile.focal and row["material"] == material and row["kind"] == "planned":
            return unknown(f"{row['best']} days of use planned, not held")
    return unknown(NO_STOCK)


def rest(used: Number, parts: tuple[Number, ...]) -> Number:
    """Return use less the known parts, at most; a use that is known only from below leaves a rest from below."""
    own = parts[0]
    if not is_known(used) or not is_known(own):
        return unknown(used.note or own.note)
    held = [n for n in parts if is_known(n)]
    low = max(lower(used) - sum(map(upper, held)), 0.0)
    sources, level = join_sources(used, *held), weakest(used, *held)
    if used.value is None:
        return Number(None, "t", sources, low=low, confidence=level, note=used.note)
    high = max(upper(used) - sum(map(lower, held)), 0.0)
    if own.value is None:
        return Number(None, "t", sources, low, high, "low", own.note)
    value = max(used.value - sum(n.value or 0.0 for n in held), 0.0)
    return spread(value, low, high, sources, level)


def spread(value: float, low: float, high: float, sources: tuple[str, ...], level: str) -> Number:
    """Return tonnes with a range, which is left out where it has no width."""
    ends = (low, high) if low < high else (None, None)
    return graded(Number(value, "t", sources, ends[0], ends[1], level))


def exposed_share(row: Supply) -> Number:
    """Return the exposed part of use, no more than all of it."""
    found = share(row.exposed, row.use)
    low, high = (None if end is None else min(end, 1.0) for end in (found.low, found.high))
    return replace(found, low=low, high=high)
