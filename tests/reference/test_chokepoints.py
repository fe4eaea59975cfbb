"""Straits and canals: where they are, and how a map shows them."""

from khanij.present import figures, vectors
from khanij.present.document import Figure
from khanij.reference.chronicle import chokepoints


def test_each_stands_once_and_lies_on_the_earth():
    rows = chokepoints.chokepoints()
    assert len({one.id for one in rows}) == len(rows) >= 4
    assert all(-90 < one.latitude < 90 and -180 < one.longitude < 180 for one in rows)


def test_they_stand_on_a_map_of_flows_and_in_its_data():
    flow = figures.Flow("CHL", "IND", 1.0, 1.0, "Chile to India", "to India")
    figure = Figure("map", figures.world({"CHL": 1e6}, {"CHL": "Chile"}, "USD", flows=[flow]), "A map", "A map", ())
    rows = [row for row in vectors.points(figure).rows() if row["series"] == "straits and canals"]
    assert [(row["label"], row["x"]) for row in rows] == [
        (one.name, one.longitude) for one in chokepoints.chokepoints()
    ]
    assert ">Suez Canal<" in vectors.draw(figure)
