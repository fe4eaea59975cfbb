"""The register of instruments: every row holds, known ones stand on their days, and states follow the calendar."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.core.errors import CoverageError, ParseError
from khanij.reference.chronicle import instruments as table
from khanij.reference.chronicle.partial_dates import PartialDate

ALL = table.register()
BY_ID = {instrument.id: instrument for instrument in ALL}
ROW = {
    "id": "xyz-nickel-export-ban-2020",
    "country": "IDN",
    "act": "an order",
    "materials": "nickel",
    "stages": "mined",
    "codes": "2604",
    "kind": "export-ban",
    "scope": "goods",
    "destinations": "all",
    "announced": "2019-08-30",
    "in_force": "2020-01-01",
    "suspended": "",
    "resumed": "",
    "ended": "",
    "size": "",
    "unit": "",
    "terms": "",
    "renews": "",
    "note": "",
    "url": "",
    "source": "khanij-register-2026",
    "confidence": "high",
}


def made(**cells: str) -> table.Instrument:
    return table.check(ROW | cells, "here, row 2")


def test_the_register_is_large_enough_and_ids_are_unique_and_sorted():
    ids = [instrument.id for instrument in ALL]
    assert ids == sorted(set(ids))
    assert sum(i.begins >= date(2006, 1, 1) for i in ALL) >= 250
    assert len({i.country for i in ALL}) >= 45
    assert all(i.begins >= date(2005, 12, 1) for i in ALL)


def test_confidence_follows_from_the_source():
    share = Counter(i.confidence for i in ALL)
    assert share["high"] > share["low"]
    for i in ALL:
        assert i.confidence == "low" or i.source != table.RECALLED, i.id
        assert not (i.confidence == "high" and "recalled" in i.note), i.id
        assert i.url.startswith("http") or not i.url, i.id


# Days as the pages and acts named here give them.
@pytest.mark.parametrize(
    ("id", "announced", "in_force", "ended"),
    [
        # MOFCOM, GACC announcement 23 of 2023
        ("chn-gallium-licence-2023", "2023-07-03", "2023-08-01", None),
        # Reuters in Mining.com, December 2023; MOFCOM, GACC announcement 39 of 2023
        ("chn-graphite-licence-2023", "2023-10-20", "2023-12-01", None),
        # MOFCOM, GACC announcement 33 of 2024
        ("chn-antimony-licence-2024", "2024-08-15", "2024-09-15", None),
        # MOFCOM announcement 46 of 2024, held by 72 of 2025 (Clark Hill, November 2025)
        ("chn-gallium-export-ban-2024", "2024-12-03", "2024-12-03", None),
        # MOFCOM, GACC announcement 10 of 2025
        ("chn-minerals-licence-2025", "2025-02-04", "2025-02-04", None),
        # MOFCOM, GACC announcement 18 of 2025
        ("chn-minerals-licence-2025-2", "2025-04-04", "2025-04-04", None),
        # MOFCOM, GACC announcement 57 of 2025, held by 70 of 2025 (Pillsbury, November 2025)
        ("chn-minerals-licence-2025-3", "2025-10-09", "2025-11-08", None),
        # Tech Metals Research 2014: last quota, 30,611 t; licence from 2015
        ("chn-rare-earths-quota-2014", "2013-12-13", "2014-01-01", "2014-12-31"),
        # Financial Post (Reuters) 2019-08-30
        ("idn-nickel-export-ban-2020", "2019-08-30", "2020-01-01", None),
        # Bloomberg 2013-09-03: ingots through the exchange from 30 August
        ("idn-tin-licence-2013-2", None, "2013-08-30", None),
        # Africanews 2025-09-22
        ("cod-cobalt-export-ban-2025", "2025-02-22", "2025-02-22", "2025-10-15"),
        # TRT, Mwebantu 2025-05-31
        ("gab-manganese-export-ban-2029", "2025-05-30", "2029-01-01", None),
        # Global Trade Alert, state act 63968
        ("ind-iron-export-tax-2022", "2022-05-21", "2022-05-22", "2022-11-18"),
        # PTI in Devdiscourse 2023-06-22
        ("ind-chromium-licence-2023", "2023-06-22", "2023-06-22", None),
        # Interfax 2022-05-31
        ("rus-nitrogen-quota-2022", "2022-05-31", "2022-07-01", "2022-12-31"),
        # All Africa 2026-03-04, Qazinform 2026-02-26
        ("zwe-lithium-export-ban-2026", "2025-06", "2026-02-25", None),
        # SteelOrbis 2022-07-19
        ("are-iron-export-ban-2020", "2020-05", "2020-05-15", "2024-01-14"),
        # Channel News Asia (Reuters) 2025-12-10
        ("idn-gold-export-tax-2025", "2025-12-10", "2025-12-23", None),
    ],
)
def test_known_instruments_stand_on_their_days(id, announced, in_force, ended):
    days = (BY_ID[id].announced, BY_ID[id].in_force, BY_ID[id].ended)
    assert tuple(day.text if day else None for day in days) == (announced, in_force, ended)


def test_sizes_are_those_of_the_press():
    assert (BY_ID["cod-cobalt-quota-2025"].size, BY_ID["cod-cobalt-quota-2025"].unit) == (18125, "t")
    assert BY_ID["chn-rare-earths-quota-2010"].size == 30258
    assert (BY_ID["ind-iron-export-tax-2022"].size, BY_ID["ind-iron-export-tax-2022"].unit) == (50, "%")
    assert BY_ID["ind-coking-coal-import-quota-2025"].size == sum(
        (51276, 78646, 249771, 66364, 209980, 506336, 1620, 89182, 46478, 81774, 76, 45662)
    )


def test_the_hold_of_november_2025_is_a_state_of_its_own():
    october = BY_ID["chn-minerals-licence-2025-3"]
    assert "holmium" in october.materials
    days = (date(2025, 10, 8), date(2025, 10, 9), date(2025, 11, 7), date(2025, 11, 9), date(2026, 11, 10))
    assert [october.state(day) for day in days] == ["none", "announced", "suspended", "suspended", "suspended"]
    assert october.state(date(2026, 11, 11)) == "in-force"  # by the act itself; what followed was not found
    ban = BY_ID["chn-gallium-export-ban-2024"]
    assert ban.state(date(2025, 1, 1), "USA") == "in-force"
    assert ban.state(date(2025, 1, 1), "IND") == ban.state(date(2025, 1, 1), "CHN") == "none"
    assert ban.state(date(2026, 1, 1), "USA") == "suspended"


def test_readers_select_by_country_kin_day_and_destination():
    seven = {i.id for i in table.instruments("China", "dysprosium")}
    assert {"chn-minerals-licence-2025-2", "chn-rare-earths-quota-2010"} <= seven  # an element, and its group
    assert "chn-rare-earths-quota-2010" in {i.id for i in table.instruments("CHN", "neodymium")}
    assert seven <= {i.id for i in table.instruments(None, "rare-earths")}
    assert "chn-gallium-licence-2023" not in seven
    assert {i.country for i in table.instruments("EU27")} == {"EU27"}
    on = date(2025, 3, 1)
    usa, india = (table.in_force(on, "CHN", "gallium", code) for code in ("USA", "IND"))
    alone = {i.id for i in usa} - {i.id for i in india}
    assert alone == {"chn-gallium-export-ban-2024", "chn-minerals-export-ban-2024"}
    assert table.in_force(date(1990, 1, 1)) == ()
    with pytest.raises(CoverageError):
        table.instruments("CHN", "unobtainium")


def test_a_union_never_strikes_its_members_and_a_group_strikes_its_own():
    ours = made(country="EU27", destinations="all")
    assert not ours.strikes("DEU", date(2024, 1, 1))
    assert ours.strikes("IND", date(2024, 1, 1))
    assert made(destinations="EU27;USA").strikes("DEU", date(2024, 1, 1))
    assert not made(destinations="EU27;USA").strikes("IND", date(2024, 1, 1))


def test_documented_events_that_are_instruments_stand_in_the_register():
    kinds = {"export-ban", "licence-regime", "quota", "tariff", "sanctions"}
    for path in sorted((reference.FOLDER / "events").glob("*.yaml")):
        event = yaml.safe_load(path.read_text(encoding="utf-8"))
        if event["kind"] in kinds:
            begun = str(event["start"])
            acting = {event["country"], "USA"}  # of sanctions the country struck is named, who acts is the other
            same = [
                i
                for i in ALL
                if i.country in acting
                and set(i.materials) & {m for good in event["materials"] for m in table.kin(good)}
                and i.in_force is not None
                and i.in_force.text == begun
            ]
            assert same, path.stem


def test_chains_lead_back_to_a_first_decision():
    for i in ALL:
        seen = {i.id}
        while i.renews:
            before = BY_ID[i.renews]
            assert before.kind == i.kind
            assert before.country == i.country
            assert before.begins <= i.begins
            assert before.id not in seen
            seen.add(before.id)
            i = before


days = st.dates(date(2005, 1, 1), date(2035, 1, 1))


@given(st.sampled_from(ALL), days, st.integers(1, 4000))
def test_states_only_go_forward_save_for_a_hold(instrument, day, later):
    rank = table.STATES.index
    before, after = instrument.state(day), instrument.state(day + timedelta(later))
    if instrument.suspended is None:
        assert rank(before) <= rank(after)
    assert before != "ended" or after == "ended"
    assert after != "none" or before == "none"
    assert instrument.suspended is not None or "suspended" not in (before, after)


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=5, max_size=5), days)
def test_a_made_instrument_is_in_the_state_that_its_days_say(unsorted, day):
    announced, in_force, suspended, resumed, ended = sorted(unsorted)
    cells = dict(announced=announced, in_force=in_force, suspended=suspended, resumed=resumed, ended=ended)
    state = made(**{name: value.isoformat() for name, value in cells.items()}).state(day)
    if day < announced:
        assert state == "none"
    elif day > ended:
        assert state == "ended"
    elif suspended <= day < resumed:
        assert state == "suspended"
    else:
        assert state == ("in-force" if day >= in_force else "announced")


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_a_partial_date_holds_every_day_that_it_may_be(year, month):
    whole, part = PartialDate.read(f"{year}"), PartialDate.read(f"{year}-{month:02}")
    quarter = PartialDate.read(f"{year}-Q{(month + 2) // 3}")
    assert whole.first <= quarter.first <= part.first < part.last <= quarter.last <= whole.last
    assert (part.last + timedelta(1)).day == 1
    day = PartialDate.read(part.last.isoformat())
    assert day.first == day.last == part.last


@pytest.mark.parametrize("text", ["2020-13", "2020-02-30", "20", "2020-1", "soon", "2020-Q5", "2020/01/01", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="is no date"):
        PartialDate.read(text)


@pytest.mark.parametrize(
    ("cells", "field", "what"),
    [
        ({"country": "XYZ"}, "country", "unknown country 'XYZ'"),
        ({"destinations": "USA;ABC"}, "destinations", "unknown destinations 'ABC'"),
        ({"destinations": ""}, "destinations", "no destination"),
        ({"materials": "nickel;kryptonite"}, "materials", "unknown materials 'kryptonite'"),
        ({"materials": ""}, "materials", "no material"),
        ({"stages": "smelted"}, "stages", "unknown stages 'smelted'"),
        ({"materials": "nickel;helium", "stages": "refined"}, "stages", "helium has none of the stages refined"),
        ({"codes": "260"}, "codes", "unknown codes '260'"),
        ({"codes": "9999"}, "codes", "unknown codes '9999'"),
        ({"kind": "ban"}, "kind", "unknown kind 'ban'"),
        ({"scope": "all"}, "scope", "unknown scope 'all'"),
        ({"confidence": "sure"}, "confidence", "unknown confidence 'sure'"),
        ({"unit": "parsec", "size": "3"}, "unit", "unknown unit 'parsec'"),
        ({"unit": "%"}, "unit", "a size has a unit"),
        ({"size": "much"}, "size", "size 'much' is no number"),
        ({"in_force": "2020-01-32"}, "in_force", "'2020-01-32' is no date"),
        ({"ended": "2019-12-31"}, "ended", "ended 2019-12-31 lies before in_force 2020-01-01"),
        ({"announced": "2020-02"}, "in_force", "in_force 2020-01-01 lies before announced 2020-02"),
        ({"suspended": "2021-05", "resumed": "2021-04"}, "resumed", "resumed 2021-04 lies before suspended 2021-05"),
        ({"resumed": "2021"}, "resumed", "resumed, but never suspended"),
        ({"announced": "", "in_force": ""}, "announced", "neither announced nor in force"),
        ({"source": "somebody"}, "source", "unknown source 'somebody'"),
        ({"source": ""}, "source", "unknown source ''"),
        ({"source": "general-knowledge"}, "confidence", "recalled and not of low confidence"),
        ({"act": ""}, "url", "neither page nor act"),
    ],
)
def test_a_wrong_row_is_refused_in_three_lines_that_name_it(cells, field, what):
    with pytest.raises(ParseError) as refused:
        made(**cells)
    lines = refused.value.lines()
    assert lines[0].startswith(f"error: {what}")
    assert lines[1] == f"where: here, row 2: {field}"
    assert len(lines[2]) > len("hint:  -")


def test_a_row_without_a_cell_is_refused():
    with pytest.raises(ParseError, match="no cell kind, scope"):
        table.check({k: v for k, v in ROW.items() if k not in ("kind", "scope")}, "here")


def test_dates_of_one_month_do_not_contradict_each_other():
    row = made(announced="2008-02-15", in_force="2008-02", ended="2008-02")
    assert row.state(date(2008, 2, 14)) == "none"
    assert row.state(date(2008, 2, 15)) == row.state(date(2008, 2, 29)) == "in-force"
    assert row.state(date(2008, 3, 1)) == "ended"
