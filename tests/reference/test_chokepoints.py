"""Straits and canals: where they are, and how a map shows them."""

from khanij.present import figures, vectors
from khanij.present.document import Figure
from khanij.reference.chronicle import chokepoints


def test_each_stands_once_and_lies_on_the_earth():
    rows = chokepoints.chokepoints()
    assert len({one.id for one in rows}) == len(rows) >= 4
    assert all(-90 < one.latitude < 90 and -180 < one.longitude < 180 for one in rows)


def test_places_are_drawn_and_stand_in_the_data_of_a_map():
    places = [
        figures.Place("Strait", 26.5, 56.5, 90.0, "90"),
        figures.Place("Canal", 30.5, 32.3, 10.0, "ten"),
    ]
    drawn = figures.world({"CHL": 1e6}, {"CHL": "Chile"}, "USD", places=places)
    figure = Figure("map", drawn, "A map", "A map with a strait and a canal", ())
    rows = [row for row in vectors.points(figure).rows() if row["series"] == "straits and canals"]
    assert [(row["label"], row["size"]) for row in rows] == [("Strait", 90.0), ("Canal", 10.0)]
    assert ">Strait<" in vectors.draw(figure)
    sizes = drawn["data"][-1]["marker"]["size"]
    assert sizes[0] > sizes[1]
