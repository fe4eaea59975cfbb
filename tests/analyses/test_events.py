"""Events as data: the catalogue is whole, and what cannot be is refused with the key at which it stands."""

from __future__ import annotations

import copy
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.analyses.question import ask, request
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.chronicle import events

WHOLE = {
    "id": "one-event",
    "name": "an event",
    "kind": "export-ban",
    "role": "test",
    "materials": ["gallium"],
    "stages": ["refined"],
    "country": "CHN",
    "destinations": ["USA", "EU27"],
    "start": "2023-08-15",
    "size": {
        "of": "exports",
        "cut": {"low": 0.5, "best": 0.8, "high": 1.0, "source": "a", "confidence": "high"},
        "recovery": [
            {"month": 2, "share": 0.4, "source": "a", "confidence": "high"},
            {"month": 4, "share": 0.8, "source": "a", "confidence": "high"},
        ],
    },
    "measured": [
        {"what": "exports", "of": "metal", "material": "gallium", "side": "after", "when": "2023-08", "value": 0}
        | {"unit": "kg", "source": "a", "confidence": "high"}
    ],
    "sources": {"a": {"title": "a title", "publisher": "a publisher"}},
}


def changed(path, value):
    """Return the whole event with one key changed; None takes the key away."""
    values = copy.deepcopy(WHOLE)
    *parents, last = path.split(".")
    place = values
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return values


def test_a_whole_event_is_read():
    event = events.check(WHOLE, "x")
    assert event.affected(2023)[0] == "USA"
    assert {"DEU", "FRA"} <= set(event.affected(2023))
    assert event.size.cut.best == 0.8


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("size.cut.low", -0.1, "size.cut.low"),
        ("size.cut.high", 1.1, "size.cut.high"),
        ("size.cut.best", 0.4, "size.cut"),
        ("size.cut", {"low": 0, "best": 0, "high": 0, "confidence": "low"}, "size.cut"),
        ("size.of", "everything", "size.of"),
        ("size.recovery.0.month", 9, "size"),
        ("size.recovery.1.share", -1, "size.recovery.1.share"),
        ("destinations", [], "destinations"),
        ("destinations", ["CHN"], "destinations"),
        ("destinations", ["Atlantis"], "destinations"),
        ("destinations", "nobody", "destinations"),
        ("exempt", ["USA", "EU27"], "destinations"),
        ("end", "2023-08-14", "end"),
        ("announced", "2023-08-16", "announced"),
        ("start", None, "start"),
        ("start", "yesterday", "start"),
        ("stages", ["melted"], "stages"),
        ("stages", ["mined"], "stages"),  # no chain has mined gallium
        ("stages", [], "stages"),
        ("country", "ZZZ", "country"),
        ("materials", ["unobtainium"], "materials"),
        ("materials", [], "materials"),
        ("kind", "bad-mood", "kind"),
        ("role", "hero", "role"),
        ("id", "Not An Id", "id"),
        ("colour", "blue", "colour"),
        ("size.colour", "blue", "size.colour"),
        ("measured.0.value", -1, "measured.0"),
        ("measured.0.unit", "bushel", "measured.0.unit"),
        ("measured.0.when", "2023-13", "measured.0.when"),
        ("measured.0.source", "b", "measured.0.source"),
        ("measured.0.material", "tin", "measured.0.material"),
        ("measured.0.low", 3.0, "measured.0"),
        ("measured.0.confidence", "total", "measured.0.confidence"),
        ("measured.0.source", None, "measured.0.source"),
        ("sources", {}, "sources"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(path, value, where):
    with pytest.raises(StudyError) as refused:
        events.check(changed(path, value), "file.yaml")
    assert refused.value.where == f"file.yaml: {where}"
    assert refused.value.what


@pytest.mark.parametrize("text", ["- a list", "{open", "just words", ""])
def test_a_file_that_is_no_event_is_refused(tmp_path, text):
    path = tmp_path / "event.yaml"
    path.write_text(text)
    with pytest.raises(StudyError) as refused:
        events.read(path)
    assert refused.value.where.startswith("event.yaml")
    with pytest.raises(StudyError):
        events.read(tmp_path / "absent.yaml")


def test_every_file_is_an_event_of_its_name():
    files = sorted(events.FOLDER.glob("*.yaml"))
    assert len(files) >= 30
    assert {path.stem for path in files} == set(events.catalogue())
    for path in files:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["id"] == path.stem


def test_the_catalogue_holds_what_the_back_test_needs():
    found = events.catalogue()
    roles = {role: [e.id for e in found.values() if e.role == role] for role in ("fit", "test", "negative-control")}
    assert set(roles["fit"]) == {
        "indonesia-nickel-ore-2014",
        "china-gallium-2023",
        "china-germanium-2023",
        "drc-cobalt-stop-2025",
    }
    assert set(roles["negative-control"]) == {"russia-nickel-palladium-2022", "china-rare-earths-october-2025"}
    assert len(roles["test"]) >= 15
    assert [e.start for e in found.values()] == sorted(e.start for e in found.values())
    assert {e.country for e in found.values()} <= set(reference.countries())


def test_every_figure_has_a_source_or_says_that_it_is_remembered():
    for event in events.catalogue().values():
        for place, part in event.sourced():
            assert part.source in event.sources or part.confidence == "low", f"{event.id}: {place}"
        assert all(s.url or s.publisher.startswith(("khanij", "qennis", "CEPII")) for s in event.sources.values())
        assert not any(re.search(r"placeholder|tbd", str(s).lower()) for s in event.sources.values())


def test_an_unknown_event_is_refused_with_those_like_it():
    with pytest.raises(CoverageError) as refused:
        events.find("china-gallium")
    assert "china-gallium-2023" in refused.value.hint


def test_the_flow_over_time():
    flow = events.path(events.check(WHOLE, "x"), 2, 6)
    # two usual months; from the 15th of August 20 % of the usual flow; then 40, 60, 80 %
    assert flow == pytest.approx([1, 1, 0.2 + 0.8 * 14 / 31, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8])
    assert events.path(events.check(WHOLE, "x"), 0, 1, "high")[1] == 0
    ended = events.path(events.check(changed("end", "2023-09-30"), "x"), 0, 3)
    assert ended[2:] == [1.0, 1.0]


def test_a_negative_control_keeps_its_flow():
    for id in ("russia-nickel-palladium-2022", "china-rare-earths-october-2025"):
        assert events.path(events.find(id), 3, 12) == [1.0] * 16


@given(
    st.sampled_from(sorted(events.catalogue())),
    st.integers(0, 24),
    st.integers(0, 36),
    st.sampled_from(["low", "best", "high"]),
)
def test_no_flow_is_negative(id, before, after, end):
    flow = events.path(events.find(id), before, after, end)
    assert len(flow) == before + after + 1
    assert all(0 <= share <= 25 for share in flow)


def test_listing_and_details():
    assert len(ask(request("events list")).table("events")) == len(events.catalogue())
    for id, event in events.catalogue().items():
        found = ask(request("events show", event=id))
        assert len(found.table("figures")) == len(list(event.sourced()))
        assert event.name in found.table("figures").title
        assert set(found.table("figures").column("source")) - {None} <= set(found.sources)


def test_the_list_can_be_narrowed():
    rows = list(ask(request("events list", material="gallium", role="fit")).table("events").rows())
    assert [row["event"] for row in rows] == ["china-gallium-2023"]
    with pytest.raises(CoverageError, match="no event of hafnium"):
        ask(request("events list", material="hafnium"))
