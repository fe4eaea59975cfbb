"""What one country could hold back of each mineral, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from khanij.analyses.inputs import earlier as past_years
from khanij.analyses.profile import dependence
from khanij.analyses.profile.forms import (
    GOODS,
    RAW,
    TRIFLE,
    absent_form,
    caveat,
    goods,
    import_value,
    is_covered,
    main_forms,
    main_stage,
)
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.analyses.runner import find, run
from khanij.core.number import Number, graded
from khanij.reference.chronicle.controls import ControlInForce, acting, controls
from khanij.reference.industry.checked_rows import REST
from khanij.reference.industry.critical_inputs import CriticalInput, users_of
from khanij.reference.industry.product_output import StageShare, newest_output, stage_shares
from khanij.simulate.loss import industries

AGO = 10  # years between now and then
TRACE = {"at": "same", "bounded": 0, "unsourced": "net"}  # who made it, traced back through those who pass it on
HALF = 0.5
SLIGHT = 0.005  # width from which a range is told
PASSES = 0.1  # share of a form from which a sender that makes none of it is told
CLEAR = 0.1  # difference of shares from which the maker is told beside the sender
PASSED = "its sender is no known maker: whose goods they are is not recorded"


@dataclass(frozen=True, slots=True)
class CountryExposure:
    """One form of a mineral, or goods made of it, that a country buys abroad.

    country   who sends most of it by customs
    held      share of the imports that this country sends; low: none of it where it is no known maker; high: with all
              that others send who are no known makers
    maker     who made most of what is used at this stage, traced back, and its share; None where it could not be traced
    second    share of the next sender          spent   value of the imports
    before    share that `before_country` had as first sender AGO years before, None where that is not covered
    controls  those of `country` that are in force on these goods
    others    largest other makers in the world: shares of world output
    users     products that stop without it, those that the country is known to make first
    priced    whether the loss model has use data for it
    """

    material: str
    stage: str
    country: str
    held: Number
    maker: Number | None
    second: Number | None
    spent: Number
    before: Number | None
    controls: tuple[ControlInForce, ...]
    others: tuple[Number, ...]
    users: tuple[CriticalInput, ...]
    priced: bool

    @property
    def key(self) -> Key:
        """Return (material, stage)."""
        return self.material, self.stage

    @property
    def sure(self) -> float:
        """Return the share that this country can hold back at least."""
        low = self.held.value if self.held.low is None else self.held.low
        return low or 0.0

    @property
    def stopping(self) -> tuple[ControlInForce, ...]:
        """Return the controls that can stop a shipment."""
        return tuple(control for control in self.controls if control.stops)

    @property
    def is_trifle(self) -> bool:
        """Return whether less than a million dollars is bought."""
        return (self.spent.value or 0.0) < TRIFLE


@dataclass(frozen=True, slots=True)
class Unseen:
    """A listed mineral whose imports cannot be told: who makes most of it in the world, and what that country holds.

    covered  trade codes of its own have data, and no import is recorded under them: which is no measured zero
    """

    material: str
    key: Key | None
    leader: StageShare | None
    controls: tuple[ControlInForce, ...]
    priced: bool
    covered: bool

    @property
    def part(self) -> float:
        """Return the largest maker's share of world output, 0 where none is known."""
        return self.leader.share.best if self.leader else 0.0

    @property
    def stopping(self) -> bool:
        """Return whether that country has a control that can stop a shipment."""
        return any(control.stops for control in self.controls)


@dataclass(frozen=True, slots=True)
class ImportDependence:
    """A country's exposures, ranked; what cannot be seen; and every control that reaches it.

    exposures  those of which over half is surely one country's first, among them those that it can stop, then by value;
               what is bought for less than a million dollars stands last
    on         day on which controls were looked up
    then       year before with which shares are compared
    parts      (key, country) -> share of the imports, of every sender
    before     country -> its share in the imports of all these forms that both years cover, in the year `then`
    """

    exposures: tuple[CountryExposure, ...]
    unseen: tuple[Unseen, ...]
    controls: tuple[ControlInForce, ...]
    on: date
    then: int
    parts: Mapping[tuple[Key, str], Number]
    before: Mapping[str, Number]


def depend(profile: CountryProfile, on: date) -> ImportDependence:
    """Return on whom the profile's country depends; on  day on which controls are looked up."""
    keys = (*main_forms(profile), *goods(profile))
    reaching = controls(profile.members, on)
    then = profile.year - AGO
    past, made, priced = _past(profile, keys, then), _makers(profile), _priced(profile, keys)
    before = _first_then(past, then)
    found = []
    for key in keys:
        first = dependence.first_supplier(profile, key)
        assert first is not None
        acts = _acting(reaching, key, first.country, profile.year)
        found.append(
            CountryExposure(
                *key,
                first.country,
                _held(profile, key, first),
                made.get(key),
                next(iter(dependence.shares(profile, key, 2)[1:]), None),
                import_value(profile, key),
                before.get(key),
                tuple(control for control in acts if control.state == "in-force"),
                _others(profile, key, first.country),
                _users(profile, key),
                priced[key],
            )
        )
    parts = {
        (key, iso): share(n, total(profile.import_values[key].values()))
        for key in keys
        for iso, n in profile.import_values[key].items()
    }
    order = sorted(found, key=_rank)
    return ImportDependence(tuple(order), _unseen(profile, reaching), reaching, on, then, parts, _parts_then(past))


def _rank(row: CountryExposure) -> tuple[bool, bool, bool, float, Key]:
    """Return where an exposure stands: what is surely over half first, then what a control can stop, then by value."""
    return row.is_trifle, row.sure <= HALF, not row.stopping, -(row.spent.value or 0.0), row.key


def _place(profile: CountryProfile) -> str:
    """Return the place whose rows on users are wanted."""
    return "*" if profile.is_group else profile.focal


def _users(profile: CountryProfile, key: Key) -> tuple[CriticalInput, ...]:
    """Return the products that stop without a good: those that the country is known to make first, then by adoption."""
    place = _place(profile)
    rows = [row for row in users_of(*key, place) if row.without == "stops" and row.criticality == "critical"]
    made = {row.product: newest_output(row.product, place) is not None for row in rows}
    return tuple(sorted(rows, key=lambda row: (not made[row.product], -row.adoption.best, row.product)))


def _acting(reaching: Sequence[ControlInForce], key: Key, country: str, year: int) -> tuple[ControlInForce, ...]:
    """Return the controls of a country on these goods."""
    return tuple(c for c in reaching if c.acts_on(key) and country in acting(c, year))


def known_makers(profile: CountryProfile, key: Key) -> frozenset[str]:
    """Return the countries known to make a form: by shares of world output or recorded output of it, else of any form.

    Empty where nothing is known of who makes it.
    """
    told = {row.place for row in stage_shares() if (row.material, row.stage) == key and row.share.high > 0} - {REST}
    made = told | set(profile.output.get(key, {}))
    if not made:
        made = {iso for (material, _), parts in profile.output.items() if material == key[0] for iso in parts}
    return frozenset(made)


def _held(profile: CountryProfile, key: Key, first: dependence.FirstSupplier) -> Number:
    """Return the share that the first sender could hold back, with its range."""
    makers = known_makers(profile, key)
    if not makers:
        return first.share
    whole, parts = first.whole.value or 1.0, profile.import_values[key]
    passed = sum(n.value or 0.0 for iso, n in parts.items() if iso not in makers and iso != first.country) / whole
    high = min(1.0, first.part + passed)
    if first.country not in makers:
        return replace(first.share, low=0.0, high=high, confidence="low", note=PASSED)
    low = first.part * whole / (whole + profile.unlisted.get(key, 0.0))
    note = caveat(profile, key) if key[1] in GOODS else dependence.LARGE if first.part - low > SLIGHT else ""
    ends = (low, high) if high - low > SLIGHT else (None, None)
    level = "medium" if key[1] in GOODS or first.part - low > SLIGHT else "high"
    return graded(replace(first.share, low=ends[0], high=ends[1], note=note), level)


def _makers(profile: CountryProfile) -> dict[Key, Number]:
    """Return (material, stage) -> share of whoever made most of what is used there, labelled with the country.

    Only forms whose output some source lists: else what a country sells beyond its imports would count as made there.
    """
    if not all(quantity in profile.case.cubes for quantity in find("origin").needs):
        return {}
    result = run("origin", profile.case, **TRACE)
    profile.results["origin-makers"] = result
    tops: dict[Key, Number] = {}
    for row in result.table().rows():
        key = (row["material"], row["stage"])
        least = (tops[key].value or 0.0) if key in tops else dependence.NOTEWORTHY
        if key in profile.output and row["value"] and row["value"] > least:
            sources = tuple(part for part in (row["sources"] or "").split("; ") if part)
            name = country_name(row["partner"])
            note = "traced back through countries that pass it on: an estimate"
            tops[key] = Number(row["value"], "1", sources, confidence="medium", note=note, label=name)
    return tops


def _past(profile: CountryProfile, keys: Sequence[Key], then: int) -> dict[Key, dict[str, Number]]:
    """Return (material, stage) -> sender -> value of imports in an earlier year, of forms that it covers."""
    held = past_years.earlier(profile.case, (then,), sorted({material for material, _ in keys}))
    if held is None:
        return {}
    parts: dict[Key, dict[str, Number]] = {}
    sources = held.cube("trade_value").sources
    for (material, stage, iso), value in past_years.by_exporter(held).items():
        parts.setdefault((material, stage), {})[iso] = Number(value, "kUSD", sources)
    return {key: parts[key] for key in keys if key in parts and past_years.is_covered(held, key)}


def _first_then(past: Mapping[Key, Mapping[str, Number]], then: int) -> dict[Key, Number]:
    """Return (material, stage) -> share of the first sender of the earlier year, labelled with the country."""
    found = {}
    for key, parts in past.items():
        iso, most = largest(parts)[0]
        found[key] = replace(share(most, total(parts.values())), label=country_name(iso), note=f"in {then}")
    return found


def _parts_then(past: Mapping[Key, Mapping[str, Number]]) -> dict[str, Number]:
    """Return sender -> its share in the imports of the earlier year over all forms together."""
    sums: dict[str, list[Number]] = {}
    for parts in past.values():
        for iso, number in parts.items():
            sums.setdefault(iso, []).append(number)
    whole = total(number for listed in sums.values() for number in listed)
    return {iso: share(total(listed), whole) for iso, listed in sums.items()}


def _others(profile: CountryProfile, key: Key, country: str) -> tuple[Number, ...]:
    """Return the three largest makers of a form in the world but this one and the focus, with shares of output.

    By output of the year where it is recorded, else by the shares of the best source that gives some.
    """
    parts = profile.output.get(key, {})
    whole = profile.world.get(key) or total(parts.values())
    shown = {iso: replace(share(n, whole), label=country_name(iso)) for iso, n in parts.items()}
    if not shown:
        shown = {row.place: dependence.world_share(row) for row in dependence.world_makers(key, profile.year)}
    away = {iso: n for iso, n in shown.items() if iso != country and iso not in profile.members}
    return tuple(n for _, n in largest(away, 3))


def passing(profile: CountryProfile) -> tuple[tuple[Key, str, Number], ...]:
    """Return (form, sender, share) of senders of a tenth or more of a form who are no known makers of it, by value."""
    found = []
    for key, parts in profile.import_values.items():
        whole, makers = total(parts.values()), known_makers(profile, key)
        if key[0] not in profile.listed or key[1] not in RAW or not makers:
            continue
        for iso, number in parts.items():
            part = share(number, whole)
            if iso not in makers and (part.value or 0.0) >= PASSES and (number.value or 0.0) >= TRIFLE:
                found.append((number.value or 0.0, key, iso, part))
    return tuple((key, iso, part) for _, key, iso, part in sorted(found, key=lambda item: (-item[0], item[1])))


def _priced(profile: CountryProfile, keys: Sequence[Key]) -> dict[Key, bool]:
    """Return (material, stage) -> whether the loss model knows which industries use it, and so can price its loss."""
    economy = industries.economy(profile.case, profile.focal, str(profile.year))
    found = industries.uses(profile.case, economy, keys)
    return {key: bool(source) for key, source in zip(keys, found.sources, strict=True)}


def _unseen(profile: CountryProfile, reaching: Sequence[ControlInForce]) -> tuple[Unseen, ...]:
    """Return the listed minerals whose imports cannot be told, those with the largest maker in the world first."""
    found = []
    for material in profile.listed:
        if main_stage(profile, material) is not None:
            continue
        away = absent_form(profile, material)
        keys = [away] if away else [(material, stage) for stage in (*RAW, "component")]
        leaders = [(key, row) for key in keys if (row := dependence.world_leader(key, profile.year))]
        key, leader = max(leaders, key=lambda item: item[1].share.best, default=(away, None))
        forms = [(material, stage) for stage in (*RAW, *GOODS)]
        acts = tuple(
            control
            for control in reaching
            if leader is not None
            and control.state == "in-force"
            and leader.place in acting(control, profile.year)
            and any(control.acts_on(form) for form in forms)
        )
        covered = away is None and any(is_covered(profile, (material, stage)) for stage in RAW)
        priced = key is not None and _priced(profile, [key])[key]
        found.append(Unseen(material, key, leader, acts, priced, covered))
    return tuple(sorted(found, key=lambda row: (not row.stopping, -row.part, row.material)))
