"""Process chains for faces: every figure with confidence and source, gaps named."""

from khanij.analyses.process import tables as processes
from khanij.reference import processes as tables


def test_every_total_says_what_it_lacks_and_how_sure_it_is():
    rows = list(processes.footprints(draws=20).rows())
    assert len(rows) == len(tables.routes()) * len(tables.BURDENS)
    for row in rows:
        assert (row["value"] is None) == bool(row["without"]), row
        assert row["confidence"] in processes.WORST
        if row["value"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
            assert abs(row["known"] - row["value"]) <= 1e-9 * row["value"]


def test_steps_of_a_route_carry_sources_and_losses():
    table = processes.steps("titanium-sponge", draws=0)
    rows = list(table.rows())
    assert [row["output"] for row in rows][-1] == "titanium-sponge"
    assert all(row["sources"] and row["t_lost"] >= 0 for row in rows)
    assert rows[-1]["t_output"] == 1.0
    assert "magnesium" in rows[-1]["besides"]
    assert any("zircon" in note for note in table.notes)


def test_places_move_only_what_states_electricity_apart():
    rows = list(processes.places("silicon-metal", ("IND", "NOR"), draws=0).rows())
    assert [row["place"] for row in rows] == ["as the sources stand", "IND", "NOR"]
    assert rows[1]["value"] > rows[2]["value"]
    copper = list(processes.places("copper-scrap", ("IND", "NOR"), draws=0).rows())
    assert copper[1]["value"] == copper[2]["value"] == copper[0]["value"]


def test_a_material_is_found_by_name():
    routes = set(processes.footprints(["Copper"], draws=0).column("route"))
    assert routes == {"copper-leach", "copper-scrap", "copper-sulphide"}
    assert len(processes.listing()) == len(tables.values())


def test_what_moves_a_total_is_ranked():
    rows = list(processes.swings("copper-sulphide", "energy").rows())
    swings = [row["swing"] for row in rows]
    assert swings == sorted(swings, reverse=True)
    found = {row["input"]: row for row in rows}
    assert found["yield of cu-smelt"]["at_low"] > found["yield of cu-smelt"]["at_high"]  # a better yield needs less
    assert found["energy of cu-mill"]["at_low"] < found["energy of cu-mill"]["at_best"]
    alloy = {row["input"] for row in processes.swings("titanium-mill-product").rows()}
    assert "content of titanium-ingot" in alloy
    assert "content of titanium-mill-product" not in alloy
