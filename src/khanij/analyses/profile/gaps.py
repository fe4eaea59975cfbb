"""What is lacking: for each listed mineral and stage the figures that are not known, and why."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.profile.forms import RAW, absent_form, covered, form, label, main_stage, mineral, no_trade
from khanij.analyses.profile.readings import CountryProfile, Key, total
from khanij.core.number import Cell, Number
from khanij.core.table import Column, Table
from khanij.present import text
from khanij.present.document import Chapter, Sentence

COLUMNS = (
    Column("mineral", "Mineral", "text"),
    Column("stage", "Stage", "text"),
    Column("form", "Form", "text"),
    Column("output", "Output", "text"),
    Column("value", "Trade, value", "text"),
    Column("mass", "Trade, tonnes", "text"),
    Column("ceiling", "At most", meaning="imports of the shared codes in full: a ceiling of the mineral's own imports"),
)


def lacking(r: CountryProfile, key: Key) -> tuple[str, str, str]:
    """Return what is lacking on output, trade value and trade tonnes of one mineral and stage; "" where nothing is."""
    output = "" if key in r.output else "no source on world output of this stage"
    value = "" if covered(r, key) else no_trade(r, key)
    mass = (
        ""
        if key in r.tonnes_bought or key in r.tonnes_sold
        else ("no tonnes recorded" if not value else "as for value")
    )
    return output, value, mass


def ceiling(r: CountryProfile, key: Key) -> Number | None:
    """Return the value of imports under codes that the mineral shares, None where there are none."""
    if key in r.dedicated or key not in r.shared:
        return None
    parts = r.mixed.get(key)
    return total(parts.values()) if parts else None


def chapter(r: CountryProfile) -> Chapter:
    """Return the chapter on data gaps."""
    rows: list[tuple[Cell, ...]] = []
    asked = 0
    for material in r.listed:
        for stage in (s for s in RAW if (material, s) in reference.stage_names()):
            key = (material, stage)
            asked += 1
            gaps = lacking(r, key)
            if any(gaps):
                rows.append((mineral(material), stage, form(key), *(g or "known" for g in gaps), ceiling(r, key)))
    lead = Sentence(
        f"Of {asked} pairs of listed mineral and stage from mine to metal, {asked - len(rows)} are covered by output,"
        f" trade value and trade tonnes in {r.year}; for the other {len(rows)} something is lacking, as the table"
        " says."
    )
    more = Sentence(
        "A gap is a gap: nothing was filled by guesswork, and no missing figure counts as zero. Six-digit trade codes"
        " put many minor metals together; national codes of eight digits would tell them apart."
    )
    away = [key for m in r.listed if (key := absent_form(r, m))]
    main = Sentence(
        f"The form in which it is mostly traded is missing altogether for"
        f" {text.joined(f'{label(key).lower()} ({text.joined(r.own_codes[key], 4)})' for key in away)}."
    )
    note = "At most: the value of imports under the shared codes, all materials in them together."
    grid = Table("gaps", "Data gaps", COLUMNS, tuple(rows), (note,), long=True)
    return Chapter("gaps", "What is not known", ((lead, *([main] if away else []), more),), (), (grid,))


def silent(r: CountryProfile) -> tuple[str, ...]:
    """Return the listed minerals on which the country has neither recorded imports nor output, by name."""
    quiet = [
        m
        for m in r.listed
        if main_stage(r, m) is None and not absent_form(r, m) and not any(r.home((m, s)) for s in reference.STAGES)
    ]
    return tuple(text.capital(mineral(m)) for m in quiet)
