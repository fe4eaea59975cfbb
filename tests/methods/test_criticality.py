"""The Commission's scores on hand-made numbers: the rules for what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.core.quantities import ranges
from khanij.core.registry import run
from khanij.methods.screening import criticality

MATERIALS = ("dysprosium", "terbium", "heavy-rare-earths", "copper", "phosphorus")
SHARE = ("material", "stage", "country")
SCORES = {"AAA": 0.0, "BBB": -2.5, "CCC": 2.5, "DEU": 0.0}


def case_of(**quantities: dict[tuple[str, ...], float]) -> Case:
    axes = {
        "material": Axis("material", MATERIALS),
        "stage": Axis("stage", ("mined", "processed", "refined")),
        "country": Axis("country", tuple(SCORES)),
        "year": Axis("year", ("2018", "2020")),
        "dimension": Axis("dimension", ("va", "pv")),
        "sector": Axis("sector", ("C1", "C2", "none")),
    }
    dims = {"global_supply_share": SHARE, "eu_supply_share": SHARE, "global_trade_restriction": SHARE}
    dims |= {
        "governance": ("dimension", "country", "year"),
        "use_share": ("material", "sector"),
        "value_added": ("sector",),
        "recycling_by_stage": ("material", "stage"),
        "importance_before": ("material", "stage"),
    }
    given = {"global_supply_share": {}, "eu_supply_share": {}, **quantities}
    given.setdefault(
        "governance", {(d, c, y): v for d in ("va", "pv") for c, v in SCORES.items() for y in ("2018", "2020")}
    )
    cubes = {}
    for quantity, rows in given.items():
        named = tuple(axes[d] for d in dims.get(quantity, ("material",)))
        values = np.full(tuple(map(len, named)), np.nan)
        for labels, value in rows.items():
            values[tuple(a.at(label) for a, label in zip(named, labels, strict=True))] = value
        cubes[quantity] = Cube(quantity, ranges()[quantity].unit, named, values)
    return Case(axes, cubes)


WORLD = {("copper", "mined", "AAA"): 0.6, ("copper", "mined", "BBB"): 0.4}
SOURCING = {("copper", "mined", "AAA"): 1.0}
PLAIN = {"substitution_sr": {(name,): 1.0 for name in MATERIALS}}
C_WORLD, C_EU = 0.36 * 5 + 0.16 * 10, 5.0


def one(result, measure="supply_risk", material="copper"):
    return result.variable(measure).values[MATERIALS.index(material)]


def test_the_equation() -> None:
    case = case_of(
        global_supply_share=WORLD,
        eu_supply_share=SOURCING,
        eu_import_reliance={("copper",): 0.8},
        recycling_input_rate={("copper",): 0.25},
        substitution_sr={("copper",): 0.9},
    )
    result = run("eu-supply-risk", case, reliance="published")
    assert one(result) == pytest.approx((C_WORLD * 0.4 + C_EU * 0.6) * 0.75 * 0.9)
    assert one(result, "global_term")[0] == pytest.approx(C_WORLD)
    assert one(result, "eu_term")[0] == pytest.approx(C_EU)
    said = {text for text, mask in result.remarks.items() if mask[3]}
    assert said == {criticality.BOTTLENECK}
    assert result.details[criticality.BOTTLENECK][3] == "mined"


def test_missing_inputs_follow_the_stated_rules_and_are_said() -> None:
    result = run("eu-supply-risk", case_of(global_supply_share=WORLD, eu_supply_share=SOURCING))
    assert one(result) == pytest.approx((C_WORLD + C_EU) / 2 * criticality.TYPICAL_SR)
    ends = sorted((C_EU, (C_WORLD + C_EU) / 2))
    assert [result.value.low[3], result.value.high[3]] == pytest.approx([ends[0] * criticality.LEAST, ends[1]])
    said = {text for text, mask in result.remarks.items() if mask[3]}
    assert {criticality.GROSS, criticality.NO_SUBSTITUTION, criticality.NO_RECYCLING} <= said


def test_reliance_is_the_foreign_share_of_the_sourcing() -> None:
    sourcing = {("copper", "mined", "AAA"): 0.2, ("copper", "mined", "DEU"): 0.6}
    case = case_of(global_supply_share=WORLD, eu_supply_share=sourcing, substitution_sr={("copper",): 1.0})
    result = run("eu-supply-risk", case)
    own = (0.04 + 0.36) * 5
    assert one(result, "import_reliance")[0] == pytest.approx(0.25)
    assert one(result) == pytest.approx(C_WORLD * 0.125 + own * 0.875)
    assert result.value.low[3] == pytest.approx(own)


def test_sourcing_too_thin_leaves_the_world_alone() -> None:
    sourcing = {("copper", "mined", "DEU"): 0.1}
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=WORLD, eu_supply_share=sourcing))
    assert one(result) == pytest.approx(C_WORLD)
    assert result.details[criticality.TOO_FEW][3] == pytest.approx(0.1)


def test_a_stage_assessed_by_itself_stays_apart() -> None:
    shares = {("phosphorus", "mined", "BBB"): 1.0, ("phosphorus", "refined", "AAA"): 1.0}
    rates = {("phosphorus", "mined"): 0.5, ("phosphorus", "refined"): 0.0}
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=shares, recycling_by_stage=rates))
    assert one(result, material="phosphorus") == pytest.approx(5.0)
    assert one(result, "assessed_risk", "phosphorus") == pytest.approx([5.0, 5.0, 5.0])
    assert result.remarks[criticality.APART][4]
    shares[("phosphorus", "mined", "BBB")] = 0.9
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=shares))
    assert one(result, "assessed_risk", "phosphorus") == pytest.approx([8.1, 5.0, 5.0])


def test_no_sourcing_shares_leave_the_world_alone() -> None:
    case = case_of(**PLAIN, global_supply_share=WORLD, eu_import_reliance={("copper",): 0.0})
    result = run("eu-supply-risk", case, reliance="published")
    assert one(result) == pytest.approx(C_WORLD)
    assert result.remarks[criticality.WORLD_ALONE][3]


def test_no_reliance_leaves_the_sourcing_alone() -> None:
    reliance = {("copper",): -0.3}
    case = case_of(**PLAIN, global_supply_share=WORLD, eu_supply_share=SOURCING, eu_import_reliance=reliance)
    assert one(run("eu-supply-risk", case, reliance="published")) == pytest.approx(C_EU)


def test_the_worst_stage_counts_and_trade_restrictions_weigh() -> None:
    shares = {**WORLD, ("copper", "processed", "BBB"): 1.0}
    limits = {("copper", "processed", "BBB"): 1.2}
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=shares, global_trade_restriction=limits))
    assert one(result) == pytest.approx(12.0)
    assert result.details[criticality.BOTTLENECK][3] == "processed"


def test_a_group_has_the_mean_of_its_members() -> None:
    shares = {
        ("dysprosium", "mined", "AAA"): 1.0,
        ("terbium", "mined", "BBB"): 1.0,
        ("heavy-rare-earths", "mined", "CCC"): 1.0,
    }
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=shares))
    assert one(result, material="heavy-rare-earths") == pytest.approx(7.5)
    assert result.remarks[criticality.GROUP].tolist() == [False, False, True, False, False]
    assert np.isnan(one(result))


def test_a_country_without_governance_has_the_mean_of_the_others() -> None:
    scores = {(d, c, "2020"): SCORES[c] for d in ("va", "pv") for c in ("AAA",)}
    result = run("eu-supply-risk", case_of(**PLAIN, global_supply_share=WORLD, governance=scores))
    assert one(result) == pytest.approx(0.52 * 5)
    assert result.details[criticality.UNSCORED][3] == pytest.approx(0.4)


def test_the_years_of_governance() -> None:
    case = case_of(**PLAIN, global_supply_share=WORLD)
    assert any("2018, 2020" in note for note in run("eu-supply-risk", case).trace.notes)
    assert one(run("eu-supply-risk", case, wgi_year="2020")) == pytest.approx(C_WORLD)
    other = run("eu-supply-risk", case, wgi_year="2011")
    assert any("no year of 2011" in note for note in other.trace.notes)
    assert one(other) == pytest.approx(one(run("eu-supply-risk", case, wgi_year="2018-2020")))
    with pytest.raises(StudyError):
        run("eu-supply-risk", case, wgi_year="latest")


def test_importance_and_what_does_not_count() -> None:
    use = {("copper", "C1"): 0.5, ("copper", "C2"): 0.3, ("copper", "none"): 0.2}
    case = case_of(use_share=use, value_added={("C1",): 200.0, ("C2",): 50.0}, substitution_ei={("copper",): 0.9})
    result = run("eu-economic-importance", case)
    value = (0.5 * 10 + 0.3 * 2.5) * 0.9
    assert one(result, "economic_importance") == pytest.approx(value / 0.8)
    assert [result.value.low[3], result.value.high[3]] == pytest.approx([value, value + 0.2 * 10 * 0.9])
    assert result.details[criticality.NO_SECTOR][3] == pytest.approx(0.2)


def test_importance_is_missing_where_most_use_is_in_no_sector() -> None:
    use = {("copper", "C1"): 0.1, ("copper", "none"): 0.9, ("terbium", "C1"): 1.2}
    result = run("eu-economic-importance", case_of(use_share=use, value_added={("C1",): 200.0, ("C2",): 400.0}))
    assert np.isnan(one(result, "economic_importance"))
    assert result.remarks[criticality.NO_SECTOR][3]
    assert result.remarks[criticality.USE_GAP][1]
    assert one(result, "economic_importance", "heavy-rare-earths") == pytest.approx(5.0 * criticality.TYPICAL_EI)


def test_the_class_takes_both_thresholds_and_says_what_stands_in() -> None:
    shares = {(name, "mined", "AAA"): 1.0 for name in MATERIALS if name != "terbium"}
    use = {("dysprosium", "C1"): 1.0}
    before = {("copper", "mined"): 2.8, ("terbium", "mined"): 1.0}
    added = {("C1",): 27.6, ("C2",): 100.0}  # 2.76, printed 2.8
    case = case_of(
        **PLAIN,
        substitution_ei={("dysprosium",): 1.0},
        global_supply_share=shares,
        use_share=use,
        value_added=added,
        importance_before=before,
    )
    result = run("eu-criticality", case)
    assert result.value.values.tolist()[:2] == [1.0, 0.0]
    assert one(result, "critical") == 1.0
    assert np.isnan(one(result, "critical", "phosphorus"))
    assert result.remarks[criticality.BEFORE].tolist() == [False, True, False, True, False]


def test_a_supplier_without_a_score_may_be_the_best_governed_or_the_worst() -> None:
    def found(score: float | None):
        scores = {code: value for code, value in {**SCORES, "BBB": score}.items() if value is not None}
        rows = {(d, c, y): v for d in ("va", "pv") for c, v in scores.items() for y in ("2018", "2020")}
        case = case_of(global_supply_share=WORLD, eu_supply_share=SOURCING, governance=rows, **PLAIN)
        cell = run("eu-supply-risk", case).value
        at = MATERIALS.index("copper")
        return cell.values[at], cell.low[at], cell.high[at]

    best, low, high = found(None)
    assert best == pytest.approx(((0.36 + 0.16) * 5 + 5) / 2)  # as AAA, the other supplier
    assert low == pytest.approx(found(2.5)[1])
    assert high == pytest.approx(found(-2.5)[2])
    assert low < found(None)[0] < high
