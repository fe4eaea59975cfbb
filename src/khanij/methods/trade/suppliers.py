"""Who supplies a focus, how concentrated that is, and what the loss of one supplier takes away."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Threshold, Variable, method
from khanij.kernels.indicators.suppliers import add, largest, squares
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL, MASSES

LINKS = ("material", "stage", "focus", "partner", "year")
GROUP_NOTE = "trade between members of a focus is left out"
LARGEST = "largest foreign supplier"
BY = {"by": ("mass", "value")}
NEEDS = ("trade", "membership")
OPTIONAL = ("trade_value", "trade_covered", "trade_value_covered", "trade_massless")


def imports(case: Case, by: str) -> tuple[flows.PartnerFlows, Floats, MethodOutput]:
    """Return foreign imports by cell and partner, their sum a cell (flat), and the remarks all share."""
    quantity = MASSES[by]
    links = flows.by_partner(case, flows.flows(case, quantity).foreign())
    links = links.pick(links.amount > 0)
    whole = add(links.group, links.amount, flows.cells(case))
    here = np.broadcast_to(flows.covered(case, quantity), flows.shape(case))
    none = whole.reshape(flows.shape(case)) == 0
    remarks, details = {flows.NO_IMPORTS: here & none}, {}
    if by == "mass":
        if "trade_value" in case.cubes:
            remarks[flows.NO_MASS_CODE] = none & ~here & flows.covered(case, "trade_value")
        more, details = flows.massless(case)
        remarks |= more
    return links, whole, MethodOutput({}, remarks, details, (GROUP_NOTE,))


@method(
    "import-hhi",
    kind="indicator",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(Variable("hhi", "1", CELL, (0.0, 1.0), "concentration of imports by partner, 1 = one supplier"),),
    reference="Hirschman 1964, The paternity of an index, American Economic Review 54(5), p. 761",
    choices=BY,
    threshold=Threshold({"hhi": 0.18}, "US Department of Justice and FTC, Merger Guidelines 2023 (above 1,800)"),
    defaults=Defaults(assess=2, compare=9, index=True, settings={"by": "value"}),
)
def import_hhi(case: Case, by: str = "mass") -> MethodOutput:
    """Concentration of a focus's imports by partner.

    H = Σ_i (q_i / Σ q)², q_i = imports from partner i

    by  "mass" = contained tonnes over codes of this material alone; "value" = thousand USD, shared codes included
    Trade inside a group is left out. No imports recorded is nan with a remark, never 0.
    Returns hhi (material, stage, focus, year) 1, in 0..1.
    Oracle: brute-force sum in tests/methods/test_suppliers.py; tests/golden/hhi.toml.
    """
    links, _, said = imports(case, by)
    value = squares(links.group, links.amount, flows.cells(case)).reshape(flows.shape(case))
    return MethodOutput({"hhi": value}, said.remarks, said.details, said.notes)


@method(
    "supplier-shares",
    kind="lookup",
    needs=NEEDS,
    optional=OPTIONAL,
    variables=(Variable("share", "1", LINKS, (0.0, 1.0), "share of a partner in the imports of a focus"),),
    reference="BACI: Gaulier and Zignago 2010, CEPII working paper 2010-23",
    higher="neutral",
    choices=BY,
    defaults=Defaults(settings={"by": "value"}),
)
def supplier_shares(case: Case, by: str = "mass") -> MethodOutput:
    """Share of each partner in a focus's imports.

    s_i = q_i / Σ q

    by  "mass" = contained tonnes over codes of this material alone; "value" = thousand USD, shared codes included
    Trade inside a group is left out; a cell without recorded imports has no entries, and the notes count such cells.
    Returns share (material, stage, focus, partner, year) 1, sparse, in 0..1, summing to 1 in each cell.
    Oracle: sum of 1 and hand-made flows in tests/methods/test_suppliers.py.
    """
    links, whole, said = imports(case, by)
    value = flows.sparse(case, links, links.amount / whole[links.group], "share")
    silent = int(said.remarks[flows.NO_IMPORTS].sum())
    note = f"{flows.NO_IMPORTS} in {silent} of the (material, stage, focus, year) for which trade data exist"
    return MethodOutput({"share": value}, notes=(*said.notes, note) if silent else said.notes)


@method(
    "n-1-loss",
    kind="indicator",
    needs=("production", "trade", "membership"),
    optional=("trade_covered", "trade_massless"),
    variables=(
        Variable("loss", "1", CELL, (0.0, 1.0), "share of supply lost if the largest foreign supplier stops"),
        Variable("exposure", "1", LINKS, (0.0, 1.0), "share of supply lost if this supplier stops"),
    ),
    reference="IEA 2025, Global Critical Minerals Outlook 2025 (N-1 test), applied to a country's own supply",
    threshold=Threshold({"loss": 0.65}, "Regulation (EU) 2024/1252, article 5 (65 % from one third country)"),
    defaults=Defaults(assess=3),
)
def n_1_loss(case: Case) -> MethodOutput:
    """Share of a focus's supply that is lost if one foreign supplier stops (N-1).

    L = max_i q_i / (P + Σ q), q_i = contained imports from partner i, P = own output, t/yr; nothing replaces the loss

    Returns loss (material, stage, focus, year) 1, in 0..1, with the supplier's code in its remark; exposure
    (material, stage, focus, partner, year) 1, sparse, for every supplier; nan where no imports are recorded, where own
    output is withheld, or where no source covers world output of the stage.
    Oracle: hand-made flows in tests/methods/test_suppliers.py; import-hhi's partners.
    """
    links, whole, said = imports(case, "mass")
    own = flows.own_output(case)
    supply = (own.best.ravel() + whole)[links.group]
    exposure = np.where(supply > 0, links.amount / np.where(supply > 0, supply, 1.0), np.nan)
    top, entry = largest(links.group, exposure, flows.cells(case))
    codes = np.array([*case.axis("country").codes, ""])
    name = codes[np.where(entry < 0, len(codes) - 1, links.partner[entry] if len(links.partner) else -1)]
    sizes = flows.shape(case)
    traded = whole.reshape(sizes) > 0
    remarks = {
        **said.remarks,
        LARGEST: traded & ~np.isnan(top.reshape(sizes)),
        flows.WITHHELD: traded & own.missing,
        flows.PARTLY_WITHHELD: traded & own.partial,
        flows.NO_PRODUCTION: traded & ~own.listed,
    }
    values = {"loss": top.reshape(sizes), "exposure": flows.sparse(case, links, exposure, "exposure")}
    return MethodOutput(values, remarks, {**said.details, LARGEST: name.reshape(sizes)}, said.notes)
