"""Networks from national statements: mass, tracing, what is assumed where nothing is published."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core import case as core_case
from khanij.core.errors import CoverageError
from khanij.simulate.supply.reconciled import statements
from khanij.simulate.supply.reconciled.statements import StatedFigure, statement_networks

NAN = float("nan")
MAKERS = {"AAA": 80.0, "BBB": 10.0}  # AAA sells 30 abroad
SHARES = {"AAA": 0.25, "CCC": 0.5}  # of the imports of UUU; the rest is not named


def a_case(output=None, shares=None, use=20.0, imports=16.0, exports=4.0, reliance=NAN, assessed=None):
    axes = {
        "material": ("indium",),
        "stage": ("processed", "refined"),
        "country": ("AAA", "BBB", "CCC", "DDD", "UUU"),
        "partner": ("AAA", "BBB", "CCC", "DDD", "UUU"),
        "focus": ("UUU",),
        "year": ("2022",),
    }
    place = {code: k for k, code in enumerate(axes["country"])}
    made, share, world = np.zeros((1, 2, 5, 1)), np.full((1, 2, 5, 5, 1), NAN), np.full((1, 2, 5), NAN)
    for code, value in (MAKERS if output is None else output).items():
        made[0, 1, place[code]] = value
    for code, value in (SHARES if shares is None else shares).items():
        share[0, 1, place[code], place["UUU"]] = value
    for code, value in (assessed or {}).items():
        world[0, 1, place[code]] = value
    stated = {}
    for name, value in (("imports", imports), ("exports", exports), ("use", use)):
        stated[f"reported_{name}"] = np.full((1, 2, 5, 1), NAN)
        stated[f"reported_{name}"][0, 1, place["UUU"]] = value
    relied = np.full((1, 5, 1), NAN)
    relied[0, place["UUU"]] = reliance
    four = ("material", "stage", "country", "year")
    member = np.zeros((1, 5, 1))
    member[0, place["UUU"]] = 1.0
    return core_case.from_arrays(
        axes,
        production=("t", four, made),
        import_source_share=("1", ("material", "stage", "country", "partner", "year"), share),
        reported_reliance=("1", ("material", "country", "year"), relied),
        global_supply_share=("1", ("material", "stage", "country"), world),
        membership=("1", ("focus", "country", "year"), member),
        price=("USD/t", ("material", "year"), np.array([[500.0]])),
        **{name: ("t", four, values) for name, values in stated.items()},
    )


@pytest.fixture(autouse=True)
def published(monkeypatch):
    table = {"exports": {"AAA": StatedFigure(30.0, 30.0, 30.0, 2022)}, "output": {}, "recycled": {}}
    monkeypatch.setattr(statements, "figures", lambda quantity, material, year: table[quantity])
    return table


def only(case, **choices):
    (network,) = statement_networks(case, ["indium"], **choices)
    return network


def flow(network, seller, buyer):
    return network.flow[0, network.nodes.index(seller), network.nodes.index(buyer)]


@pytest.mark.parametrize("traced", ["mixed", "own", "recorded", "source"])
@pytest.mark.parametrize("reliance", [NAN, 1.0, 0.7])
@pytest.mark.parametrize("recycled", [0.0, 0.3])
def test_use_is_as_stated_and_every_tonne_has_a_maker(traced, reliance, recycled):
    network = only(a_case(reliance=reliance), traced=traced, recycled=recycled)
    assert (network.flow >= 0).all()
    user = network.nodes.index("UUU")
    assert network.use[0, user] == pytest.approx(20.0, rel=1e-9)
    assert network.flow.sum() == pytest.approx(network.output.sum(), rel=1e-12)
    assert flow(network, "AAA", "AAA") == pytest.approx(50.0, rel=1e-9)  # output less exports stays at home
    assert network.output[0, network.nodes.index("AAA")] == pytest.approx(80.0, rel=1e-9)


def test_a_supplier_that_makes_nothing_sells_what_the_market_holds():
    network = only(a_case(exports=0.0, use=16.0))
    assert network.output[0, network.nodes.index("CCC")] == 0
    bought = {code: flow(network, code, "UUU") for code in ("AAA", "BBB")}
    # market: 26 t of AAA (30 less 4 sold to UUU) and 10 t of BBB; UUU: 4 t of AAA, 12 t of the market
    assert bought["AAA"] == pytest.approx(4 + 12 * 26 / 36, rel=1e-9)
    assert bought["BBB"] == pytest.approx(12 * 10 / 36, rel=1e-9)


def test_recorded_sales_are_taken_for_own_output_only_when_asked_for():
    network = only(a_case(exports=0.0, use=16.0), traced="recorded")
    assert flow(network, "CCC", "UUU") == pytest.approx(8.0, rel=1e-9)


def test_all_from_the_exporting_makers_is_the_most_exposed():
    def part(traced):
        network = only(a_case(exports=0.0, use=16.0), traced=traced)
        return flow(network, "AAA", "UUU") / 16.0

    assert part("source") > part("mixed") > part("recorded")


def test_own_output_goes_first_where_asked_for():
    case = a_case(output={**MAKERS, "CCC": 5.0}, exports=0.0, use=16.0)
    assert flow(only(case, traced="own"), "CCC", "UUU") > flow(only(case), "CCC", "UUU")


def test_use_that_imports_do_not_explain_is_met_at_home_or_imported_by_the_stated_reliance():
    home = only(a_case(use=20.0, exports=0.0))
    assert home.output[0, home.nodes.index("UUU")] == pytest.approx(4.0)
    bought = only(a_case(use=20.0, exports=0.0, reliance=1.0))
    assert bought.output[0, bought.nodes.index("UUU")] == 0
    assert any("reliance" in note for note in bought.notes)
    closed = only(a_case(use=20.0, exports=0.0, reliance=1.0), closed=True)
    assert closed.output[0, closed.nodes.index("UUU")] == pytest.approx(4.0)


def test_scrap_is_the_stated_part_of_use_outside_the_exporting_makers():
    network = only(a_case(), recycled=0.25)
    outside = network.use[0].sum() - 50.0
    own = network.output[0, network.nodes.index("UUU")]
    assert network.output[0, network.nodes.index("rest")] == pytest.approx(0.25 * (outside - own), rel=1e-6)


def test_a_maker_that_the_source_does_not_list_has_its_share_of_an_assessment():
    network = only(a_case(assessed={"AAA": 0.8, "BBB": 0.1, "DDD": 0.05}))
    assert network.output[0, network.nodes.index("DDD")] == pytest.approx(90 * 0.05 / 0.9, rel=1e-9)


def test_a_maker_without_an_amount_makes_at_least_what_it_sells(published):
    published["output"] = {"CCC": StatedFigure(NAN, NAN, NAN, 2019)}
    network = only(a_case(exports=0.0, use=16.0))
    assert network.output[0, network.nodes.index("CCC")] == pytest.approx(8.0)


def test_no_statement_no_network():
    assert statement_networks(a_case(imports=NAN), ["indium"]) == []
    assert statement_networks(a_case(shares={}), ["indium"]) == []
    assert statement_networks(a_case(output={}), ["indium"]) == []


def test_no_network_where_what_makers_keep_is_not_published(published):
    published["exports"] = {}
    assert statement_networks(a_case(), ["indium"]) == []
    published["exports"] = {"BBB": StatedFigure(5.0, 5.0, 5.0, 2022)}  # 10 t of 90
    assert statement_networks(a_case(), ["indium"]) == []


def test_no_network_where_more_is_sold_than_was_made(published):
    published["exports"] = {"AAA": StatedFigure(1.0, 1.0, 1.0, 2022)}
    assert statement_networks(a_case(output={"AAA": 1.0}, use=200.0, imports=200.0, exports=0.0), ["indium"]) == []


def test_unknown_names_and_impossible_parts_are_refused():
    with pytest.raises(CoverageError, match="no year"):
        statement_networks(a_case(), ["indium"], "1066")
    with pytest.raises(CoverageError, match="unknown material"):
        statement_networks(a_case(), ["unobtainium"])
    with pytest.raises(ValueError, match="recycled"):
        statement_networks(a_case(), ["indium"], recycled=1.0)


def test_the_table_of_published_exports_is_sound(monkeypatch):
    monkeypatch.undo()
    found = statements.figures("exports", "gallium", 2023)
    assert all(figure.low <= figure.value <= figure.high for figure in found.values())
    assert statements.figures("exports", "gallium", 1990) == {}
    assert np.isnan(next(iter(statements.figures("output", "germanium", 2022).values())).value)
