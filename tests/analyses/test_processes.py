"""Process chains for faces: every figure with confidence and source, gaps named."""

from khanij.analyses.question import ask, request
from khanij.methods.route_figures import WORST
from khanij.reference.industry import processes as tables


def answer(key, **values):
    """Return the rows of one table of an answer."""
    return list(ask(request("process", **values)).table(key).rows())


def test_every_total_says_what_it_lacks_and_how_sure_it_is():
    rows = answer("footprints", material="all", draws=20)
    assert len(rows) == len(tables.routes()) * len(tables.BURDENS)
    for row in rows:
        assert (row["value"] is None) == bool(row["without"]), row
        assert row["confidence"] in WORST
        if row["value"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
            assert abs(row["known_sum"] - row["value"]) <= 1e-9 * row["value"]


def test_steps_of_a_route_carry_sources_and_losses():
    found = ask(request("process", material="titanium", route="titanium-sponge"))
    rows = list(found.table("steps").rows())
    assert [row["form_out"] for row in rows][-1] == "titanium-sponge"
    assert all(row["sources"] and row["t_lost"] >= 0 for row in rows)
    assert rows[-1]["t_output"] == 1.0
    assert "magnesium" in rows[-1]["besides"]
    assert any("zircon" in note for note in found.table("steps").notes)


def test_places_move_only_what_states_electricity_apart():
    rows = answer("places", material="silicon", route="silicon-metal", place="IND,NOR", draws=0)
    assert [row["place"] for row in rows] == ["as the sources stand", "IND", "NOR"]
    assert rows[1]["value"] > rows[2]["value"]
    copper = answer("places", material="copper", route="copper-scrap", place="IND,NOR", draws=0)
    assert copper[1]["value"] == copper[2]["value"] == copper[0]["value"]


def test_places_stand_side_by_side():
    rows = answer("footprints", material="silicon", place="IND,NOR", draws=0)
    carbon = [row for row in rows if row["route"] == "silicon-metal" and row["burden"] == "carbon"]
    assert [row["place"] for row in carbon] == ["as the sources stand", "IND", "NOR"]
    assert carbon[1]["value"] > carbon[2]["value"]


def test_a_material_is_found_by_name():
    routes = {row["route"] for row in answer("footprints", material="Copper", draws=0)}
    assert routes == {"copper-leach", "copper-scrap", "copper-sulphide"}


def test_what_moves_a_total_is_ranked():
    rows = answer("sensitivity", material="copper", route="copper-sulphide", burden="energy")
    swings = [row["swing"] for row in rows]
    assert swings == sorted(swings, reverse=True)
    found = {row["moved"]: row for row in rows}
    assert found["yield of cu-smelt"]["at_low"] > found["yield of cu-smelt"]["at_high"]  # a better yield needs less
    assert found["energy of cu-mill"]["at_low"] < found["energy of cu-mill"]["at_best"]
    alloy = {row["moved"] for row in answer("sensitivity", material="titanium", route="titanium-mill-product")}
    assert "content of titanium-ingot" in alloy
    assert "content of titanium-mill-product" not in alloy
