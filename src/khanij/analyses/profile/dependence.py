"""Numbers of dependence: who supplies how much of what, what the loss of one supplier takes away, what is sold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from khanij import reference
from khanij.analyses.profile.forms import (
    GOODS,
    RAW,
    TRIFLE,
    goods,
    import_value,
    main_forms,
    main_stage,
    outlay,
    why_no_main,
)
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.core.number import Number
from khanij.present import text
from khanij.reference.industry.checked_rows import REST
from khanij.reference.industry.product_output import StageShare, stage_shares

HALF = 0.5
NOTEWORTHY = 0.2  # share from which a supplier that is not first is named
LARGE = "its source lists large flows alone: the share is of those, and a short list is no concentration"
HOPELESS = 0.6  # a share whose range is this wide says nothing


@dataclass(frozen=True, slots=True)
class FirstSupplier:
    """The country that sends most of one form, by value.

    share  of the imports of that form      whole  value of these imports
    """

    material: str
    stage: str
    country: str
    share: Number
    whole: Number

    @property
    def key(self) -> Key:
        """Return (material, stage)."""
        return self.material, self.stage

    @property
    def part(self) -> float:
        """Return the share as a plain number."""
        return self.share.value or 0.0


def first_supplier(profile: CountryProfile, key: Key) -> FirstSupplier | None:
    """Return the first supplier of a form by value, None where no imports of it are recorded."""
    parts = profile.import_values.get(key, {})
    top = largest(parts)
    if not top:
        return None
    whole = total(parts.values())
    return FirstSupplier(*key, top[0][0], share(top[0][1], whole), whole)


def first_suppliers(profile: CountryProfile, least: float = TRIFLE) -> tuple[FirstSupplier, ...]:
    """Return the first supplier of every listed mineral's main form and of the goods made of it, largest share first.

    least  kUSD; forms bought for less are left out
    """
    keys = (*main_forms(profile), *goods(profile))
    found = [supplier for key in keys if (supplier := first_supplier(profile, key))]
    kept = [supplier for supplier in found if (supplier.whole.value or 0.0) >= least]
    return tuple(sorted(kept, key=lambda supplier: (-supplier.part, supplier.key)))


def shares(profile: CountryProfile, key: Key, most: int = 300) -> tuple[Number, ...]:
    """Return the suppliers' shares of the value of one form, each labelled with the country's name, largest first."""
    parts = profile.import_values.get(key, {})
    whole, note = total(parts.values()), LARGE if profile.unlisted.get(key) else ""
    return tuple(replace(share(n, whole), label=country_name(iso), note=note) for iso, n in largest(parts, most))


def bill(profile: CountryProfile) -> Number:
    """Return what is spent abroad on listed minerals as ore, intermediates and metal."""
    return total(outlay(profile, material) for material in profile.listed)


def imports_by_country(profile: CountryProfile, made: bool = False) -> dict[str, Number]:
    """Return supplier -> value of imports of all listed minerals, ores to metal; goods made of them too if asked."""
    parts: dict[str, list[Number]] = {}
    for material in profile.listed:
        for stage in (*RAW, *GOODS) if made else RAW:
            for iso, number in profile.import_values.get((material, stage), {}).items():
                parts.setdefault(iso, []).append(number)
    return {iso: total(numbers) for iso, numbers in parts.items()}


def exports_by_country(profile: CountryProfile) -> dict[str, Number]:
    """Return buyer -> value of exports of all listed minerals, ores to metal."""
    parts: dict[str, list[Number]] = {}
    for material in profile.listed:
        for stage in RAW:
            for iso, number in profile.export_values.get((material, stage), {}).items():
                parts.setdefault(iso, []).append(number)
    return {iso: total(numbers) for iso, numbers in parts.items()}


def exports_by_mineral(profile: CountryProfile) -> dict[str, Number]:
    """Return listed mineral -> value of exports, ores to metal."""
    return {
        material: total(n for s in RAW for n in profile.export_values.get((material, s), {}).values())
        for material in profile.listed
    }


def roles(profile: CountryProfile) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return supplier -> minerals of which it is first, and supplier -> others of which it gives a fifth or more."""
    leads: dict[str, list[str]] = {}
    large: dict[str, list[str]] = {}
    for key in main_forms(profile):
        parts = profile.import_values[key]
        whole = total(parts.values())
        for k, (iso, number) in enumerate(largest(parts, 5)):
            if k == 0:
                leads.setdefault(iso, []).append(key[0])
            elif (share(number, whole).value or 0) >= NOTEWORTHY:
                large.setdefault(iso, []).append(key[0])
    return leads, large


def supplier_risk(profile: CountryProfile, key: Key) -> Number:
    """Return the concentration of imports weighted by weak governance, or why it is not known."""
    return profile.values("import-hhi-wgi").get(key, Number(None, "index", note=why_no_main(profile, key[0])))


def is_vague(number: Number) -> bool:
    """Return whether the range of a share is so wide that it says nothing."""
    return number.low is not None and number.high is not None and number.high - number.low >= HOPELESS


def reliance(profile: CountryProfile, material: str) -> Number:
    """Return net import reliance of a mineral's main form; where it cannot be computed, as it is published.

    A balance that leaves nearly everything open gives no number; one of a net exporter is said in words.
    """
    stage = main_stage(profile, material)
    lacking = "tonnage of its trade is not recorded" if stage else why_no_main(profile, material)
    computed = profile.values("import-reliance").get((material, stage or ""), Number(None, "1", note=lacking))
    published = [profile.published_reliance.get((material, s)) for s in (stage or "", *RAW[::-1], "")]
    stated = next((number for number in published if number), None)
    if computed.value is None or is_vague(computed):
        band = text.span(computed.low, computed.high, "1") if computed.value is not None else ""
        open_ = Number(None, "1", note=f"output and trade leave it open: {band}") if band else computed
        return stated or open_
    if computed.value <= 0:
        said = "sells more than it buys"
        return replace(computed, value=0.0, low=None, high=None, confidence="high", note=said, label="net exporter")
    return computed


def loss_of_first(profile: CountryProfile, key: Key) -> Number:
    """Return the share of supply that goes with the largest foreign supplier, in tonnes, or why it is not known."""
    return profile.values("n-1-loss").get(key, Number(None, "1", note="tonnage of its trade is not recorded"))


def world_leader(key: Key, newest: int) -> StageShare | None:
    """Return the largest known share of one country in the world's output of a form, the best source's, None if none.

    newest  last year that counts; forms within a stage are told apart by the sources, the largest share is taken
    """
    rank = {"read": 0, "second-hand": 1, "recalled": 2}
    rows = [
        row
        for row in stage_shares()
        if (row.material, row.stage) == key and row.measure == "output" and row.place != REST and row.year <= newest
    ]
    return min(rows, key=lambda row: (rank[row.kind], -row.year, -row.share.best, row.place), default=None)


def world_makers(key: Key, newest: int) -> tuple[StageShare, ...]:
    """Return the shares of world output of a form by country, of the best source that names several; none if none does.

    newest  last year that counts
    """
    rank = {"read": 0, "second-hand": 1, "recalled": 2}
    vectors: dict[tuple[object, ...], list[StageShare]] = {}
    for row in stage_shares():
        if (row.material, row.stage) == key and row.measure == "output" and row.place != REST and row.year <= newest:
            vectors.setdefault((row.form, row.year, row.period, row.source), []).append(row)
    several = [rows for rows in vectors.values() if len(rows) > 1]
    best = min(several, key=lambda rows: (rank[rows[0].kind], -rows[0].year, -len(rows)), default=[])
    return tuple(best)


def world_share(row: StageShare) -> Number:
    """Return a share of world output as a number with its range, labelled with the country's name."""
    when = row.period if row.period[-1:].isdigit() else f"{row.period} {row.year}"
    said = f"share of world output, {when}" + (f", {row.form}" if row.form not in ("", "all") else "")
    ids = tuple(row.source.split(";"))
    return Number(
        row.share.best, "1", ids, row.share.low, row.share.high, row.confidence, said, country_name(row.place)
    )


def own_part(profile: CountryProfile) -> list[tuple[Key, Number]]:
    """Return critical minerals of which the country itself gives a hundredth or more of the world's output."""
    critical = {row.material for row in reference.lists() if not row.list.endswith("-screened")}
    parts = []
    for key, output in profile.output.items():
        home = profile.own_output(key)
        if home and home.value and key[1] in RAW and key[0] in critical:
            part = share(home, profile.world.get(key) or total(output.values()))
            if (part.value or 0.0) >= 0.01:
                parts.append((key, part))
    return sorted(parts, key=lambda item: (-(item[1].value or 0.0), item[0]))


def weighty(profile: CountryProfile, method: str) -> dict[Key, Number]:
    """Return the known values of a method for listed minerals, ore to metal, of which enough is bought to matter."""
    return {
        (key[0], key[1]): n
        for key, n in profile.values(method).items()
        if n.value is not None
        and n.confidence != "low"
        and key[1] in RAW
        and key[0] in profile.listed
        and (import_value(profile, (key[0], key[1])).value or 0.0) >= TRIFLE
    }


def sources_of(numbers: Iterable[Number]) -> tuple[str, ...]:
    """Return the sources of numbers, each once, in order of their ids."""
    return tuple(sorted({source for number in numbers for source in number.sources}))
