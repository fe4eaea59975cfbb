"""Studies from files: every shipped one is read, wrong keys are named, the same file gives the same tables."""

from pathlib import Path

import pytest
import typer
import yaml

from khanij.analyses.partner import run, tables
from khanij.analyses.plan import words
from khanij.analyses.study import page as pages
from khanij.analyses.study import run as studies
from khanij.cli import measures as measured
from khanij.cli import partner as partnered
from khanij.cli import plan as planned
from khanij.core.errors import StudyError
from khanij.plan.measures import partnerships as partners
from khanij.plan.measures.partnership_value import value_partnership
from khanij.reference import money

FOLDER = Path(__file__).parents[2] / "studies"
SMALL = {
    "title": "small",
    "focus": "JPN",
    "years": 60,
    "materials": ["titanium", "silicon"],
    "currency": "million USD",
    "chances": [
        {"country": "CHN", "material": "titanium", "stage": "refined", "probability": 0.2, "because": "an opinion"}
    ],
    "partner": {"country": "KAZ"},
    "measures": {"catalogue": False, "own": [
        {
            "id": "stock", "name": "stock of silicon", "source": "made up here", "cost": {"best": "2 million USD"},
            "levers": [{"kind": "stockpile", "id": "s", "material": "silicon", "stage": "processed", "country": "JPN",
                        "days": 90}],
        }
    ]},
}  # fmt: skip


SHIPPED = sorted(path for path in FOLDER.glob("*.yaml") if "title:" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_is_read(path):
    study = studies.read(path)
    assert study.title
    assert studies.parse(study.model_dump(by_alias=True)) == study


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_runs_on_few_years_and_minerals(path):
    asked = studies.read(path).model_dump(by_alias=True, mode="json")
    asked |= {"years": 60, "materials": asked["materials"] or ["cobalt", "copper", "rare-earths"]}
    if asked["plan"]:
        asked["plan"] |= {"scenarios": 20, "deep": False}
    found = studies.run(studies.parse(asked))
    said = [row["finding"] for row in found.tables["in-words"].rows()]
    assert said
    assert all(len(table) for table in found.tables.values())
    if asked["plan"]:
        figures = {row["figure"]: row["value"] for row in found.tables["plan-account"].rows()}
        assert figures["gap"] <= asked["plan"]["gap"] + 1e-12
        reached = found.tables.get("plan-goals")
        assert bool(reached) == bool(asked["plan"]["reach"])
        for row in reached.rows() if reached else ():
            assert row["given by measures"] >= row["asked of measures"] - 1e-6


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "red"}, "colour"),
        ({"focus": None}, "focus"),
        ({"partner": {"country": "JPN", "friend": True}}, "partner.friend"),
        ({"plan": {"budget": "1 USD", "from": 2025}}, "plan.to"),
        (
            {"chances": [{"country": "CHN", "material": "tin", "probability": 2, "because": "x"}]},
            "chances.0.probability",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_key(change, where):
    with pytest.raises(StudyError) as refused:
        studies.parse(SMALL | change)
    assert refused.value.where == where


def test_a_file_that_is_no_study_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: [1", encoding="utf-8")
    with pytest.raises(StudyError, match="no YAML|cannot read"):
        studies.read(path)
    with pytest.raises(StudyError):
        studies.read(tmp_path / "none.yaml")


def test_a_lever_of_an_unknown_kind_is_named(tmp_path):
    own = SMALL["measures"]["own"][0] | {"levers": [{"kind": "miracle", "id": "m"}]}
    wrong = SMALL | {"partner": None, "measures": {"catalogue": False, "own": [own]}}
    with pytest.raises(StudyError) as refused:
        studies.run(studies.parse(wrong))
    assert refused.value.where == "measures.own.0.levers.0.kind"


def test_the_same_study_gives_the_same_tables(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(SMALL), encoding="utf-8")
    study = studies.read(path)
    first, second = studies.run(study, folder=tmp_path / "bundle"), studies.run(study)
    assert repr(first.tables) == repr(second.tables)
    assert next(iter(first.tables)) == "in-words"
    assert {"measures", "chances"} <= set(first.tables)
    assert {"study.yaml", "in-words.parquet", "manifest.lock"} <= {p.name for p in (tmp_path / "bundle").iterdir()}
    row = next(iter(first.tables["measures"].rows()))
    assert (row["cost"], row["source of cost"]) == (2.0, "made up here")


def test_a_study_is_one_page(tmp_path):
    found = studies.run(studies.parse(SMALL))
    paths = pages.write(found, tmp_path, "small")
    text = paths["html"].read_text(encoding="utf-8")
    assert "No instrument between Japan and Kazakhstan is on record" in text
    assert "made up here" in text
    assert paths["xlsx"].stat().st_size > 1000


def test_a_focus_without_a_table_is_told_so_wherever_money_is():
    asked = {
        "title": "Chile",
        "focus": "CHL",
        "years": 60,
        "materials": ["molybdenum", "rare-earths"],
        "partner": {"country": "JPN"},
        "measures": {"catalogue": True},
        "plan": {"budget": "1 million USD", "from": 2026, "to": 2028, "scenarios": 20, "deep": False},
    }
    found = studies.run(studies.parse(asked))
    priced = [name for name in found.tables if name in ("measures", "plan-account", "partner-1")]
    assert len(priced) == 3
    for name in priced:
        assert any("no input-output table of CHL" in note for note in found.tables[name].notes), name
    said = [row["finding"] for row in found.tables["in-words"].rows()]
    assert sum("no input-output table of CHL" in line for line in said) == 2  # of the pair, and of the plan
    assert any(row["averted"] > 0 for row in found.tables["measures"].rows())


def test_without_an_instrument_or_a_mineral_asked_for_all_listed_count(monkeypatch):
    monkeypatch.setattr(run.official, "minerals", lambda focus, year: ("molybdenum", "rare-earths"))
    pair = run.prepare("CHL", "JPN", years=40)
    assert (pair.signed, pair.base.materials) == ((), ("molybdenum", "rare-earths"))
    table = tables.value(value_partnership(pair), money.currency("USD", "million"))
    assert partners.UNSIGNED in table.notes
    assert [row["scenario"] for row in table.rows()] == ["offtake", "plants"]


def test_small_amounts_are_not_told_as_none():
    assert [words._money(value) for value in (0.0, 0.00179, 12.34, 100.4, 34300.0)] == [
        *("0", "0.00179", "12.3", "100", "34,300")
    ]


def test_a_study_of_a_plan_and_a_partner_has_their_figures():
    own = [SMALL["measures"]["own"][0] | {"cost": {"best": "1000 USD"}}]
    plan = {"budget": "100 million USD", "from": 2026, "to": 2028, "scenarios": 10, "deep": False}
    plan |= {"catalogue": False, "own": own}
    asked = SMALL | {"measures": None, "partner": {"country": "CHN", "materials": ["titanium"]}, "plan": plan}
    page = pages.compose(studies.run(studies.parse(asked)))
    drawn = {chapter.id: [figure.id for figure in chapter.figures] for chapter in page.chapters}
    assert drawn["study-partner"][0] == "with-without"
    assert drawn["study-plan"] == ["gantt"]  # no frontier without the deep variants
    grid = next(grid for grid in page.grids() if grid.key == "plan-plan")
    assert grid.title.startswith("Plan of Japan")
    assert [row[2] for row in grid.cells] == ["Silicon: stock of silicon"]


def test_the_commands_register():
    app = typer.Typer()
    for module in (measured, partnered, planned):
        module.register(app)
    assert {command.callback.__name__ for command in app.registered_commands} == {"measures", "partner", "plan"}
    assert [group.name for group in app.registered_groups] == ["study"]
