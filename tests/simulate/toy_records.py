"""A hand-made world with a record of exports and a table of industries: all that a risk reads, and no store.

IND buys refined thallium, which industries are known to use, and refined mercury, of which nobody says who uses it.
Neither has a row in the table of critical inputs, which would name users of its own: here only the Case tells of them.
"""

from __future__ import annotations

import numpy as np

from khanij.core import case as cases
from khanij.core.axis import Axis
from khanij.core.cube import Cube

CODES = ("IND", "CHN", "IDN", "PER", "JPN", "USA")
GOODS = ("thallium", "mercury")
TABLE = "io"  # of economy_tables.csv: serves everybody whom it holds
INDUSTRIES = ("c2", "c12", "c14", "c15")
YEARS = 14  # on record
STAGES = ("mined", "processed", "refined", "scrap")
FLOW = ("material", "stage", "exporter", "importer", "year")


def flows(seed=1):
    """Return trade (goods, seller, buyer) t of refined metal in the base year; IND sells none."""
    rng = np.random.default_rng(seed)
    trade = rng.lognormal(4, 0.8, (len(GOODS), len(CODES), len(CODES)))
    for table in trade:
        np.fill_diagonal(table, 0.0)
        table[0] = table[4] = 0.0
    return trade


def world(seed=1, used=("thallium",), table=True):
    """Return the Case of IND in 2024.

    used  goods of which the industries that use them are known      table  a table of industries holds IND
    """
    trade, k = flows(seed), STAGES.index("refined")
    tonnes = np.full((len(GOODS), len(STAGES), len(CODES), len(CODES), 1), np.nan)
    tonnes[:, k, :, :, 0] = np.where(trade > 0, trade, np.nan)
    output = np.full((len(GOODS), len(STAGES), len(CODES), 1), np.nan)
    output[:, k, :, 0] = trade.sum(axis=2) * 1.5 + np.array([20.0, 0, 0, 0, 0, 0])
    share = np.full((len(GOODS), 2), np.nan)
    for good in used:
        share[GOODS.index(good)] = 0.7, 0.3
    axes = dict.fromkeys(("country", "exporter", "importer"), CODES)
    axes |= {"material": GOODS, "stage": STAGES, "focus": ("IND",), "year": ("2024",), "sector": ("C26", "C29")}
    axes |= {"region": ("IND",), "industry": INDUSTRIES, "supplier": INDUSTRIES, "origin": ("domestic", "imported")}
    belongs = np.array([[[float(code == "IND")] for code in CODES]])
    cubes = {
        "trade": ("t", FLOW, tonnes),
        "trade_value": ("kUSD", FLOW, tonnes * np.array([20.0, 2.0])[:, None, None, None, None]),
        "production": ("t", ("material", "stage", "country", "year"), output),
        "membership": ("1", ("focus", "country", "year"), belongs),
        "use_share": ("1", ("material", "sector"), share),
    }
    if table:
        cubes |= _industries()
        axes["table"] = (TABLE,)
    made = cases.from_arrays(axes, **cubes)
    return made.with_cubes("a record made by hand", **record(seed))


def _industries():
    """Return the cubes of a table of four industries, million USD."""
    flow = np.zeros((1, 1, 2, 4, 4))
    flow[0, 0, 0] = np.array([[0, 8, 0, 0], [0, 0, 9, 12], [0, 0, 6, 10], [0, 0, 0, 4]])
    flow[0, 0, 1] = flow[0, 0, 0] / 4
    made = np.array([[[60.0, 70.0, 90.0, 120.0]]])
    rows = ("table", "region", "industry")
    return {
        "economy_flow": ("MUSD", ("table", "region", "origin", "supplier", "industry"), flow),
        "economy_output": ("MUSD", rows, made),
        "economy_value_added": ("MUSD", rows, made - flow[:, :, :].sum(axis=(2, 3))),
        "economy_year": ("1", ("table",), [2022.0]),
    }


def record(seed=1):
    """Return the cubes of the record: yearly flows of each good's code, in which a seller now and then loses most."""
    rng = np.random.default_rng(seed)
    level = np.log(np.maximum(flows(seed), 1e-9))[..., None] + rng.normal(0, 0.15, (2, 6, 6, YEARS)).cumsum(axis=-1)
    lost = rng.random((2, 6, 1, YEARS)) < 0.2
    tonnes = np.exp(level) * np.where(lost, rng.uniform(0.0, 0.5, lost.shape), 1.0)
    at = np.stack(np.nonzero(tonnes > 1e-6))
    mass = tonnes[tuple(at)]
    history = Axis("history", tuple(str(2025 - YEARS + n) for n in range(YEARS)))
    code, exporter, importer = (
        Axis("code", ("HS:811251", "HS:280540")),
        Axis("exporter", CODES),
        Axis("importer", CODES),
    )
    country, material, stage = Axis("country", CODES), Axis("material", GOODS), Axis("stage", STAGES)
    dims = (code, exporter, importer, history)
    governance = np.tile(rng.normal(0, 1, (1, 6, 1)), (1, 1, YEARS))
    where = np.array([[0, 1], [0, 1], [2, 2]])
    return {
        "code_trade": Cube("code_trade", "t", dims, mass, at, sources=("user",)),
        "code_trade_recorded": Cube("code_trade_recorded", "t", dims, mass, at, sources=("user",)),
        "code_trade_value": Cube("code_trade_value", "kUSD", dims, mass * 5.0, at, sources=("user",)),
        "code_price": Cube("code_price", "USD/t", (code, history), np.full((2, YEARS), np.nan)),
        "code_companion": Cube("code_companion", "1", (code,), np.array([0.1, 0.2])),
        "territory_break": Cube("territory_break", "1", (country, history), np.zeros((6, YEARS))),
        "governance_history": Cube(
            "governance_history", "1", (Axis("dimension", ("va",)), country, history), governance
        ),
        "ideal_point_history": Cube("ideal_point_history", "1", (country, history), np.full((6, YEARS), np.nan)),
        "code_material": Cube("code_material", "1", (code, material, stage), np.ones(2), where),
    }
