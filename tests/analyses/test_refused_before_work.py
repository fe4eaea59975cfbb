"""What would be taken for something else, has no answer or takes too much is refused before any work."""

from __future__ import annotations

import datetime

import pytest

from khanij.analyses.question import request
from khanij.cli import app
from khanij.core.errors import CoverageError, KhanijError
from khanij.jobs import executors, files
from khanij.plan import levers
from khanij.reference import require_standing

TRADE = {"focus": "IND", "hs": "270900", "year": 2023}


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("trade", {**TRADE, "partner": ""}, "nothing is named"),
        ("trade", {**TRADE, "partner": [" "]}, "nothing is named"),
        ("trade", {**TRADE, "hs": ","}, "nothing is named"),
        ("trade", {**TRADE, "partner": 3}, "no text and no list"),
        ("trade", {**TRADE, "hs": True}, "is no value of it"),
        ("trade", {**TRADE, "partner": "\udc80"}, "signs that no text has"),
        ("risk", {"focus": "IND", "years": True}, "true is no value of it"),
        ("register", {"on": "1700006400"}, "is no day"),
        ("register", {"on": 0}, "is no day"),
        ("register", {"on": datetime.datetime(2024, 1, 31, 12)}, "is no day"),
        ("register", {"on": "9999-12-31"}, "nothing is known of"),
        ("assess", {"focus": "IND", "draws": 2}, "so few draws"),
        ("process", {"material": "all", "draws": 100_000}, "100,000 draws take about 53.9 GB"),
        ("demand", {"focus": "IND", "scenarios": True, "to": 2040}, "the list of scenarios"),
        ("scorecard", {"focus": "IND", "part": "targets", "scenario": "nothing"}, "unknown scenario"),
        ("data list", {"assume": ["offtake=0.2"]}, "no assumption moves this answer"),
        ("risk", {"focus": "IND", "assume": ["psi=0"]}, "psi"),
        ("shock", {"focus": "IND", "ban": "SUN:nickel"}, "ended on 1991-12-25"),
        ("partner", {"focus": "IND", "partner": "SUN"}, "ended on 1991-12-25"),
    ],
)
def test_it_is_refused(name, fields, said):
    with pytest.raises(KhanijError) as refused:
        request(name, **fields)
    assert said in refused.value.what + refused.value.where
    assert refused.value.hint


def test_what_is_meant_passes():
    assert request("register", on="2024-01-31").on == request("register", on=datetime.date(2024, 1, 31)).on
    assert request("compare", focus="IND", lists="in-2023-30,in-2023-30,eu-2023-crm").lists == (
        "in-2023-30",
        "eu-2023-crm",
    )
    assert request("trade", **TRADE, partner=None).partner == ()
    assert request("process", material="silicon", draws=50_000).draws == 50_000


def test_a_country_must_have_been_there():
    require_standing("SCG", (1996, 2005))
    require_standing("SSD", range(2005, 2015))
    require_standing("EU27", (1995,))
    with pytest.raises(CoverageError, match="ended on 2006-06-11") as refused:
        require_standing("SCG", (2010,))
    assert "SRB" in refused.value.hint
    with pytest.raises(CoverageError, match="began on 2011-07-09"):
        require_standing("SSD", (2005,))


def test_workers_and_executors_that_cannot_be():
    executors.check(1, None)
    executors.check(2, "tcp://127.0.0.1:1")
    for workers, executor in ((0, None), (10**6, None), (1, "foo"), (1, "")):
        with pytest.raises(KhanijError):
            executors.check(workers, executor)


def test_a_folder_that_cannot_be_made_is_refused_and_one_that_can_leaves_nothing(tmp_path):
    files.check_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(KhanijError, match="in the way"):
        files.check_folder(tmp_path / "taken" / "b")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"replaces": 1}, "replaces"),
        ({"replaces": [[]]}, "replaces"),
        ({"partner": "IND"}, "partner"),
        ({"volume": 1e300}, "volume"),
        ({"material": ""}, "volume"),
    ],
)
def test_levers_that_cannot_be(changes, where):
    given = {"kind": "offtake", "id": "o", "material": "copper", "stage": "refined", "focus": "IND", "partner": "CHL"}
    levers.read({**given, "volume": 20.0})
    with pytest.raises(KhanijError) as refused:
        levers.read({**given, "volume": 20.0, **changes})
    assert refused.value.where.endswith(where)


def test_an_option_that_takes_one_value_stands_once(capsys):
    assert app.launch(["risk", "IND", "--seed", "1", "--seed=2"]) == 2
    assert capsys.readouterr().err.splitlines()[:2] == ["error: given twice", "where: --seed"]
    assert app.launch(["data", "list", "materials", "--table", "materials", "--table", "nothing"]) == 2
    assert "no table 'nothing'" in capsys.readouterr().err  # may stand twice


def test_names_of_files_that_no_disk_takes():
    for name in ("a" * 300, "a" * 5000, " "):
        with pytest.raises(KhanijError):
            request("run", method="n-1-loss", purchases=name)
