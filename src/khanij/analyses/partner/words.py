"""What a partnership would be worth: as published, in named scenarios with and without, and the dependence it adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.partner import figures, run
from khanij.analyses.partner import tables as partner_tables
from khanij.analyses.partner.trade import BilateralTrade
from khanij.analyses.profile.readings import country_name, total
from khanij.core.errors import CoverageError, KhanijError
from khanij.core.number import Cell, Number, smaller
from khanij.core.table import Column, Table
from khanij.plan.measures import partnerships as partners
from khanij.plan.measures.partnership_value import value_partnership
from khanij.plan.measures.partnerships import Partnership
from khanij.present import names, text
from khanij.present.document import Chapter, Sentence
from khanij.reference import money
from khanij.reference import official_lists as official
from khanij.reference.money import Currency

YEARS, SEED = 1_000, 0
FEW = 4  # minerals of the scenarios where no instrument names one
LEAST = 0.01  # a rise that is worth a sentence
CONFIDENT = 1.96  # standard errors on either side of 95 %
KUSD = 1e3  # thousand in a million
GAINED = 0.05  # part of what is averted from which gains are told
HOLDS = 0.01  # part of use that is worth a row
WHO = "A partnership with"
WORTH = (
    Column("scenario", "Scenario", "text"),
    Column("minerals", "Minerals", "text"),
    Column("tonnes", "Tonnes a year", meaning="of all goods together, as published or assumed"),
    Column("without", "Loss without", meaning="expected yearly loss on the minerals that the scenario touches"),
    Column("with", "Loss with"),
    Column("averted", "Averted a year", meaning="the range is that of the volumes assumed"),
    Column("luck", "± by luck of years", meaning="95 % of the spread of the simulated years"),
    Column("tail", "Worst years, averted", meaning="fall of the mean loss of the worst 5 % of years"),
    Column("why", "By whose restrictions", "text", "losses averted, million USD a year, when these restrict"),
    Column("assumed", "Assumed", "text"),
)
ADDED = (
    Column("scenario", "Scenario", "text"),
    Column("good", "Good", "text"),
    Column("before", "Part of use before", meaning="made by the partner, re-exports traced back"),
    Column("after", "Part of use after"),
    Column("other_before", "Largest other before", "text"),
    Column("other_after", "Largest other after", "text"),
    Column("stop_before", "Its stop costs, before", meaning="no sale of the mineral at any stage for a year"),
    Column("stop_after", "Its stop costs, after"),
)


def candidates(focal: str, year: int, partner: str) -> tuple[str, ...]:
    """Return the listed minerals of which re-routed trade with a partner could cover most, by value."""
    listed = set(official.minerals(focal, year))
    trade = BilateralTrade(focal, year, partner)
    found: dict[str, float] = {}
    for code, sold in trade.exports.items():
        held = trade.materials(code)
        if len(held) == 1 and held[0] in listed and code in trade.imports:
            wanted = total(v for iso, (v, _) in trade.imports[code].items() if iso != partner)
            most = smaller(wanted, total(v for iso, (v, _) in sold.items() if iso != focal))
            found[held[0]] = found.get(held[0], 0.0) + (most.value or 0.0)
    ranked = sorted((-value, material) for material, value in found.items() if value > 0)
    return tuple(material for _, material in ranked[:FEW])


def prepared(focal: str, year: int, partner: str) -> tuple[Partnership, tuple[str, ...], bool]:
    """Return the pair, the minerals asked for besides those its instruments name, and whether they were chosen here.

    Where the country's own record names none, those that the partner's record names; where that names none either,
    candidates(). Raises CoverageError for a group, or where nothing can be valued.
    """
    if focal not in reference.countries():
        raise CoverageError("partnerships are those of a country, and this is a group", where="country")
    if partners.materials_named(partners.instruments(focal, partner)):
        return run.prepare(focal, partner, year, YEARS, SEED), (), False
    named = partners.materials_named(partners.instruments(partner, focal))
    asked = named or candidates(focal, year, partner)
    return run.prepare(focal, partner, year, YEARS, SEED, asked), asked, not named


def chapter(focal: str, year: int, partner: str) -> Chapter:
    """Return the chapter on what a partnership is worth; where that cannot be told, why."""
    heading = f"What a partnership with {country_name(partner)} would be worth"
    try:
        pair, asked, chosen = prepared(focal, year, partner)
    except KhanijError as lacking:
        said = Sentence(f"It could not be valued: {names.countries(lacking.what)}.", emphasis="Not known.")
        return Chapter("partnership", heading, ((said,),))
    unit = money.currency("USD")
    found = value_partnership(pair)
    worth, added = partner_tables.value(found, unit), partner_tables.dependence(found, unit)
    used = (*pair.base.case.cube("trade").sources, *pair.base.case.cube("production").sources)
    sources = tuple(dict.fromkeys(filter(None, (*used, *pair.base.economy.sources))))
    how = commands.line("partner", focal, partner, year=year, years=YEARS, material=",".join(asked))
    drawn = [figures.paired(worth, partner, sources), figures.dumbbell(added, partner, sources)]
    grids = (values(pair, worth, sources, how), dependence(pair, added, sources, how), missing(pair))
    return Chapter(
        "partnership",
        heading,
        (lead(pair, worth, added, sources, chosen),),
        tuple(figure for figure in drawn if figure),
        tuple(grid for grid in grids if grid.cells),
    )


def usd(million: float) -> str:
    """Return million US dollars in words."""
    return text.dollars(million * KUSD)


def _gains(row: Mapping[str, Any]) -> str:
    """Return which part of what a scenario averts is no loss averted; nothing where it is small."""
    part = row["of it gains"]
    return f"; {usd(part)} of it are gains while others go without" if part > GAINED * abs(row["averted"]) else ""


def lead(pair: Partnership, worth: Table, added: Table, sources: tuple[str, ...], chosen: bool) -> tuple[Sentence, ...]:
    """Return what to know first: as published, the best scenarios, the dependence, what is assumed.

    chosen  whether the minerals were chosen here, because no instrument names one
    """
    rows = [row for row in worth.rows() if row["scenario"] != figures.PUBLISHED]
    said = [published(pair, worth, sources)]
    if not rows:
        return (*said, Sentence("No scenario of it touches a mineral with a market model."))
    rows.sort(key=lambda row: -row["averted"])
    best, others = rows[0], [row for row in rows[1:] if row["averted"] > 0 and row["scenario"] != figures.BOTH]
    who = f"{WHO} {country_name(pair.partner)}"
    if best["averted"] > 0:
        touched = text.joined(name.lower() for name in map(names.mineral, _materials(pair, best)))
        more = "".join(f"; {figures.phrase(row)}: {usd(row['averted'])} ({_range(row)})" for row in others[:1])
        told = (
            f"would avert most by {figures.phrase(best)}: the expected loss on {touched} would fall from"
            f" {usd(best['loss without'])} to {usd(best['loss with'])} a year, by {usd(best['averted'])}"
            f" ({_range(best)} over the volumes, which are assumed){_gains(best)}{more}."
        )
        said.append(Sentence(told, sources, who))
    else:
        said.append(Sentence("would lower the expected loss in no scenario.", sources, who))
    said += dearer(pair, added, sources)
    if not pair.base.economy.known:
        said.append(Sentence(names.countries(f"{text.capital(pair.base.economy.notes[0])}."), (), "Counted in part."))
    if chosen:
        why = (
            f"No instrument names a mineral: these are those of which {country_name(pair.partner)} sells most that"
            f" {country_name(pair.base.focus)} buys elsewhere."
        )
        said.append(Sentence(why, (), "Chosen here."))
    return tuple(said)


def finding(chapter: Chapter) -> tuple[Sentence, ...]:
    """Return the sentence on what the partnership is worth, none where that is not known."""
    return tuple(s for s in chapter.lead[0] if s.emphasis.startswith(WHO))


def published(pair: Partnership, worth: Table, sources: tuple[str, ...]) -> Sentence:
    """Return what is signed and what that is worth as published."""
    focus, partner = pair.base.focus, pair.partner
    between = f"between {country_name(focus)} and {country_name(partner)}"
    found = pair.signed or partners.instruments(partner, focus)
    if not found:
        return Sentence(f"No instrument {between} is on record here.", emphasis="As published.")
    row = next((row for row in worth.rows() if row["scenario"] == figures.PUBLISHED), None)
    many = text.capital(text.count(len(found), "instrument"))
    if row is None or not row["averted"]:
        verb = "is" if len(found) == 1 else "are"
        told = f"{many} {between} {verb} on record, none with tonnes: nothing changes in what a disruption costs."
    else:
        told = f"{many} {between} avert {usd(row['averted'])} a year as published."
    return Sentence(told, sources, "As published.")


def dearer(pair: Partnership, added: Table, sources: tuple[str, ...]) -> list[Sentence]:
    """Return where the partner's share grows most and its stop gets dearer."""
    before, after = (f"stop of the partner costs, {when}" for when in ("before", "after"))
    grown = [
        row
        for row in added.rows()
        if row["share after"] > row["share before"] + figures.GROWN
        and row[before] is not None
        and row[after] is not None
        and row[after] > max(row[before], 0.0) * (1 + HOLDS) + HOLDS
    ]
    if not grown:
        return [Sentence("No scenario makes a stop of the partner dearer.", sources, "Dependence added.")]
    top = max(grown, key=lambda row: (row[after] - row[before], row["share after"]))
    return [
        Sentence(
            f"With {figures.phrase(top)} the part of {country_name(pair.partner)} in"
            f" {names.mineral(top['material']).lower()} ({names.form(top['material'], top['stage'])}) goes from"
            f" {text.percent(top['share before'])} to {text.percent(top['share after'])}; its stop for a year would"
            f" then cost {usd(top[after])} instead of {usd(top[before])}.",
            sources,
            "Dependence added.",
        )
    ]


def _plain(million: float) -> str:
    """Return million dollars without the currency, inside a range."""
    return usd(million).replace(f"USD{text.THIN}", "")


def _range(row: Mapping[str, Any]) -> str:
    """Return the range over the volumes assumed in words."""
    low, high = figures.ends(row)
    return f"{_plain(low)} to {_plain(high)}"


def _materials(pair: Partnership, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the materials of a scenario that are counted."""
    found = next(one.measure.materials for one in pair.scenarios if one.name == row["scenario"])
    return tuple(material for material in found if material in pair.base.batches)


def values(pair: Partnership, worth: Table, sources: tuple[str, ...], how: str) -> Table:
    """Return with and without, one row a scenario."""
    rows: list[tuple[Cell, ...]] = []
    for row in worth.rows():
        sure = row["confidence"]
        unit = worth.unit("averted")

        def number(value: float | None, unit: str = unit, sure: str = sure, **more: Any) -> Number:
            return Number(value, unit, sources, confidence=sure, how=how, **more)

        low, high = figures.ends(row)
        tonnes = number(row["tonnes"], "t")
        if row["scenario"] == figures.PUBLISHED:
            tonnes = Number(None, "t", note="no instrument publishes a volume")
        rows.append(
            (
                text.capital(figures.phrase(row)),
                names.minerals(_materials(pair, row)),
                tonnes,
                number(row["loss without"]),
                number(row["loss with"]),
                number(row["averted"], low=low, high=high),
                number(CONFIDENT * row["standard error"]),
                number(row["CVaR 95% falls by"]),
                names.countries(row["averts"].partition("): ")[2] or row["averts"]),
                names.countries(row["assumed"]),
            )
        )
    title = f"{country_name(pair.base.focus)} with {country_name(pair.partner)}: with and without"
    return Table("worth", title, WORTH, tuple(rows), (f"{YEARS:,} simulated years, seed {SEED}.", *_notes(worth)))


def _notes(table: Table) -> tuple[str, ...]:
    """Return the notes of a table as sentences."""
    return tuple(f"{text.capital(names.inside(names.countries(note))).rstrip('.')}." for note in table.notes)


def dependence(pair: Partnership, added: Table, sources: tuple[str, ...], how: str) -> Table:
    """Return the partner's part in use and what its stop costs, of goods where its part moves."""
    stops = tuple(f"stop of the partner costs, {when}" for when in ("before", "after"))
    rows: list[tuple[Cell, ...]] = []
    moved = [row for row in added.rows() if abs(row["share after"] - row["share before"]) > figures.GROWN]
    for row in sorted(moved, key=lambda row: row["share before"] - row["share after"]):
        shares = [Number(row[f"share {when}"], "1", sources, confidence="low", how=how) for when in ("before", "after")]
        costs = [
            Number(
                row[name],
                added.unit(name),
                sources,
                confidence="low",
                how=how,
                note="" if row[name] is not None else "the market of this stop was not solved",
            )
            for name in stops
        ]
        good = f"{names.mineral(row['material'])}, {names.form(row['material'], row['stage'])}"
        others = [names.countries(row[f"largest other {when}"]) for when in ("before", "after")]
        rows.append((text.capital(figures.phrase(row)), good, *shares, *others, *costs))
    notes = (*_notes(added), "Goods are left out where the part moves by less than half a point.")
    title = f"Dependence on {country_name(pair.partner)} that each scenario adds"
    return Table("added", title, ADDED, tuple(rows), notes)


def missing(pair: Partnership) -> Table:
    """Return the minerals that are not counted."""
    columns = (Column("mineral", "Mineral", "text"), Column("why", "Why it is not counted", "text"))
    rows = tuple((names.mineral(material), why) for material, why in sorted(pair.base.missing.items()))
    return Table("worth-missing", "Minerals of the partnership that are not counted", columns, rows)


def partner(pair: Partnership, tables: Mapping[str, Table], currency: Currency) -> list[str]:
    """Return what is to be said of a partnership."""
    unit, base = currency.name, pair.base
    between = f"between {country_name(base.focus)} and {country_name(pair.partner)}"
    said = [
        f"{len(pair.signed)} instruments {between} are on record; none names a tonne, so that none of them changes "
        "what a disruption costs."
        if pair.signed
        else f"No instrument {between} is on record here; the scenarios are assumed throughout."
    ]
    if not base.economy.known:
        said.append(f"{text.capital(base.economy.notes[0])}.")
    for table in tables.values():
        if "averted" in table.keys and "scenario" in table.keys:
            said += [_scenario(row, unit) for row in table.rows() if row["scenario"] != "as-published"]
        if "share after" in table.keys:
            said += _dependence(table, pair)
    return said


def _scenario(row: Mapping[str, object], unit: str) -> str:
    """Return one scenario as a sentence."""
    best, error = float(str(row["averted"])), float(str(row["standard error"]))
    ends = (best, float(str(row["at low volumes"])), float(str(row["at high volumes"])))
    low, high = min(ends), max(ends)
    verb = "averts" if best >= 0 else "adds"
    gain = " (below 0 its makers gain more than its users lose)" if float(str(row["loss without"])) < 0 else ""
    part = f" ({names.inside(str(row['by mineral']))})" if "," in str(row["by mineral"]) else ""
    gains = float(str(row["of it gains"]))
    earned = (
        f", of which {gains:,.3g} are gains in years in which others go without" if gains > 0.05 * abs(best) else ""
    )
    return (
        f"{text.capital(str(row['meaning']))}: expected loss goes from {row['loss without']:,.4g} to "
        f"{row['loss with']:,.4g} {unit} a year{gain}; the scenario {verb} {abs(best):,.3g}{part}{earned}. "
        f"95 % of years' luck: {best - CONFIDENT * error:,.3g} to {best + CONFIDENT * error:,.3g}; "
        f"over the range assumed: {low:,.3g} to {high:,.3g}. Assumed, confidence low: {row['assumed']}."
    )


def _dependence(table: Table, pair: Partnership) -> list[str]:
    """Return where the partner's share grows most and its stop gets dearer, and what it then costs."""
    before, after = (f"stop of the partner costs, {when}" for when in ("before", "after"))
    grown = [row for row in table.rows() if row["share after"] > row["share before"] + LEAST and row[after] is not None]
    grown = [row for row in grown if row[before] is not None and row[after] > max(row[before], 0.0) * (1 + LEAST)]
    grown.sort(key=lambda row: row["share before"] - row["share after"])
    most = {(row["material"], row["stage"]): row for row in reversed(grown)}
    grown = [row for row in grown if most[row["material"], row["stage"]] is row and row[after] > LEAST]
    unit, name = table.unit(after), country_name(pair.partner)
    return [
        f"Dependence added ({row['scenario']}): the part of {name} in the use of "
        f"{names.mineral(row['material']).lower()} ({names.form(row['material'], row['stage'])}) "
        f"goes from {row['share before']:.0%} to {row['share after']:.0%}; if it stopped selling for a year, as under "
        f"sanctions, the loss would be {row[after]:,.3g} instead of {row[before]:,.3g} {unit}."
        for row in grown[:4]
    ]
