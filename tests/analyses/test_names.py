import pytest

from khanij.core.table import Table
from khanij.present import names


def test_codes_of_countries_become_names_and_other_capitals_stay():
    assert names.countries("averts (crore INR a year): JPN +5.16, COD +0.662") == (
        "averts (crore INR a year): Japan +5.16, Democratic Republic of the Congo +0.662"
    )
    assert names.countries("NCMM, R&D, USD, CVaR 95%") == "NCMM, R&D, USD, CVaR 95%"


def test_minerals_are_told_by_name():
    assert names.minerals("rare-earths, copper") == "Rare earths, copper"
    assert names.inside("copper +8.05, rare-earths -0.06") == "copper +8.05, rare earths -0.06"
    assert names.mineral("no-such") == "no-such"


def test_a_measure_has_its_mineral_and_a_stockpile_its_form():
    assert names.measure("magnet-plant", "Sintered NdFeB magnets, from oxide", ("rare-earths",)) == (
        "Rare earths: sintered NdFeB magnets, from oxide"
    )
    stock = names.measure("stock-first:phosphorus:refined", "Stockpile of 60 days", "phosphorus")
    assert stock == "Phosphorus (yellow phosphorus): stockpile of 60 days"
    assert names.measure("own", "NdFeB", ()) == "NdFeB"


def test_names_of_measures_are_found_where_tables_have_them():
    plan = Table.of("plan", [{"measure": "a:b", "minerals": "cobalt"}, {"measure": "a", "minerals": "tin"}])
    reasons = Table.of("why", [{"measure": "a:b", "name": "Second"}, {"measure": "a", "name": "First"}])
    known = names.measures([plan, reasons])
    assert known == {"a:b": "Cobalt: second", "a": "Tin: first"}
    assert names.told("dropped", "a:b, x and 2 more", known) == "Cobalt: second, x and 2 more"


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("material", "rare-earths", "Rare earths"),
        ("stage", "refined", "refined"),
        ("largest other before", "CHL 43%", "Chile 43%"),
        ("by mineral", "rare-earths +526", "rare earths +526"),
        ("because", "", ""),
    ],
)
def test_cells_of_tables_are_told(column, text, told):
    assert names.told(column, text, {}) == told
