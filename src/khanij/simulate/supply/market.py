"""A year after a disruption once prices have cleared: the market engine on a Case, every country of a chain."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption, describe, several
from khanij.simulate.supply.networks import NODES, REST, Network, networks

AXES = ("material", "stage", "country", "year")
UNCLEARED = "the market has not cleared within the iterations allowed"
SELLERS = "output of this stage is on no record: home use of makers is left out"


@method(
    "market-shock",
    kind="disruption",
    needs=("production", "trade", "membership"),
    optional=("trade_value", "price", "companion_share"),
    variables=(
        Variable("shortage", "1", AXES, (0.0, 1.0), "part of base use that is not met"),
        Variable("price", "1", AXES, (0.0, float("inf")), "what users pay a tonne, base year = 1"),
        Variable("seller_price", "1", AXES, (0.0, float("inf")), "what makers get a tonne, base year = 1"),
        Variable("use_change", "t", AXES, meaning="change of use"),
        Variable("output_change", "t", AXES, meaning="change of output"),
        Variable("import_change", "t", AXES, meaning="change of imports"),
    ),
    reference="exact-hat algebra after Dekle, Eaton and Kortum 2008, doi 10.1057/imfsp.2008.17; additive CES after "
    "van der Mensbrugghe and Peters 2016, GTAP; elasticities: see docs/methods/elasticities.md",
    choices={"behaviour": ("fitted", "published")},
)
def market_shock(
    case: Case, ban: str = "", outage: str = "", tariff: str = "", behaviour: str = "fitted", nodes: int = NODES
) -> MethodOutput:
    """Shortage, prices and trade of every country in the year after bans, outages and tariffs, markets cleared.

    q[c, d] = Q[d] s p^-σ / Σ s p^-σ;  Q = Q0 (passed·Ŝ + (1 - passed) P^-ε) less stocks drawn;
    S = S0 min(b + (1 - b)(p/C)^η, capacity);  S[c] = Σ_d q[c, d], all stages together

    ban        exports cut: COUNTRY:material[:stage][>DESTINATION,...][=part][@months]; several with ";"
    outage     output cut, the same form
    tariff     duty on exports, the same form, the part being the rate
    behaviour  "fitted" to the fit events of the back-test, or "published" = the best of the published ranges
    nodes      countries named one by one, at most, besides foci and those affected; others are nan
    Every year of the Case is a base year of its own. Oracle: tests/kernels/test_chain.py, tests/simulate/.
    """
    if nodes < 2:
        raise StudyError(f"{nodes} countries make no market", where="market-shock.nodes", hint="2 or more")
    disruptions = several(ban, outage, tariff, where="market-shock.")
    wanted = tuple(dict.fromkeys(m for d in disruptions for m in d.materials))
    lacking = [m for m in wanted if m not in case.axis("material")]
    if lacking:
        raise CoverageError(f"the case holds no {lacking[0]}", where="market-shock", hint="add it to the materials")
    sizes = tuple(len(case.axis(name)) for name in AXES)
    measures = ("shortage", "price", "seller_price", "use_change", "output_change", "import_change")
    values = {name: np.full(sizes, np.nan) for name in measures}
    masks = {name: np.zeros(sizes, dtype=bool) for name in (UNCLEARED, SELLERS)}
    notes = [describe(disruptions)]
    for y, year in enumerate(case.axis("year").codes):
        named = {d.country for d in disruptions} | {code for d in disruptions for code in d.destinations}
        found = networks(case, wanted, year, nodes=nodes, named=named)
        for network in found:
            rule = (behaviours.fitted if behaviour == "fitted" else behaviours.published)(network, case)
            notes += [
                f"{network.material}, {year}: no trade by mass of {', '.join(d.stages)}, so nothing is cut"
                for d in disruptions
                if network.material in d.materials and not any(d.affects(network.material, s) for s in network.stages)
            ]
            _fill(case, network, [disruptions], rule, y, values, masks)
            notes += [f"{network.material}, {year}: {note}" for note in network.notes]
        absent = [m for m in wanted if m not in {n.material for n in found}]
        notes += [f"{m}, {year}: no trade by mass, so no market to disturb" for m in absent]
    return MethodOutput(values, masks, notes=tuple(notes))


def _fill(
    case: Case,
    network: Network,
    scenarios: list[list[Disruption]],
    rule: responses.Behaviour,
    y: int,
    values: dict[str, Floats],
    masks: dict[str, np.ndarray],
) -> None:
    """Write the outcome of one network into the measures."""
    outcome = responses.respond(network, scenarios, rule)
    here = [code for code in network.nodes if code != REST]
    at = [network.nodes.index(code) for code in here]
    m, countries = case.axis("material").at(network.material), case.axis("country").positions(here)
    abroad = ~np.eye(len(network.nodes), dtype=bool)
    for k, stage in enumerate(network.stages):
        s = case.axis("stage").at(stage)
        base, made = network.use[k], network.output[k]
        met = np.divide(outcome.use[0, k], base, out=np.full_like(base, np.nan), where=base > 0)
        cells = {
            "shortage": np.clip(1.0 - met, 0.0, 1.0),
            "price": outcome.average[0, k],
            "seller_price": np.where(made > 0, outcome.price[0, k], np.nan),
            "use_change": outcome.use[0, k] - base,
            "output_change": outcome.output[0, k] - outcome.unsold[0, k] - made,
            "import_change": ((outcome.trade[0, k] - network.flow[k]) * abroad).sum(axis=0),
        }
        for name, row in cells.items():
            values[name][m, s, countries, y] = row[at]
        masks[UNCLEARED][m, s, countries, y] = not outcome.converged[0]
        masks[SELLERS][m, s, countries, y] = not network.known[k]
