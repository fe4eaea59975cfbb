"""The EU's matrix from rows of draws made up here: an ellipse holds its value, both thresholds are drawn."""

from khanij.analyses.assess import figures
from khanij.core import registry
from khanij.methods.screening import criticality


def row(material, risk, weight, critical, stage="whole"):
    ends = {"q05": risk - 0.5, "q95": risk + 0.5, "importance_q05": weight + 0.1, "importance_q95": weight + 0.4}
    row = {"material": material, "stage": stage, "focus": "EU27", "year": 2020, "value": risk, "importance": weight}
    return row | ends | {"critical": critical}


def test_each_mineral_has_an_ellipse_around_its_value():
    least = {"supply_risk": criticality.RISKY, "economic_importance": criticality.IMPORTANT}
    rows = [row("tin", 1.0, 4.0, 0.5), row("cobalt", 3.0, 7.0, 1.0), row("titanium", 2.0, 5.0, 0.0, "refined")]
    method = registry.find("eu-supply-risk")
    figure = figures.matrix(method, [*rows, row("zinc", 1.0, 2.0, 0.1) | {"importance": None}], least, 9, ("s@1",))
    circles = [shape for shape in figure.figure["layout"]["shapes"] if shape["type"] == "circle"]
    assert len(circles) == 3
    by_weight = sorted(rows, key=lambda one: one["importance"])
    for circle, one in zip(sorted(circles, key=lambda c: c["x0"]), by_weight, strict=True):
        assert circle["x0"] <= one["importance"] <= circle["x1"]  # the value may lie outside of its draws
        assert circle["y0"] <= one["value"] <= circle["y1"]
    dashed = {shape["x0"] for shape in figure.figure["layout"]["shapes"] if shape["type"] == "line"}
    assert criticality.IMPORTANT in dashed
    assert "Undecided, between one and nine draws in ten: tin." in figure.caption
    assert "Titanium, refined" in str(figure.figure)
    assert figures.matrix(method, [], least, 9, ()) is None
