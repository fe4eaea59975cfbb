"""GeoPolRisk on hand-made numbers: the exact variant, and one test for each fault that the corrected one repairs."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import run
from khanij.methods.screening import geopolrisk
from khanij.methods.trade import flows

AXES = {
    "material": ["copper", "steam-coal", "natural-gas"],
    "stage": ["mined"],
    "country": ["AAA", "BBB", "CCC", "DDD"],
    "year": ["2022"],
    "focus": ["AAA", "AB", "DDD"],
    "dimension": ["pv"],
}
MEMBERS = [["AAA", "AAA", "2022", 1], ["AB", "AAA", "2022", 1], ["AB", "BBB", "2022", 1], ["DDD", "DDD", "2022", 1]]
STABLE = [
    ["pv", "AAA", "2022", 0.0],
    ["pv", "BBB", "2022", 1.0],
    ["pv", "CCC", "2022", -1.5],
    ["pv", "DDD", "2022", 0.5],
]
PEER = {
    "peer_production": [["copper", "mined", c, "2022", v] for c, v in (("AAA", 20.9), ("BBB", 30.0), ("CCC", 50.0))],
    "peer_scale": [["copper", "mined", 1.0]],
    "peer_instability": [["AAA", "2022", 0.5], ["BBB", "2022", 0.3], ["CCC", "2022", 0.8], ["DDD", "2022", 0.4]],
    "peer_trade_mass": [
        ["copper", "mined", "CCC", "AAA", "2022", 60.0],
        ["copper", "mined", "BBB", "AAA", "2022", 40.0],
    ],
    "peer_trade_value": [
        ["copper", "mined", "CCC", "AAA", "2022", 180.0],
        ["copper", "mined", "BBB", "AAA", "2022", 120.0],
    ],
}
OWN = {
    "production": [
        ["copper", "mined", c, "2022", v] for c, v in (("AAA", 20.9), ("BBB", 30.0), ("CCC", 50.0), ("DDD", 0.0))
    ],
    "trade": [[*row[:5], row[5]] for row in PEER["peer_trade_mass"]],
    "governance": STABLE,
    "membership": MEMBERS,
}
CELL = ("copper", "mined", "AAA", "2022")
GROUP = ("copper", "mined", "AB", "2022")
NONE = ("copper", "mined", "DDD", "2022")
HHI = (20**2 + 30**2 + 50**2) / 100**2  # whole units: 20.9 counts as 20


def case_of(make, **changes):
    return make(AXES, **{**PEER, **OWN, **changes})


def test_the_exact_variant(make, at) -> None:
    result = run("geopolrisk", case_of(make), variant="exact")
    risk = (60 * 0.8 + 40 * 0.3) / (100 + 20.9)
    assert at(result, "hhi", *CELL) == pytest.approx(HHI)
    assert at(result, "import_risk", *CELL) == pytest.approx(risk)
    assert at(result, "score", *CELL) == pytest.approx(HHI * risk)
    assert at(result, "price", *CELL) == pytest.approx(3.0)
    assert at(result, "characterisation_factor", *CELL) == pytest.approx(HHI * risk * 3.0 / 0.409412948)
    assert at(result, "score", *NONE) == 0.0
    assert at(result, "score", *GROUP) == pytest.approx(HHI * 60 * 0.8 / (100 + 50.9))


def test_kilograms_are_scaled_for_the_balance_alone(make, at) -> None:
    result = run("geopolrisk", case_of(make, peer_scale=[["copper", "mined", 0.001]]), variant="exact")
    assert at(result, "hhi", *CELL) == pytest.approx(HHI)
    assert at(result, "import_risk", *CELL) == pytest.approx(60 / (100 + 0.0209))


def test_nothing_moves_where_nothing_is_wrong(make, at) -> None:
    whole = {q: [[*row[:4], np.floor(row[4])] for row in {**PEER, **OWN}[q]] for q in ("peer_production", "production")}
    own = {**whole, "governance": [["pv", c, "2022", 2.5 - 5 * w] for c, _, w in PEER["peer_instability"]]}
    result = run("geopolrisk", case_of(make, **own))
    assert at(result, "score", *CELL) == pytest.approx(at(result, "exact", *CELL), rel=1e-12)
    assert not any(result.remarks[text][0, 0, 0, 0] for text in result.remarks if text.startswith("score moved"))


def test_fault_no_imports_is_missing_not_no_risk(make, at) -> None:
    result = run("geopolrisk", case_of(make))
    assert np.isnan(at(result, "score", *NONE))
    assert at(result, "exact", *NONE) == 0.0
    assert result.remarks[geopolrisk.WAS_ZERO][0, 0, 2, 0]
    row = next(r for r in result.table().rows() if r["focus"] == "DDD")
    assert (row["value"], geopolrisk.WAS_ZERO in row["notes"]) == (None, True)


def test_fault_trade_inside_a_group_leaves_the_denominator(make, at) -> None:
    result = run("geopolrisk", case_of(make), corrections="intra-group")
    assert at(result, "score", *GROUP) == pytest.approx(HHI * 60 * 0.8 / (60 + 50.9))
    sentence = geopolrisk.STEPS["intra-group"][1]
    moved = at(result, "score", *GROUP) - at(result, "exact", *GROUP)
    assert result.details[sentence][0, 0, 1, 0] == pytest.approx(moved)
    assert result.remarks[sentence][0, 0].tolist() == [[False], [True], [False]]
    row = next(r for r in result.table().rows() if r["focus"] == "AB")
    assert f"{sentence}: {moved:.3g}" in row["notes"]


def test_fault_a_stored_zero_is_no_score(make, at) -> None:
    gap = [["CCC", "2022", 0.0], *(row for row in PEER["peer_instability"] if row[0] != "CCC")]
    case = case_of(make, peer_instability=gap, governance=[row for row in STABLE if row[1] != "CCC"])
    exact = run("geopolrisk", case, variant="exact")
    assert at(exact, "import_risk", *CELL) == pytest.approx(40 * 0.3 / 120.9)
    result = run("geopolrisk", case, corrections="governance")
    assert at(result, "import_risk", *CELL) == pytest.approx((60 * 0.5 + 40 * 0.3) / 120.9)


def test_fault_a_country_without_a_score_has_its_own_if_it_exists(make, at) -> None:
    none = [row for row in PEER["peer_instability"] if row[0] != "BBB"]
    case = case_of(make, peer_instability=none)
    assert at(run("geopolrisk", case, variant="exact"), "import_risk", *CELL) == pytest.approx((48 + 40 * 0.5) / 120.9)
    assert at(run("geopolrisk", case), "import_risk", *CELL) == pytest.approx((60 * 0.8 + 40 * 0.3) / 120.9)


def test_fault_a_missing_score_is_the_mean_of_the_others(make, at) -> None:
    case = case_of(make, governance=[row for row in STABLE if row[1] != "CCC"])
    result = run("geopolrisk", case)
    assert at(result, "import_risk", *CELL) == pytest.approx(100 * 0.3 / 120.9)
    assert result.details[geopolrisk.UNSCORED][0, 0, 0, 0] == pytest.approx(0.6)
    (row,) = [r for r in result.table("import_risk").rows() if (r["material"], r["focus"]) == ("copper", "AAA")]
    assert row["low"] == pytest.approx(40 * 0.3 / 120.9)  # the supplier without a score is the best, or the worst
    assert row["high"] == pytest.approx((60 + 40 * 0.3) / 120.9)
    (row,) = [
        r for r in run("geopolrisk", case_of(make)).table().rows() if (r["material"], r["focus"]) == ("copper", "AAA")
    ]
    assert (row["low"], row["high"]) == (None, None)
    bare = run("geopolrisk", case_of(make, governance=[["pv", "AAA", "2022", 0.0]]))
    assert np.isnan(at(bare, "score", *CELL))
    assert bare.remarks[geopolrisk.NO_SCORE][0, 0, 0, 0]


def test_fault_gross_ore_is_not_added_to_metal(make, at) -> None:
    contained = [[*row[:5], row[5] / 4] for row in PEER["peer_trade_mass"]]
    result = run("geopolrisk", case_of(make, trade=contained))
    assert at(result, "import_risk", *CELL) == pytest.approx((15 * 0.8 + 10 * 0.3) / (25 + 20.9))
    assert result.remarks[geopolrisk.STEPS["contained"][1]][0, 0, 0, 0]


def test_fault_steam_coal_without_coking_coal(make, at) -> None:
    peer = {
        "peer_production": [["steam-coal", "mined", "AAA", "2022", 100.0]],
        "peer_scale": [["steam-coal", "mined", 1.0]],
        "peer_trade_mass": [["steam-coal", "mined", "CCC", "AAA", "2022", 90.0]],  # both coals
        "peer_trade_value": [["steam-coal", "mined", "CCC", "AAA", "2022", 9.0]],
    }
    own = {
        "production": [["steam-coal", "mined", "AAA", "2022", 100.0]],
        "trade": [["steam-coal", "mined", "CCC", "AAA", "2022", 30.0]],
    }
    result = run("geopolrisk", case_of(make, **peer, **own))
    cell = ("steam-coal", *CELL[1:])
    assert at(result, "exact", *cell) == pytest.approx(0.8 * 90 / 190)
    assert at(result, "score", *cell) == pytest.approx(0.8 * 30 / 130)


def test_fault_gas_in_cubic_metres_is_not_added_to_tonnes(make, at) -> None:
    peer = {
        "peer_production": [["natural-gas", "mined", "AAA", "2022", 5.0]],  # million m3
        "peer_scale": [["natural-gas", "mined", 1.0]],
        "peer_trade_mass": [["natural-gas", "mined", "CCC", "AAA", "2022", 1000.0]],
        "peer_trade_value": [["natural-gas", "mined", "CCC", "AAA", "2022", 1.0]],
    }
    own = {
        "production": [["natural-gas", "mined", "AAA", "2022", 4000.0]],  # t
        "trade": [["natural-gas", "mined", "CCC", "AAA", "2022", 1000.0]],
    }
    result = run("geopolrisk", case_of(make, **peer, **own))
    cell = ("natural-gas", *CELL[1:])
    assert at(result, "exact", *cell) == pytest.approx(0.8 * 1000 / 1005)
    assert at(result, "score", *cell) == pytest.approx(0.8 * 1000 / 5000)
    assert result.remarks[geopolrisk.STEPS["same-stage"][1]][2, 0, 0, 0]


def test_fault_output_is_of_the_stage_that_is_traded(make, at) -> None:
    output = [["copper", "mined", c, "2022", v] for c, v in (("AAA", 10.0), ("BBB", 90.0), ("CCC", 0.0), ("DDD", 0.0))]
    result = run("geopolrisk", case_of(make, production=output))
    assert at(result, "hhi", *CELL) == pytest.approx(0.82)
    assert at(result, "score", *CELL) == pytest.approx(0.82 * 60 / 110)
    nothing = run("geopolrisk", case_of(make, production=[]))
    assert np.isnan(at(nothing, "score", *CELL))
    assert nothing.remarks[flows.NO_PRODUCTION][0, 0, 0, 0]


def test_fault_customs_unit_values_are_no_prices(make, at) -> None:
    result = run("geopolrisk", case_of(make))
    assert np.isnan(at(result, "characterisation_factor", *CELL))
    assert result.remarks[geopolrisk.NO_PRICE][0, 0, 0, 0]
    priced = run("geopolrisk", case_of(make, price=[["copper", "2022", 9000.0]]))
    assert at(priced, "price", *CELL) == pytest.approx(9.0)
    factor = at(priced, "score", *CELL) * 9.0 / 0.409412948
    assert at(priced, "characterisation_factor", *CELL) == pytest.approx(factor)


def test_fault_one_failing_item_drops_no_other(make, at) -> None:
    result = run(
        "geopolrisk", case_of(make, peer_scale=[*PEER["peer_scale"], ["steam-coal", "mined", 1.0]]), variant="exact"
    )
    assert np.isnan(at(result, "score", "steam-coal", *CELL[1:]))
    assert at(result, "score", *CELL) > 0


def test_the_moves_of_all_corrections_add_up_to_the_difference(make, at) -> None:
    contained = [[*row[:5], row[5] / 3] for row in PEER["peer_trade_mass"]]
    output = [["copper", "mined", c, "2022", v] for c, v in (("AAA", 10.0), ("BBB", 80.0), ("CCC", 10.0), ("DDD", 0.0))]
    result = run("geopolrisk", case_of(make, trade=contained, production=output, governance=STABLE[:3]))
    for cell, where in ((CELL, (0, 0, 0, 0)), (GROUP, (0, 0, 1, 0))):
        moves = sum(result.details[text][where] for text in result.details if text.startswith("score moved"))
        assert moves == pytest.approx(at(result, "score", *cell) - at(result, "exact", *cell))


def test_corrected_needs_no_uncorrected_inputs(make, at) -> None:
    alone = run("geopolrisk", make(AXES, **OWN))
    both = run("geopolrisk", case_of(make))
    assert "exact" not in alone.variables
    assert at(alone, "score", *CELL) == pytest.approx(at(both, "score", *CELL))
    assert np.isnan(at(alone, "score", *NONE))
    with pytest.raises(CoverageError):
        run("geopolrisk", make(AXES, **OWN), variant="exact")


def test_an_unknown_correction_is_refused(make) -> None:
    with pytest.raises(StudyError, match="no correction 'everything'"):
        run("geopolrisk", case_of(make), corrections="everything")


def test_output_of_the_nearest_earlier_stage_stands_in(make, at) -> None:
    axes = {**AXES, "stage": ["mined", "processed", "refined", "scrap"]}
    trade = [["copper", s, "CCC", "AAA", "2022", 60.0] for s in ("processed", "refined", "scrap")]
    covered = [["copper", s, "2022", 1] for s in ("processed", "refined", "scrap")]
    case = make(
        axes,
        production=OWN["production"],
        trade=trade,
        trade_covered=covered,
        **{k: OWN[k] for k in ("governance", "membership")},
    )
    result = run("geopolrisk", case)
    cells = [("copper", s, "AAA", "2022") for s in ("mined", "processed", "refined", "scrap")]
    scores = [at(result, "score", *cell) for cell in cells]
    assert scores[1] == scores[2] == pytest.approx(at(result, "hhi", *cells[1]) * 60 * 0.8 / (60 + 20.9))
    assert np.isnan([scores[0], scores[3]]).all()
    assert result.remarks[geopolrisk.UPSTREAM][0, :, 0, 0].tolist() == [False, True, True, False]
    assert result.remarks[flows.NO_PRODUCTION][0, 3, 0, 0]
    same = run("geopolrisk", case, stage_rule="same")
    assert np.isnan(at(same, "score", *cells[2]))
    assert same.remarks[flows.NO_PRODUCTION][0, 2, 0, 0]
