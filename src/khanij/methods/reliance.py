"""Balances of a focus at one stage: what it uses, what comes from abroad, what it makes itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Threshold, Variable, method
from khanij.kernels.indicators import reliance
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL

NEEDS = ("production", "trade", "membership")
OPTIONAL = ("trade_covered", "trade_massless")
USGS = "USGS, Mineral Commodity Summaries 2025, doi 10.3133/mcs2025"
NO_STOCKS = "apparent consumption without stock changes: no stock figures enter"
NO_CONSUMPTION = "apparent consumption not above 0: the records of output and trade do not fit"
Triple = tuple[Floats, Floats, Floats]
Equation = Callable[[Floats, Floats, Floats], Floats]


def read(case: Case) -> tuple[flows.OwnOutput, Triple, Triple, np.ndarray, MethodOutput]:
    """Return own output, imports and exports (best, low, high), where trade is covered, and the remarks all share."""
    own = flows.own_output(case)
    here = np.broadcast_to(flows.covered(case, "trade"), flows.shape(case))
    imports = flows.totals(case, flows.flows(case, "trade", "importer", bounded=True).foreign())
    exports = flows.totals(case, flows.flows(case, "trade", "exporter", bounded=True).foreign())
    none = here & (imports[0] == 0) & own.listed
    traded = here & ((imports[0] > 0) | (exports[0] > 0))
    remarks = {
        flows.WITHHELD: own.missing & traded,
        flows.PARTLY_WITHHELD: own.partial & traded,
        flows.NO_PRODUCTION: traded & ~own.listed,
        flows.NO_IMPORTS: none & ((own.best > 0) | (exports[0] > 0)),
    }
    more, details = flows.massless(case)
    return own, imports, exports, here, MethodOutput({}, {**remarks, **more}, details, (NO_STOCKS,))


def balanced(case: Case, name: str, equation: Equation, ratio: bool) -> MethodOutput:
    """Return one balance with its range and remarks; `ratio` = it has apparent consumption below the line."""
    own, imports, exports, here, said = read(case)
    lows, highs = reliance.bounds(equation, (own.low, own.high), imports, exports)
    value = np.where(here, equation(own.best, imports[0], exports[0]), np.nan)
    known = ~np.isnan(value)
    remarks = dict(said.remarks)
    if ratio:
        used = reliance.apparent_consumption(own.best, imports[0], exports[0])
        remarks[NO_CONSUMPTION] = here & (used <= 0) & ((imports[0] > 0) | (exports[0] > 0) | (own.best > 0))
    low, high = np.where(known, lows, np.nan), np.where(known, highs, np.nan)
    return MethodOutput({name: value}, remarks, said.details, said.notes, low={name: low}, high={name: high})


@method(
    "balance",
    kind="lookup",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(
        Variable("production", "t", CELL, (0.0, float("inf")), "own output of the stage"),
        Variable("imports", "t", CELL, (0.0, float("inf")), "imports, contained, trade inside the focus left out"),
        Variable("exports", "t", CELL, (0.0, float("inf")), "exports, contained, trade inside the focus left out"),
        Variable("apparent_consumption", "t", CELL, meaning="production + imports - exports"),
    ),
    reference=USGS,
    higher="neutral",
)
def balance(case: Case) -> MethodOutput:
    """Output, imports, exports and apparent consumption of a focus, stage by stage.

    A = P + I - E, all in tonnes of the material's basis a year; no stock changes

    Trade inside a group does not count. The range comes from the content factors of the trade codes and, for output,
    from what its source leaves unlisted.
    Returns production, imports, exports, apparent_consumption (material, stage, focus, year) t.
    Oracle: hand-made balance in tests/methods/test_reliance.py.
    """
    own, imports, exports, here, said = read(case)
    used = balanced(case, "apparent_consumption", reliance.apparent_consumption, ratio=False)
    trade = {"imports": imports, "exports": exports}
    values = {"production": own.best} | {k: np.where(here, v[0], np.nan) for k, v in trade.items()}
    low = {"production": own.low} | {k: np.where(here, v[1], np.nan) for k, v in trade.items()}
    high = {"production": own.high} | {k: np.where(here, v[2], np.nan) for k, v in trade.items()}
    return MethodOutput(
        {**values, **used.values}, said.remarks, said.details, said.notes, {**low, **used.low}, {**high, **used.high}
    )


@method(
    "apparent-consumption",
    kind="indicator",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(Variable("apparent_consumption", "t", CELL, meaning="production + imports - exports"),),
    reference=USGS,
    higher="neutral",
)
def apparent_consumption(case: Case) -> MethodOutput:
    """Apparent consumption of a focus at a stage, without stocks.

    A = P + I - E, tonnes of the material's basis a year

    Returns apparent_consumption (material, stage, focus, year) t; negative where output and trade do not fit; nan
    where output or trade is not covered. Low and high: see balance.
    Oracle: hand-made balance in tests/methods/test_reliance.py.
    """
    return balanced(case, "apparent_consumption", reliance.apparent_consumption, ratio=False)


@method(
    "import-reliance",
    kind="indicator",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(
        Variable("import_reliance", "1", CELL, (float("-inf"), 1.0), "part of apparent consumption met from abroad"),
    ),
    reference=USGS,
    threshold=Threshold(
        {"import_reliance": 0.5}, "half of consumption, as USGS, Mineral Commodity Summaries 2025 lists it"
    ),
    defaults=Defaults(assess=1, compare=10),
)
def import_reliance(case: Case) -> MethodOutput:
    """Net import reliance: the part of apparent consumption that comes from abroad.

    r = (I - E) / (P + I - E)

    Returns import_reliance (material, stage, focus, year) 1, at most 1; negative = net exporter; nan where apparent
    consumption is not above 0 or output or trade is not covered. Low and high: see balance.
    Oracle: identity r + self-sufficiency = 1 and hand-made balance in tests/methods/test_reliance.py.
    """
    return balanced(case, "import_reliance", reliance.import_reliance, ratio=True)


@method(
    "self-sufficiency",
    kind="indicator",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(Variable("self_sufficiency", "1", CELL, (0.0, float("inf")), "own output over apparent consumption"),),
    reference=USGS,
    higher="better",
)
def self_sufficiency(case: Case) -> MethodOutput:
    """Self-sufficiency: own output over apparent consumption.

    z = P / (P + I - E) = 1 - r

    Returns self_sufficiency (material, stage, focus, year) 1, at least 0; above 1 = net exporter; nan where apparent
    consumption is not above 0 or output or trade is not covered. Low and high: see balance.
    Oracle: identity with import-reliance and hand-made balance in tests/methods/test_reliance.py.
    """
    return balanced(case, "self_sufficiency", reliance.self_sufficiency, ratio=True)
