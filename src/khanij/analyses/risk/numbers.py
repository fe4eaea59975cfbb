"""The numbers behind a risk: what of it is priced, its years, and every stop of one seller by shortage and by loss."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from khanij.analyses.loss_cells import Unknown
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.simulate.loss.coverage import UnknownChannel
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.loss.losses import Exposure
from khanij.simulate.risk import assessment, sensitivity, single_stops
from khanij.simulate.risk.assessment import Contribution, LossSummary, ReturnLevel, Risk, SellerStop
from khanij.simulate.risk.band import Band, band
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.ranking import RankedGood, by_cost, stop_draws
from khanij.simulate.risk.seasons import NAMES, Season, seasons
from khanij.simulate.risk.sensitivity import AssumptionEffect
from khanij.simulate.risk.single_stops import SupplierStop
from khanij.simulate.supply.networks import Network

RANGED = 10  # stops by known loss whose range is drawn where no table of industries holds the focus
NO_TORNADO = (float("nan"),) * 3
WHOLE = 0.005  # shares of use within it are alike, and the larger spending goes first


@dataclass(frozen=True, slots=True)
class RankedStop:
    """A full stop of one seller's exports of one good, and its places; None where it has none.

    by_shortage  among all that leave the focus short, by part of use
    by_loss      among those that are priced in full and cost something
    """

    stop: SupplierStop
    by_shortage: int | None
    by_loss: int | None


@dataclass(frozen=True, slots=True)
class StopNumbers:
    """Every stop of one seller's exports of one good for a year (N-1), in numbers.

    economy  whose losses are told; None where no good of it has a market      stops  the first of either ranking first
    unknown  material -> channels that its loss lacks; only materials that lack any
    ranking  goods by the stop of their largest seller, the dearest first, with how sure that order is
    missing  material that was asked -> why nothing of it is told
    """

    focus: str
    year: int
    economy: Economy | None = None
    stops: tuple[RankedStop, ...] = ()
    unknown: Unknown = field(default_factory=dict)
    ranking: tuple[RankedGood, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Return what losses lack for want of an input-output table."""
        return () if self.economy is None or self.economy.known else self.economy.notes

    def lacks(self, good: RankedGood) -> Unknown:
        """Return material -> channels that the loss of a good's largest seller lacks."""
        key = (good.material, good.stage, good.seller)
        stop = next((one.stop for one in self.stops if _good_of(one.stop) == key), None)
        channels = self.unknown.get(good.material, ()) if stop is None else stop.unknown
        return {good.material: channels} if channels else {}


@dataclass(frozen=True, slots=True)
class UnpricedGood:
    """A good that the focus uses and of which a channel of the loss is not known; USD and t a year.

    spending  nan = no price is known      seller, share  the largest abroad, and its part of what is used; "" = none
    channels  what is not known of it
    """

    material: str
    stage: str
    use: float
    spending: float
    seller: str
    share: float
    channels: tuple[UnknownChannel, ...]


@dataclass(frozen=True, slots=True)
class RiskNumbers:
    """A risk in numbers.

    single    every stop of one seller and one good
    lacking   (seller, material) -> channels that the loss of its stop lacks
    years     the simulated years (see simulate.risk.assessment), losses in USD: of what is priced
    band      of the figures of the years; None where it was not asked for
    seasons   what the events of a year cost in their first twelve months and after; none for falls on record
    """

    base: Baseline
    single: StopNumbers
    lacking: Mapping[tuple[str, str], tuple[UnknownChannel, ...]]
    unpriced: tuple[UnpricedGood, ...]
    years: LossSummary
    curve: tuple[ReturnLevel, ...]
    materials: tuple[Contribution, ...]
    countries: tuple[Contribution, ...]
    kinds: tuple[Contribution, ...]
    sellers: tuple[SellerStop, ...]
    pairs: tuple[SellerStop, ...] = ()
    band: Band | None = None
    seasons: tuple[Season, ...] = ()
    tornado: tuple[AssumptionEffect, ...] = ()
    usual: tuple[float, float, float] = NO_TORNADO
    tornado_years: int = 0

    def lacks(self, stop: SellerStop) -> Unknown:
        """Return material -> channels that the loss of a seller's stop lacks."""
        found: dict[str, tuple[UnknownChannel, ...]] = {}
        for material in stop.losses:
            mine = [self.lacking.get((seller, material), ()) for seller in stop.sellers]
            if channels := tuple(dict.fromkeys(channel for listed in mine for channel in listed)):
                found[material] = channels
        return found

    def span(self, figure: str, level: float = 0.0) -> tuple[float | None, float | None]:
        """Return the band of a figure of the years, or that there is none."""
        return self.band.of(figure, level) if self.band is not None else (None, None)

    @property
    def unknown(self) -> Unknown:
        """Return material -> channels that its loss lacks; only materials that lack any."""
        return self.single.unknown

    @property
    def stops(self) -> tuple[RankedStop, ...]:
        """Return the stops of one seller and one good, the first of either ranking first."""
        return self.single.stops

    @property
    def ranking(self) -> tuple[RankedGood, ...]:
        """Return the goods by the stop of their largest seller, the dearest first, with how sure that order is."""
        return self.single.ranking

    @property
    def priced(self) -> tuple[str, ...]:
        """Return the materials whose loss lacks nothing."""
        return tuple(material for material in self.base.materials if material not in self.unknown)


def numbers(found: Risk, case: Case, draws: int = 0, flows: int = 0) -> RiskNumbers:
    """Return the numbers of a risk on the Case that its baseline stands on.

    draws  of behaviour and of users, for the order of goods; 0 = no order      flows  draws of flows that these take
    """
    base = found.base
    single, drawn = stop_numbers(base.model, case, base.focus, int(base.year), draws, base.seed, flows, base.batches)
    alike = [one for one in found.others if one.structure not in NAMES]
    years, curve = assessment.summary(found), assessment.return_levels(found)
    levels = dict.fromkeys((*(tail.level for tail in years.tails), *(1.0 - 1.0 / at.period for at in curve)))
    return RiskNumbers(
        base=base,
        single=single,
        lacking=_lacking(single.stops),
        unpriced=_unpriced(base, single.unknown),
        years=years,
        curve=curve,
        materials=assessment.by_material(found),
        countries=assessment.by_country(found),
        kinds=assessment.by_kind(found),
        sellers=assessment.single_sellers(found),
        pairs=assessment.pairs_of_sellers(found),
        band=band(base, alike, {key[:2]: lost for key, lost in drawn.items()}, tuple(levels)) if drawn else None,
        seasons=seasons(base, found.others),
        tornado=sensitivity.effects(found.swings),
        usual=sensitivity.estimates(found.usual) if found.usual is not None else NO_TORNADO,
        tornado_years=len(found.usual.total) if found.usual is not None else 0,
    )


def stop_numbers(
    model: LossModel,
    case: Case,
    focus: str,
    year: int,
    draws: int = 0,
    seed: int = 0,
    flows: int = 0,
    materials: Collection[str] | None = None,
) -> tuple[StopNumbers, dict[tuple[str, str, str], Floats]]:
    """Return the ranked stops on the networks of a loss model, and the draws behind their order; see stop_draws().

    draws, seed, flows  of behaviour and users, 0 = no order      materials  those that count; None = all of the model
    """
    if not model.networks:
        return StopNumbers(focus, year), {}
    counts = set(model.networks if materials is None else materials)
    found = single_stops.of_model(case, model)
    unknown = single_stops.unknown_by_material(model, found)
    economy = next(iter(model.exposures.values())).economy
    if not economy.known:
        dearest = [stop for stop in found if stop.solved][:RANGED]
        ranged = {id(stop): one for stop, one in zip(dearest, single_stops.ranged(dearest, model), strict=True)}
        found = [ranged.get(id(stop), stop) for stop in found]
    drawn = stop_draws(model, case, draws, seed, flows) if draws else {}
    told = StopNumbers(
        focus=focus,
        year=year,
        economy=economy,
        stops=ranked([stop for stop in found if stop.material in counts]),
        unknown={m: channels for m, channels in unknown.items() if channels and m in counts},
        ranking=by_cost(drawn),
    )
    return told, drawn


def _good_of(stop: SupplierStop) -> tuple[str, str, str]:
    """Return which good of whom stops."""
    return stop.material, stop.stage, stop.country


def _lacking(rows: tuple[RankedStop, ...]) -> dict[tuple[str, str], tuple[UnknownChannel, ...]]:
    """Return (seller, material) -> channels that the loss of a stop of all its goods of the material lacks."""
    found: dict[tuple[str, str], dict[UnknownChannel, None]] = {}
    for row in rows:
        found.setdefault((row.stop.country, row.stop.material), {}).update(dict.fromkeys(row.stop.unknown))
    return {key: tuple(channels) for key, channels in found.items()}


def ranked(found: list[SupplierStop]) -> tuple[RankedStop, ...]:
    """Return stops with their places by shortage and by loss, the first of either first.

    A stop that is not priced in full has no place by loss: its loss is not known, which is not small.
    """
    short = [stop for stop in found if stop.solved and stop.shortage > 0]
    short.sort(key=lambda s: (-round(s.shortage / WHOLE), -np.nan_to_num(s.spending), s.material, s.stage, s.country))
    dear = [stop for stop in found if stop.solved and not stop.unknown and stop.loss > 0]
    dear.sort(key=lambda s: (-s.loss, s.material, s.stage, s.country))
    by_shortage = {id(stop): place for place, stop in enumerate(short, 1)}
    by_loss = {id(stop): place for place, stop in enumerate(dear, 1)}
    rows = [RankedStop(stop, by_shortage.get(id(stop)), by_loss.get(id(stop))) for stop in found]
    last = len(rows) + 1
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                min(row.by_shortage or last, row.by_loss or last),
                row.by_shortage or last,
                row.stop.material,
                row.stop.stage,
                row.stop.country,
            ),
        )
    )


def _unpriced(base: Baseline, unknown: Unknown) -> tuple[UnpricedGood, ...]:
    """Return the goods that are used and of which a channel is not known, in the order of materials and stages."""
    rows = []
    for material in sorted(unknown):
        network, exposure = base.networks[material], base.model.exposures[material]
        for k, stage in enumerate(network.stages):
            channels = tuple(channel for channel in unknown[material] if channel.stage == stage)
            if channels and network.consumption(stage) > 0:
                rows.append(_good(network, exposure, k, channels))
    return tuple(rows)


def _good(network: Network, exposure: Exposure, k: int, channels: tuple[UnknownChannel, ...]) -> UnpricedGood:
    """Return one good that is not priced."""
    stage = network.stages[k]
    seller = next(iter(network.sellers(stage)), "")
    return UnpricedGood(
        material=network.material,
        stage=stage,
        use=network.consumption(stage),
        spending=float(exposure.spending[k] + exposure.feed[k]),
        seller=seller,
        share=network.share(seller, stage) if seller else 0.0,
        channels=channels,
    )
