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
