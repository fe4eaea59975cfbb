"""What shortages did downstream: the split was made before any model, whole waves on one side, controls on both."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from khanij import reference
from khanij.core.errors import ParseError
from khanij.reference.chronicle import loss_outcomes as table

SHARED = Path(__file__).parents[2].parent / "shared"
FIT, TEST = table.loss_outcomes("fit"), table.loss_outcomes("test")


def test_the_split_is_the_one_that_was_named() -> None:
    """Changed only with a reason in the history: a model that has seen a test has no test left."""
    assert {row.wave for row in FIT} == {
        "aisin-fire-1997",
        "china-fertiliser-2021",
        "china-power-2021",
        "indonesia-bauxite-2014",
        "indonesia-nickel-ore-2014",
        "japan-korea-chemicals-2019",
        "kumamoto-2016",
        "red-sea-2024",
        "riken-2007",
        "south-africa-platinum-strike-2014",
        "sri-lanka-fertiliser-2021",
        "thailand-floods-2011",
        "tohoku-2011",
    }
    assert not {row.wave for row in FIT} & {row.wave for row in TEST}
    assert {"china-rare-earths-2025", "chips-2020-2022"} <= {row.wave for row in TEST}


def test_half_or_more_are_tests_and_controls_stand_on_both_sides() -> None:
    both = (*FIT, *TEST)
    assert set(both) == set(table.loss_outcomes())
    assert len(TEST) >= len(both) / 2
    count = Counter((row.split, row.role) for row in both)
    assert count["test", "control"] >= 15
    assert count["fit", "control"] >= 5
    assert count["fit", "event"] >= 10


def test_rows_hold_what_they_say() -> None:
    for row in (*FIT, *TEST):
        assert row.confidence == "low" or row.kind == "read", row
        assert row.change is None or -1 <= row.change.low <= row.change.best <= row.change.high, row
        if row.role == "control" and row.change is not None:
            assert row.change.best >= -0.05, row  # no fall, or hardly any
        if row.role == "event" and row.change is not None:
            assert row.change.best < 0, row
        assert row.recalled == () or "general-knowledge" in row.source, row


@pytest.mark.parametrize(
    ("product", "start", "change", "units"),
    [
        ("Maruti e-Vitara", "2025-04-01", 8221 / 26512 - 1, 8221 - 26512),  # plan seen by Reuters, June 2025
        ("Bajaj Chetak, electric scooter", "2025-07-01", 10824 / 20384 - 1, 10824 - 20384),  # Autocar India
    ],
)
def test_read_losses_are_those_that_were_read(product: str, start: str, change: float, units: float) -> None:
    (row,) = (r for r in TEST if (r.product, r.start) == (product, start))
    assert row.change is not None
    assert row.units is not None
    assert row.change.best == pytest.approx(change, abs=0.005)
    assert row.units.best == units


@pytest.mark.skipif(not SHARED.is_dir(), reason="the compiled table is not here")
def test_every_row_of_the_compiled_table_is_restated() -> None:
    with (SHARED / "facts" / "loss_outcomes.csv").open(encoding="utf-8", newline="") as lines:
        compiled = list(table_rows(lines))
    assert Counter(
        (r["country"].replace("EU", "EU27") if r["country"] == "EU" else r["country"]) for r in compiled
    ) == (Counter(row.place for row in table.loss_outcomes()))
    assert Counter(r["role"] == "negative_control" for r in compiled) == Counter(
        row.role == "control" for row in table.loss_outcomes()
    )


def table_rows(lines):
    """Return the rows of an open CSV file."""
    import csv

    return csv.DictReader(lines)


ROW = reference.rows("loss_outcomes")[0]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"split": "both"}, "unknown split"),
        ({"start": "April 2025"}, "start 'April 2025'"),
        ({"change_low": "-1.5"}, "not a figure of -1 or more"),
        ({"unit": ""}, "without unit"),
        ({"source": "hearsay"}, "unknown source"),
    ],
)
def test_a_broken_row_is_told_in_three_lines(changed: dict[str, str], says: str) -> None:
    with pytest.raises(ParseError) as caught:
        table.parse_outcome(ROW | changed, "loss_outcomes.csv line 2")
    what, where, _ = caught.value.lines()
    assert says in what
    assert where == "where: loss_outcomes.csv line 2"


def test_a_wave_on_both_sides_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ROW | {"id": "another", "split": "test" if ROW["split"] == "fit" else "fit"}
    monkeypatch.setattr(reference, "rows", lambda name: [ROW, other])
    table._outcomes.cache_clear()
    with pytest.raises(ParseError, match="for fits and for tests"):
        table.loss_outcomes()
    table._outcomes.cache_clear()
