"""Straits and canals: every year of each once, and what is known of them elsewhere."""

from khanij.present import figures, vectors
from khanij.present.document import Figure
from khanij.reference.chronicle import chokepoints


def test_every_year_of_each_stands_once_and_lies_on_the_earth():
    rows = chokepoints.chokepoints()
    assert len({(one.id, one.year) for one in rows}) == len(rows) == 4 * 7
    assert all(-90 < one.latitude < 90 and -180 < one.longitude < 180 for one in rows)
    assert all(0 < one.bulk_calls < one.calls for one in rows)


def test_ships_left_the_red_sea_for_the_cape_in_2024():
    before, after = ({one.id: one.calls for one in chokepoints.of_year(year)} for year in (2023, 2024))
    assert after["bab-el-mandeb"] < 0.5 * before["bab-el-mandeb"]  # attacks on ships since 2023-11
    assert after["cape-of-good-hope"] > 1.5 * before["cape-of-good-hope"]
    assert chokepoints.of_year(2007) == ()


def test_places_are_drawn_and_stand_in_the_data_of_a_map():
    places = [
        figures.Place("Strait", 26.5, 56.5, 90.0, "90 ships a day"),
        figures.Place("Canal", 30.5, 32.3, 10.0, "ten"),
    ]
    drawn = figures.world({"CHL": 1e6}, {"CHL": "Chile"}, "USD", places=places)
    figure = Figure("map", drawn, "A map", "A map with a strait and a canal", ())
    rows = [row for row in vectors.points(figure).rows() if row["series"] == "ships a day"]
    assert [(row["label"], row["size"]) for row in rows] == [("Strait", 90.0), ("Canal", 10.0)]
    assert ">Strait<" in vectors.draw(figure)
    sizes = drawn["data"][-1]["marker"]["size"]
    assert sizes[0] > sizes[1]
