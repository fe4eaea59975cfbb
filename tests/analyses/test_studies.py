"""Studies from files: each shipped one is read, wrong keys are named, one request has one answer by every door."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from khanij.analyses.inputs import baseline
from khanij.analyses.plan import run as plans
from khanij.analyses.question import ask, find, request_of
from khanij.analyses.study import page as pages
from khanij.analyses.study import run as studies
from khanij.analyses.study.request import parse, read
from khanij.core.errors import KhanijError, StudyError
from khanij.plan.planner.results import SearchSettings, search_problem
from khanij.plan.portfolio.choose import choose

sys.path.insert(0, str(Path(__file__).parent))
from toy_case import case

pytest.importorskip("highspy")

SHIPPED = sorted((Path(__file__).parents[2] / "studies").glob("*.yaml"))
STOCK = {
    "id": "stock",
    "name": "stock of sponge",
    "source": "made up here",
    "cost": {"best": "1000 USD"},
    "levers": [
        {"kind": "stockpile", "id": "s", "material": "titanium", "stage": "refined", "country": "JPN", "days": 90}
    ],
}
SMALL = {
    "title": "small",
    "defaults": {
        "focus": "JPN",
        "years": 60,
        "hazards": "falls",
        "priors": [
            {"country": "CHN", "material": "titanium", "stage": "refined", "probability": 0.2, "because": "an opinion"}
        ],
    },
    "ask": [
        {"partner": {"partner": "CHL"}},
        {"measures": {"catalogue": False, "own_measures": [STOCK]}},
        {"plan": {"budget": "1 million USD", "from": 2026, "to": 2028, "scenarios": 10, "deep": False}
         | {"catalogue": False, "own_measures": [STOCK]}},
    ],
}  # fmt: skip


@pytest.fixture
def solved(monkeypatch):
    """Return a list that grows with every baseline that is solved."""
    counted = []
    monkeypatch.setattr(baseline, "_solved", {})
    plain = baseline.simulated.solved
    monkeypatch.setattr(baseline.simulated, "solved", lambda *given: counted.append(1) or plain(*given))
    return counted


def written(tmp_path, study):
    """Return the request of a study that is written to a file."""
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(study), encoding="utf-8")  # JSON is YAML, and has no aliases
    return request_of(find("study run")).of({"file": path})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_is_read_and_its_requests_are_their_own_commands(path):
    study = read(path)
    assert study.title
    assert study.question
    for request in study.requests:
        assert type(request).of(request.given()) == request
        assert request.command().startswith(f"khanij {request.question} {request.focus}")


@pytest.fixture
def planned(monkeypatch):
    """The plans that are made, in numbers."""
    kept, plain = [], plans.plan_country

    def keep(*given, **more):
        kept.append(plain(*given, **more))
        return kept[-1]

    monkeypatch.setattr(plans, "plan_country", keep)
    return kept


def spent_if_losses_were(done, times):
    """Return the public money of the plan of least expected cost, were losses and what is averted so large."""
    years = done.sample.times(np.full(len(done.base.materials), times))
    problem, _ = search_problem(years, done.values, done.terms, SearchSettings(20), done.base.seed)
    return float(choose(problem, done.objective, gap=0.001, prices=False).spend.sum())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_runs_on_few_years_and_minerals(path, planned):
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    few = asked["defaults"].get("material") or ["cobalt", "copper", "rare-earths"]
    asked["defaults"] |= {"years": 60, "material": few}
    for entry in asked["ask"]:
        for name, fields in entry.items():
            entry[name] = fields | ({"scenarios": 20, "deep": False} if name == "plan" else {})
    for part in studies.run(parse(asked)):
        answer, request = part.answer, part.answer.request
        assert str(answer.findings[0]).endswith(".")
        assert all(len(table) for table in answer.tables)
        if request.question == "plan":
            lines = {row["line"]: row["value"].value for row in answer.table("account").rows()}
            assert 0 <= lines["gap"] < 0.25  # the plan of least worst regret gives some of the expected loss away
            goals = [table for table in answer.tables if table.key == "goals"]
            assert bool(goals) == bool(request.reach)
            for row in goals[0].rows() if goals else ():
                assert row["given_by_measures"].value >= row["asked_of_measures"].value - 1e-6
    if path.stem == "ncmm":  # ten times the losses move its money by more than a tenth
        least, usual, most = (spent_if_losses_were(planned[0], times) for times in (0.01, 1.0, 10.0))
        assert most > 1.1 * usual > 0
        assert least < 0.9 * usual


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "red"}, "colour"),
        ({"ask": []}, "ask"),
        ({"defaults": {"focus": "JPN", "colour": "red"}}, "defaults.colour"),
        ({"ask": [{"partner": {"partner": "CHL", "friend": True}}]}, "ask.0.partner.friend"),
        ({"ask": [{"plan": {"from": 2025}}]}, "ask.0.plan.budget"),
        ({"ask": [{"plan": {"budget": "1 USD", "from": 2030, "to": 2025}}]}, "ask.0.plan --to"),
        ({"ask": [{"plan": {"budget": "1 USD", "reach": {"titanium:refined": "120%"}}}]}, "ask.0.plan --reach"),
        ({"ask": [{"partner": {"partner": "JPN"}}]}, "ask.0.partner PARTNER"),
        ({"ask": [{"measures": {"priors": [{"country": "CHN", "material": "tin", "probability": 2}]}}]},
         "ask.0.measures.priors.0.probability"),
        ({"ask": [{"wonders": {}}]}, "ask.0.wonders"),
        ({"ask": [{"measures": {}, "plan": {}}]}, "ask.0"),
        ({"ask": [{"study run": {"file": "x.yaml"}}]}, "ask.0.study run"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_key_before_anything_runs(change, where):
    with pytest.raises(KhanijError) as refused:
        parse(SMALL | change)
    assert refused.value.where == where
    assert refused.value.hint


def test_a_file_that_is_no_study_or_gives_a_key_twice_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    for text in ("a: [1", "title: a\ntitle: b\nask: []\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(StudyError) as refused:
            read(path)
        assert refused.value.where == "x.yaml, line 2"
    with pytest.raises(StudyError):
        read(tmp_path / "none.yaml")


def test_a_lever_of_an_unknown_kind_is_named():
    own = STOCK | {"levers": [{"kind": "miracle", "id": "m"}]}
    study = parse(SMALL | {"ask": [{"measures": {"catalogue": False, "own_measures": [own]}}]})
    with pytest.raises(StudyError) as refused:
        studies.run(study, case=case())
    assert refused.value.where == "own_measures.0.levers.0.kind"


def test_a_request_of_a_study_is_answered_as_it_is_by_itself(tmp_path):
    request = written(tmp_path, SMALL)
    whole = ask(request, case=case())
    assert len({table.key for table in whole.tables}) == len(whole.tables)
    for label, one in zip(request.study.labels, request.study.requests, strict=True):
        alone = ask(type(one).of(one.given()), case=case())
        assert alone.tables
        for table in alone.tables:
            assert table.cells == whole.table(f"{label}-{table.key}").cells
        assert set(alone.findings) <= set(whole.findings)


def test_requests_that_share_a_baseline_have_it_solved_once(tmp_path, solved):
    ask(written(tmp_path, SMALL | {"ask": SMALL["ask"][1:]}), case=case())
    assert len(solved) == 1  # measures and plan
    ask(written(tmp_path, SMALL | {"ask": SMALL["ask"][:1]}), case=case())
    assert len(solved) == 2  # a partner is named in every network
    other = SMALL["defaults"] | {"seed": 1}
    ask(written(tmp_path, SMALL | {"ask": SMALL["ask"][1:2], "defaults": other}), case=case())
    assert len(solved) == 3


def test_stated_chances_are_told_and_count():
    request = parse(SMALL).requests[1]
    stated, plain = ask(request, case=case()), ask(request.model_copy(update={"priors": ()}), case=case())
    row = next(iter(stated.table("priors").rows()))
    assert (row["country_name"], row["chance"], row["because"]) == ("China", 0.2, "an opinion")
    assert any("one stated chance" in finding for finding in stated.findings)
    averted = [next(iter(found.table("measures").rows()))["averted"].value for found in (stated, plain)]
    assert averted[0] != averted[1]


def test_the_same_study_gives_the_same_answer_and_its_record_holds_all_that_is_asked(tmp_path):
    first, second = (ask(written(tmp_path, SMALL), case=case()) for _ in range(2))
    assert repr(first.tables) == repr(second.tables)
    assert first.hash == second.hash
    assert ask(written(tmp_path, SMALL | {"title": "other"}), case=case()).hash != first.hash
    kept = first.request.record()["study"]
    again = parse(yaml.safe_load(yaml.safe_dump(kept)))
    assert again.requests == first.request.study.requests


def test_a_study_is_one_page_with_the_figures_of_its_answers(tmp_path):
    study = parse(SMALL)
    parts = studies.run(study, case=case())
    brief = pages.compose(study, parts)
    drawn = {chapter.id: [figure.id for figure in chapter.figures] for chapter in brief.chapters}
    assert drawn["partner"] == ["partner-with-without", "partner-dependence-added"]
    assert drawn["plan"] == ["plan-gantt"]  # no frontier without the deep variants
    assert drawn["measures"] == []
    grid = next(grid for grid in brief.grids() if grid.key == "plan-begun")
    assert [row["measure_name"] for row in grid.rows()] == ["Titanium: stock of sponge"]
    paths = pages.write(study, parts, tmp_path, "small")
    text = paths["html"].read_text(encoding="utf-8")
    assert "No instrument between Japan and Chile is on record" in text
    assert "made up here" in text
    assert paths["xlsx"].stat().st_size > 1000


def test_assumptions_of_the_command_reach_every_request(tmp_path):
    asked = written(tmp_path, SMALL | {"ask": [{"partner": {"partner": "CHL"}}]})
    plain, other = ask(asked, case=case()), ask(asked.model_copy(update={"assume": ("offtake=0.2",)}), case=case())
    rows = [next(r for r in found.table("partner-scenarios").rows() if r["partner_scenario"] == "offtake")
            for found in (plain, other)]  # fmt: skip
    assert rows[1]["tonnes"].value == pytest.approx(2 * rows[0]["tonnes"].value)
    assert "20%" in rows[1]["assumed"]
