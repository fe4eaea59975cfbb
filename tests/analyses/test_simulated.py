"""Questions on simulated years: what cannot be is refused at once; the same by command, by file and by mapping."""

import json
import shlex
import sys
from pathlib import Path

import pytest
import yaml

from khanij.analyses.inputs import baseline
from khanij.analyses.question import Job, ask, find, request_of
from khanij.analyses.simulated import currency, home
from khanij.core.errors import KhanijError, StudyError

sys.path.insert(0, str(Path(__file__).parent))
from toy_case import MATERIALS, case

BUDGET = {"budget": "1 million USD"}
CHANCE = {"country": "CHN", "material": "titanium", "stage": "refined", "probability": 0.2, "because": "an opinion"}


def of(name, **values):
    """Return a request of Japan."""
    return request_of(find(name)).of({"focus": "JPN", "years": 60, "hazards": "falls"} | values)


@pytest.mark.parametrize(
    ("name", "values", "where"),
    [
        ("measures", {"focus": "EU27"}, "COUNTRY"),
        ("measures", {"catalogue": False}, "--own-only"),
        ("measures", {"currency": "million XYZ"}, "currency"),
        ("measures", {"currency": "5 million USD"}, "--currency"),
        ("measures", {"assume": ["offtake=7"]}, "--assume"),
        ("measures", {"own_measures": [{"id": "a", "name": "a", "levers": []}]}, "--own-measures 0.levers"),
        ("partner", {"partner": "Japan"}, "PARTNER"),
        ("partner", {"focus": "EU27", "partner": "CHL"}, "COUNTRY"),
        ("partner", {"own_scenarios": [{"name": "a", "meaning": "b", "assumed": "c", "levers": [{}]}]},
         "--own-scenarios"),
        ("partner", {"partner": "CHL", "priors": [CHANCE | {"probability": 2}]}, "--priors 0.probability"),
        ("plan", {}, "plan"),
        ("plan", {"budget": "much"}, "budget"),
        ("plan", BUDGET | {"from": 2030, "to": 2025}, "--to"),
        ("plan", BUDGET | {"reach": ["titanium:refined=120%"]}, "--reach"),
        ("plan", BUDGET | {"reach": ["titanium:moon=5%"]}, "--reach"),
        ("plan", BUDGET | {"reach": ["titanium:refined"]}, "--reach"),
        ("plan", BUDGET | {"reach": ["titanium:refined=5%", "titanium:refined=6%"]}, "--reach"),
        ("plan", BUDGET | {"absorb": {"plants": "lots"}}, "budget"),
        ("plan", BUDGET | {"growth": "FAST"}, "--growth"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_at_once_with_a_hint(name, values, where, monkeypatch):
    monkeypatch.setattr(baseline, "of_request", lambda *_: pytest.fail("it is computed already"))
    with pytest.raises(KhanijError) as refused:
        of(name, **values)
    assert refused.value.where == where
    assert refused.value.hint


def test_a_group_has_no_plants_and_a_currency_no_sum():
    assert home("Japan") == "JPN"
    assert currency("crore INR") == "crore INR"
    for read, text in ((home, "EU27"), (currency, "34300 crore INR")):
        with pytest.raises(StudyError):
            read(text)


def test_entries_are_the_same_by_file_by_json_and_by_mapping(tmp_path):
    rows, table = tmp_path / "chances.yaml", tmp_path / "chances.csv"
    rows.write_text(yaml.safe_dump([CHANCE]), encoding="utf-8")
    table.write_text("country,material,stage,probability,weight,cut,because\n"
                     "CHN,titanium,refined,0.2,,,an opinion\n", encoding="utf-8")  # fmt: skip
    plain = of("measures", priors=[CHANCE])
    for given in (str(rows), [str(table)], [json.dumps(CHANCE)], CHANCE):
        assert of("measures", priors=given) == plain
    assert baseline.prior(plain.priors[0]).probability == 0.2
    for wrong in (str(tmp_path / "none.csv"), '{"country": '):
        with pytest.raises(KhanijError) as refused:
            of("measures", priors=wrong)
        assert refused.value.hint


def test_a_command_repeats_entries_of_several_parts():
    lever = {"kind": "stockpile", "id": "s", "material": "titanium", "stage": "refined", "country": "JPN", "days": 90}
    own = {"id": "stock", "name": "stock of sponge", "source": "us", "cost": {"best": "5 USD"}, "levers": [lever]}
    made = of("plan", **BUDGET, own_measures=[own], priors=[CHANCE], reach={"titanium:refined": "30%"})
    words = shlex.split(made.command())
    assert json.loads(words[words.index("--own-measures") + 1]) == own
    assert json.loads(words[words.index("--priors") + 1]) == CHANCE
    assert words[words.index("--reach") + 1] == "titanium:refined=30%"


def test_minerals_are_those_asked_for_else_all_of_a_case_made_by_hand():
    assert set(baseline.of_request(of("measures"), case()).materials) == set(MATERIALS)
    assert baseline.of_request(of("measures", material="titanium"), case()).materials == ("titanium",)


def test_workers_change_no_byte(monkeypatch):
    found = []
    for job in (Job(), Job(workers=2)):
        monkeypatch.setattr(baseline, "_solved", {})
        found.append(repr(ask(of("partner", partner="CHL"), case=case(), job=job).tables))
    assert found[0] == found[1]


def test_no_more_baselines_are_kept_than_a_study_may_share(monkeypatch):
    monkeypatch.setattr(baseline, "_solved", {})
    for seed in range(baseline.KEPT + 2):
        baseline.of_request(of("measures", years=20, seed=seed), case())
    assert len(baseline._solved) == baseline.KEPT
