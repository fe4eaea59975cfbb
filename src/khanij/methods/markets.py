"""What markets and geology say of a material: prices that swing, output that grows, reserves that end, by-products."""

from __future__ import annotations

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats, Positions
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.indicators import trends
from khanij.kernels.indicators.screening import depletion_time as reach

CELL = ("material", "stage", "year")
MARKET = ("material", "year")
WINDOW = 5  # years
MONTHS = 12
SHORT = "years of output in the window with the source of its last year"
TOO_SHORT = f"fewer than {trends.LEAST} years of output from one source in the window"
ANNUAL = "no monthly prices: from yearly means, which swing less"
NO_PRICE = "no price series long enough in the window"
LOWER = "reserves known only as more than a figure: the time is at least this"
NO_RESERVES = "no figure on world reserves"
SERIES = ("production_series", "world_production")
HELBIG = "Helbig et al. 2021, Resources 10:79, doi 10.3390/resources10080079 (indicator in common use)"


def _publisher(cube: Cube) -> np.ndarray:
    """Return the publisher of every value as a number, editions of one source alike; 0 where there is no origin."""
    if cube.origin is None:
        return np.zeros(cube.values.shape)
    names = [source.partition("@")[0] for source in cube.sources]
    numbers = np.array([*(names.index(name) for name in names), -1], dtype=np.float64)
    return numbers[np.where(cube.origin < 0, -1, cube.origin)]


def windows(case: Case, quantity: str, axis: str, dims: tuple[str, ...], years: int) -> tuple[Floats, Floats]:
    """Return the values and the publishers of the trailing window of every year, (*dims, year, window).

    axis   the cube's own time axis: "history" or "year"
    """
    cube = case.cube(quantity)
    own = cube.axis(axis)
    ends: Positions = own.positions(case.axis("year").codes, missing=-1)
    wanted = (*(case.axis(dim) for dim in dims), own)
    values = cube.on(*wanted)
    publisher = Cube("publisher", "1", cube.axes, _publisher(cube)).on(*wanted)
    return trends.trailing(values, ends, years), trends.trailing(publisher, ends, years)


def output_window(case: Case, years: int) -> Floats:
    """Return world output in the trailing window of every year, (material, stage, year, window), nan of another source.

    Read from production_series if the Case has it, else from the years of the Case itself.
    """
    series = SERIES[0] in case.cubes
    if not series and SERIES[1] not in case.cubes:
        output = case.array("production", "material", "stage", "country", "year")
        known = ~np.isnan(output)
        world = np.where(known.any(axis=2), np.where(known, output, 0.0).sum(axis=2), np.nan)
        return trends.trailing(world, np.arange(world.shape[-1]), years)
    chosen, axis = (SERIES[0], "history") if series else (SERIES[1], "year")
    values, publisher = windows(case, chosen, axis, CELL[:2], years)
    return np.where(publisher == publisher[..., -1:], values, np.nan)


def growth(case: Case, years: int) -> tuple[Floats, MethodOutput]:
    """Return the yearly rate of growth of world output (material, stage, year), and what is to be said of it."""
    window = output_window(case, years)
    rate = trends.log_slope(window)
    count = (window > 0).sum(axis=-1)
    last = window[..., -1] > 0
    rate = np.where(last, rate, np.nan)
    short = last & np.isnan(rate)
    remarks = {SHORT: ~np.isnan(rate) & (count < years), TOO_SHORT: short}
    return rate, MethodOutput({}, remarks, {SHORT: count.astype(np.float64)})


def volatility(case: Case, years: int) -> tuple[Floats, np.ndarray]:
    """Return the yearly volatility of the price (material, year), and where it comes from yearly prices.

    Monthly changes are scaled to a year by √12; a month or year without a price gives no change.
    """
    shape = (len(case.axis("material")), len(case.axis("year")))
    monthly = np.full(shape, np.nan)
    if "price_monthly" in case.cubes:
        cube = case.cube("price_monthly")
        axis = cube.axis("month")
        changes = trends.log_changes(cube.on(case.axis("material"), axis))
        ends = axis.positions([f"{year}-12" for year in case.axis("year").codes], missing=-1)
        within = trends.trailing(changes, ends, MONTHS * years)
        monthly = trends.spread(within, least=MONTHS * min(years, trends.LEAST)) * np.sqrt(MONTHS)
    quantity, axis_name = ("price_series", "history") if "price_series" in case.cubes else ("price", "year")
    yearly = np.full(shape, np.nan)
    if quantity in case.cubes:
        window, publisher = windows(case, quantity, axis_name, MARKET[:1], years + 1)
        same = publisher == publisher[..., -1:]
        yearly = trends.spread(trends.log_changes(np.where(same, window, np.nan))[..., 1:])
    return np.where(np.isnan(monthly), yearly, monthly), np.isnan(monthly) & ~np.isnan(yearly)


@method(
    "production-growth",
    kind="indicator",
    needs=("production",),
    optional=SERIES,
    variables=(Variable("growth", "1/yr", CELL, meaning="continuous rate of growth of world output"),),
    reference="McCullough and Nassar 2017, doi 10.1007/s13563-017-0119-6 (production growth)",
    higher="neutral",
)
def production_growth(case: Case, window: int = WINDOW) -> MethodOutput:
    """Growth of world output: the slope of its logarithm over a trailing window.

    g = slope of ln W(t) against t, t = y - n + 1 … y;  W world output of a stage (t/yr)

    window  n, years, the year itself included
    Years whose figure comes from another publisher than the last year's are left out, because a change of publisher
    looks like growth; fewer than three years give no value. With g, output is multiplied by e^g each year.
    Returns growth (material, stage, year) 1/yr.
    Golden: tests/golden/production-growth.toml, with numpy.polyfit as oracle in tests/kernels/test_trends.py.
    """
    rate, said = growth(case, int(window))
    return MethodOutput({"growth": rate}, said.remarks, said.details)


@method(
    "price-volatility",
    kind="indicator",
    needs=(),
    optional=("price_monthly", "price_series", "price"),
    variables=(Variable("volatility", "1", MARKET, (0.0, float("inf")), "yearly spread of log price changes"),),
    reference="McCullough and Nassar 2017, doi 10.1007/s13563-017-0119-6 (market dynamics)",
)
def price_volatility(case: Case, window: int = WINDOW) -> MethodOutput:
    """Volatility of a material's price over a trailing window, on a yearly scale.

    v = sd(ln p_t - ln p_(t-1)) · √k,  k = 12 for monthly prices, 1 for yearly means

    window  years up to and with the year itself
    Monthly prices where three years of the window have them, else yearly means with at least three changes. Prices are
    nominal US dollars of one series a material; 0.3 means that two years in three move by less than about 30 %.
    Returns volatility (material, year) 1.
    Golden: tests/golden/price-volatility.toml, with numpy.std as oracle in tests/kernels/test_trends.py.
    """
    value, yearly = volatility(case, int(window))
    return MethodOutput({"volatility": value}, {ANNUAL: yearly, NO_PRICE: np.isnan(value)})


@method(
    "depletion-time",
    kind="indicator",
    needs=("world_production", "world_reserves"),
    variables=(Variable("depletion_time", "yr", MARKET, (0.0, float("inf")), "years that reserves last"),),
    reference=HELBIG,
    higher="better",
)
def depletion_time(case: Case) -> MethodOutput:
    """Depletion time: world reserves over world mine output of the year.

    t = R / P,  R world reserves, P mined output of the year, both in t of the material's basis

    Reserves are those of the newest edition and grow with prices and exploration: a small t says that more must be
    found soon, not that the material ends. A reserve given as "more than" is the low end, without a high end.
    Returns depletion_time (material, year) yr; nan without reserves or mined output.
    Golden: tests/golden/depletion-time.toml.
    """
    reserves, bound, mined = reserves_and_output(case)
    years = reach(reserves[:, None], mined)
    known = ~np.isnan(years)
    remarks = {LOWER: known & bound[:, None], NO_RESERVES: np.isnan(reserves)[:, None] & (mined > 0)}
    high = np.where(bound[:, None], np.nan, years)
    name = "depletion_time"
    return MethodOutput({name: years}, remarks, low={name: years}, high={name: high})


def reserves_and_output(case: Case) -> tuple[Floats, np.ndarray, Floats]:
    """Return world reserves (material,), where they are a lower bound, and world mined output (material, year)."""
    cube = case.cube("world_reserves")
    materials: Axis = case.axis("material")
    reserves = cube.on(materials)
    bound = np.zeros(len(materials), dtype=bool)
    if cube.high is not None:
        bound = ~np.isnan(reserves) & np.isnan(Cube("high", "t", cube.axes, cube.high).on(materials))
    world = case.array("world_production", *CELL)
    if "mined" not in case.axis("stage"):
        return reserves, bound, np.full((len(materials), world.shape[-1]), np.nan)
    return reserves, bound, world[:, case.axis("stage").at("mined")]


@method(
    "companionality",
    kind="lookup",
    needs=("companion_share",),
    variables=(Variable("companion_share", "1", CELL[:2], (0.0, 1.0), "part of output that is a by-product"),),
    reference="Nassar, Graedel and Harper 2015, Science Advances 1:e1400180, doi 10.1126/sciadv.1400180 (concept)",
)
def companionality(case: Case) -> MethodOutput:
    """Companionality: the part of a material's output that comes as a by-product of another.

    c = output as a by-product / all output

    A by-product's output follows the market of its host, so that a shortage does not call forth more of it.
    The figures are classes that one compilation gives after the paper, not the paper's own values.
    Returns companion_share c (material, stage) 1, in 0..1; nan where no class is given.
    Golden: tests/golden/companionality.toml.
    """
    return MethodOutput({"companion_share": case.array("companion_share", "material", "stage")})
