"""The checks of the store, on a small hand-made store with planted gaps."""

from __future__ import annotations

import polars as pl
import pytest

from khanij.core.table import Table
from khanij.data import reconcile
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.reconcile import balances, coverage, editions, figures, sources, units, world

WMD, MCS25, MCS26 = ("world-mining-data", "2018-2024"), ("usgs-mcs", "2025"), ("usgs-mcs", "2026")
HS92, HS17 = ("baci-hs92", "202601"), ("baci-hs17", "202601")


def output(origin, material, country, value, *, year=2023, stage="mined", item="mine production", **more):
    """Return one production fact; `more` overrides basis, status, note, low, high, row, unit."""
    source, edition = origin
    row = {"quantity": "production", "material": material, "stage": stage, "item": item, "country": country}
    row |= {"year": year, "value": value, "unit": "t", "status": "reported", "confidence": "high"}
    return row | {"source": source, "edition": edition, "row": 1, "basis": "gross"} | more


def flow(origin, code, country, partner, tonnes, value, year=2023):
    """Return the mass and value facts of one flow; tonnes None = not known."""
    source, edition = origin
    row = {"item": code, "country": country, "partner": partner, "year": year, "confidence": "high", "row": 1}
    row |= {"source": source, "edition": edition}
    known = "unavailable" if tonnes is None else "reported"
    return [
        row | {"quantity": "trade_mass", "value": tonnes, "unit": "t", "basis": "gross", "status": known},
        row | {"quantity": "trade_value", "value": value, "unit": "kUSD", "status": "reported"},
    ]


def found(table: Table, **where):
    """Return the only row of a table with these labels."""
    rows = [row for row in table.rows() if all(row[name] == value for name, value in where.items())]
    assert len(rows) == 1, rows
    return rows[0]


def gap_of(rows):
    """Return the compared totals of production facts, by (material, year)."""
    frame = facts.complete(pl.DataFrame([{n: row.get(n) for n in facts.SCHEMA} for row in rows], schema=facts.SCHEMA))
    keyed = frame.with_columns(key=pl.concat_str("source", "edition", separator="@"))
    return {(row["material"], row["year"]): row for row in world.gaps(figures.in_published_basis(keyed))}


# --- world totals -----------------------------------------------------------------------------------------------------


def test_a_planted_gap_is_unexplained_and_flagged():
    rows = [output(WMD, "talc", "WLD", 1_234_567.0), output(WMD, "talc", "IND", 1_000_001.0)]
    row = gap_of(rows)["talc", 2023]
    assert row["class"] == "UNEXPLAINED"
    assert row["flagged"]
    assert row["gap"] == pytest.approx(234_566)
    assert row["relative"] == pytest.approx(234_566 / 1_234_567)


def test_other_countries_and_aggregates_are_parts_of_the_total():
    parts = [output(WMD, "talc", code, 100.0) for code in ("IND", "ROW", "AGG")]
    assert gap_of([output(WMD, "talc", "WLD", 300.0), *parts])["talc", 2023]["class"] == "agrees"


def test_a_withheld_producer_explains_a_missing_part_but_not_a_surplus():
    silent = output(MCS26, "talc", "USA", None, status="withheld")
    total = output(MCS26, "talc", "WLD", 123_456.0)
    row = gap_of([total, silent, output(MCS26, "talc", "IND", 100_007.0)])["talc", 2023]
    assert (row["class"], row["explanation"]) == ("withheld", "no figure for USA (withheld)")
    assert row["flagged"]
    assert gap_of([total, silent, output(MCS26, "talc", "IND", 150_007.0)])["talc", 2023]["class"] == "UNEXPLAINED"


def test_a_total_of_few_digits_is_rounded_and_a_total_of_many_is_not():
    parts = [output(MCS26, "talc", "IND", 1_000.0), output(MCS26, "talc", "CHN", 1_400.0)]
    assert gap_of([output(MCS26, "talc", "WLD", 2_000.0), *parts])["talc", 2023]["class"] == "rounding"
    exact = [output(MCS26, "talc", "IND", 1_001.0), output(MCS26, "talc", "CHN", 1_401.0)]
    assert gap_of([output(MCS26, "talc", "WLD", 2_001.0), *exact])["talc", 2023]["class"] == "UNEXPLAINED"


def test_a_derived_figure_is_rounded_as_it_was_printed():
    # 2.0 kt of TiO2, printed with one digit, is 1198.698 t of Ti
    half = figures.half_unit(2_000 * 0.599349, "Ti", "published as TiO2")
    assert half == pytest.approx(500 * 0.599349, rel=1e-4)
    assert figures.significant(2_000 * 0.599349, "Ti", "published as TiO2") == 1


def test_a_total_without_the_united_states_is_a_matter_of_scope():
    total = output(MCS26, "talc", "WLD", 100_001.0, note="excludes the United States")
    row = gap_of([total, output(MCS26, "talc", "IND", 100_001.0), output(MCS26, "talc", "USA", 40_000.0)])
    assert (row["talc", 2023]["class"], row["talc", 2023]["explanation"]) == ("scope", "the total leaves out USA")


def test_rows_added_after_the_total_was_made_are_named():
    rows = [
        output(WMD, "perlite", "TUR", 1_000_003.0, row=2),
        output(WMD, "perlite", "WLD", 1_000_003.0, row=3),
        output(WMD, "perlite", "CHN", 500_000.0, row=4),
    ]
    row = gap_of(rows)["perlite", 2023]
    assert (row["class"], row["explanation"]) == ("later rows", "added after the total was made: CHN")
    assert row["flagged"]


def test_a_country_that_the_remainder_holds_too():
    parts = [
        output(MCS26, "talc", code, value) for code, value in (("IND", 90_001.0), ("AUS", 10_001.0), ("ROW", 30_003.0))
    ]
    row = gap_of([output(MCS26, "talc", "WLD", 120_004.0), *parts])["talc", 2023]
    assert (row["class"], row["explanation"]) == ("overlap", "the other countries hold it too: AUS")


def test_a_gap_within_the_bounds_of_a_part():
    rows = [
        output(MCS26, "talc", "WLD", 100_123.0),
        output(MCS26, "talc", "IND", 90_001.0),
        output(MCS26, "talc", "CHN", None, high=20_000.0, status="bound"),
    ]
    assert gap_of(rows)["talc", 2023]["class"] == "bounds"


def test_the_total_of_a_chapter_is_held_against_its_items():
    rows = [
        output(MCS26, "titanium", "WLD", 300_000.0, item="total | ilmenite and rutile", basis="Ti"),
        output(MCS26, "titanium", "WLD", 200_000.0, item="ilmenite", basis="Ti"),
        output(MCS26, "titanium", "IND", 200_000.0, item="ilmenite", basis="Ti"),
        output(MCS26, "titanium", "WLD", 100_000.0, item="rutile", basis="Ti"),
    ]
    frame = facts.complete(pl.DataFrame([{n: r.get(n) for n in facts.SCHEMA} for r in rows], schema=facts.SCHEMA))
    compared = list(world.gaps(frame.with_columns(key=pl.lit("usgs-mcs@2026"))))
    assert [row["class"] for row in compared] == ["agrees", "no parts", "agrees"]


def test_one_basis_an_item_is_compared_and_never_two_are_added():
    twice = [
        output(WMD, "titanium", code, value * share, basis=basis, status=status, note=note)
        for code, value in (("WLD", 100.0), ("IND", 100.0))
        for basis, share, status, note in (("TiO2", 1, "reported", None), ("Ti", 0.6, "derived", "published as TiO2"))
    ]
    row = gap_of(twice)["titanium", 2023]
    assert (row["basis"], row["countries"], row["class"]) == ("TiO2", 100.0, "agrees")


def test_unexplained_gaps_stand_first(keep):
    keep(
        [
            output(WMD, "talc", "WLD", 1_000_003.0, row=1),
            output(WMD, "talc", "IND", 930_001.0),
            output(WMD, "perlite", "TUR", 10_003.0, row=2),
            output(WMD, "perlite", "WLD", 10_003.0, row=3),
            output(WMD, "perlite", "CHN", 90_000.0, row=4),
        ]
    )
    flagged, summary = world.tables()
    assert list(flagged.column("class")) == ["UNEXPLAINED", "later rows"]
    assert "2 totals compared, 2 off by more than 5%, 1 of them unexplained" in flagged.notes
    assert found(summary, material="talc")["flagged"] == 1


# --- publisher against publisher --------------------------------------------------------------------------------------


def test_a_big_producer_that_two_publishers_disagree_on_stands_on_top(keep):
    keep(
        [
            *(output(WMD, "talc", code, value) for code, value in (("WLD", 1e6), ("CHN", 6.0001e5), ("IND", 1.0001e5))),
            *(
                output(MCS25, "talc", code, value)
                for code, value in (("WLD", 8e5), ("CHN", 4.0001e5), ("IND", 8.0001e4))
            ),
        ]
    )
    totals, countries, every, _ = sources.tables()
    assert found(totals, country="WLD")["explanation"].endswith("driver: CHN 100%, IND 10%")
    assert list(countries.column("country")) == ["CHN", "IND"]
    assert found(countries, country="CHN")["of_world"] == pytest.approx(-0.2)
    assert found(countries, country="CHN")["class"] == "UNEXPLAINED"
    assert found(every, material="talc")["off"] == 2


def test_the_newest_edition_is_compared_and_an_older_one_that_agrees_is_named(keep):
    keep(
        [
            output(WMD, "talc", "WLD", 1.00003e6, year=2024),
            output(MCS25, "talc", "WLD", 1.01003e6, year=2024),
            output(MCS26, "talc", "WLD", 5.00003e5, year=2024),
        ]
    )
    totals, _, _, revised = sources.tables()
    row = found(totals, country="WLD")
    assert (row["second"], row["class"]) == ("usgs-mcs@2026", "revised")
    assert found(revised, country="WLD")["class"] == "revised"


def test_a_country_that_one_publisher_does_not_list(keep):
    keep(
        [
            *(output(WMD, "talc", code, value) for code, value in (("WLD", 1e6), ("IND", 4e4), ("NPL", 9e4))),
            *(output(MCS25, "talc", code, value) for code, value in (("WLD", 1e6), ("ROW", 5e4))),
        ]
    )
    countries = sources.tables()[1]
    assert found(countries, country="IND")["class"] == "other countries"
    assert found(countries, country="NPL")["class"] == "not listed"


def test_a_source_without_a_world_total_is_compared_for_its_countries_only(keep):
    some = ("india-facts", "2026-11")
    keep(
        [
            *(output(WMD, "talc", code, value) for code, value in (("WLD", 1e6), ("IND", 4.0001e5), ("CHN", 6.0001e5))),
            output(some, "talc", "IND", 3.0001e5),
        ]
    )
    totals, countries, _, _ = sources.tables()
    assert len(totals) == 0
    assert found(countries, country="IND")["of_world"] == pytest.approx(-0.1)


def test_a_third_publisher_that_agrees_is_a_candidate(keep):
    third = ("iea-critical-minerals", "2025-05")
    given = ((WMD, 4.0001e5), (MCS25, 5.0001e5), (third, 4.0101e5))
    keep([output(origin, "talc", "WLD", value) for origin, value in given])
    row = found(sources.tables()[0], first="world-mining-data@2018-2024", second="usgs-mcs@2025")
    assert row["class"] == "UNEXPLAINED"
    assert "iea-critical-minerals@2025-05 agrees with world-mining-data@2018-2024" in row["explanation"]


def test_a_total_that_leaves_out_a_country_is_explained_by_the_others_figure_for_it(keep):
    keep(
        [
            *(output(WMD, "talc", code, value) for code, value in (("WLD", 1.00001e6), ("USA", 4.0001e5))),
            output(MCS25, "talc", "WLD", 6.00001e5, note="excludes the United States"),
        ]
    )
    assert found(sources.tables()[0], country="WLD")["class"] == "scope"


def test_a_withheld_figure_is_no_gap(keep):
    keep(
        [
            *(output(WMD, "talc", code, value) for code, value in (("WLD", 1e6), ("USA", 4e5))),
            output(MCS25, "talc", "WLD", 1e6),
            output(MCS25, "talc", "USA", None, status="withheld"),
        ]
    )
    totals, countries, every, _ = sources.tables()
    assert len(totals) == 1
    assert len(countries) == 0
    assert found(every, material="talc")["off"] == 0


def test_gross_ore_is_compared_with_content_by_the_factor_of_its_code(keep):
    keep(
        [
            output(WMD, "phosphorus", "WLD", 31.0, basis="P2O5"),
            output(MCS25, "phosphorus", "WLD", 110.0, basis="gross"),
        ]
    )
    row = found(sources.tables()[0], material="phosphorus")
    assert row["basis"] == "P2O5"
    assert row["class"] == "content factor"


# --- trade codes ------------------------------------------------------------------------------------------------------


def test_a_code_in_two_editions_and_the_exporter_that_is_off(keep):
    keep(
        [
            *flow(HS92, "HS92:282200", "COD", "CHN", 100.0, 900.0),
            *flow(HS92, "HS92:282200", "FIN", "DEU", 10.0, 100.0),
            *flow(HS17, "HS17:282200", "FIN", "DEU", 10.0, 100.0),
        ]
    )
    table = editions.tables()[0]
    row = found(table, quantity="trade_value")
    assert row["class"] == "UNEXPLAINED"
    assert row["relative"] == pytest.approx(0.9)
    assert (row["largest_gap"], row["largest_gap_value"], row["exporters_off"]) == ("COD", 900.0, 1)
    assert any("mirror gap" in note for note in table.notes)


def test_a_smaller_extract_of_leading_flows_is_explained(keep):
    note = {"note": "leading flows only; labelled x"}
    series = [row | note for row in flow(("baci-value-series", "202601"), "HS17:282200", "FIN", "DEU", None, 90.0)[1:]]
    keep([*flow(HS92, "HS92:282200", "FIN", "DEU", 10.0, 100.0), *series])
    assert found(editions.tables()[0], code="282200")["class"] == "leading flows"


# --- balances ---------------------------------------------------------------------------------------------------------


def copper(exporter, tonnes, year=2023):
    """Return a flow of copper concentrate (26 % Cu, 20-35 %)."""
    return flow(HS92, "HS92:260300", exporter, "CHN", tonnes, tonnes * 2.0, year)


def test_exports_above_supply_are_classed(keep):
    keep(
        [
            output(WMD, "copper", "WLD", 1000.0, basis="Cu"),
            output(WMD, "copper", "PNG", 10.0, basis="Cu"),
            output(WMD, "copper", "CHL", 24.0, basis="Cu"),
            output(WMD, "copper", "USA", None, basis="Cu", status="withheld"),
            output(WMD, "copper", "ROW", 30.0, basis="Cu"),
            *copper("PNG", 1000.0),  # 260 t Cu, 26 times output: impossible
            *copper("CHL", 100.0),  # 26 t Cu, 20 t at the least: the content factor allows it
            *copper("USA", 100.0),
            *copper("PER", 100.0),  # not listed, within the remainder of 30 t
            *copper("SGP", 200.0),  # not listed, above the remainder
        ]
    )
    table, count, _, ratios = balances.tables()
    kinds = {row["country"]: row["class"] for row in table.rows()}
    assert kinds == {
        "PNG": "UNEXPLAINED",
        "USA": "withheld",
        "PER": "other countries",
        "SGP": "no output",
    }
    top = next(iter(table.rows()))
    assert (top["country"], top["output"], top["exports"]) == ("PNG", 10.0, 260.0)
    assert top["of_world"] == pytest.approx(0.25)
    kept = found(count, **{"class": "content factor"})
    assert (kept["countries"], kept["largest"]) == (1, "CHL")
    assert found(ratios, material="copper")["largest"] == pytest.approx(1500 * 0.26 / 1000)


def test_what_the_year_before_left_may_be_carried(keep):
    keep(
        [
            *(output(WMD, "copper", "WLD", 1000.0, basis="Cu", year=year) for year in (2022, 2023)),
            *(output(WMD, "copper", "PNG", 300.0, basis="Cu", year=year) for year in (2022, 2023)),
            *copper("PNG", 10.0, 2022),
            *copper("PNG", 2000.0, 2023),
        ]
    )
    assert found(balances.tables()[0], country="PNG")["class"] == "carried"


def test_more_trade_than_output_is_flagged(keep):
    keep(
        [
            output(WMD, "copper", "WLD", 100.0, basis="Cu"),
            output(WMD, "copper", "CHL", 100.0, basis="Cu"),
            *copper("CHL", 1000.0),
        ]
    )
    row = found(balances.tables()[2], material="copper")
    assert row["class"] == "UNEXPLAINED"
    assert row["ratio"] == pytest.approx(2.6)
    assert row["ratio_low"] == pytest.approx(2.0)


# --- unit values and coverage -----------------------------------------------------------------------------------------


def test_wrong_tonnes_do_not_hide_behind_their_own_weight(keep):
    keep(
        [
            *flow(HS92, "HS92:260300", "CHL", "CHN", 1000.0, 2000.0),
            *flow(HS92, "HS92:260300", "PER", "CHN", 900.0, 1900.0),
            *flow(HS92, "HS92:260300", "PNG", "PHL", 2e6, 80.0),
        ]
    )
    table, single = units.tables()
    row = found(table, item="HS92:260300")
    assert (row["below"], row["above"], row["heaviest"]) == (1, 0, "PNG>PHL 2023")
    assert row["material"] == "copper"
    assert row["of_tonnes"] > 0.99
    assert found(single, country="PNG")["times_below"] == pytest.approx(2.0 / 4e-5, rel=0.1)


def test_a_fact_without_a_source_record_is_shown(keep):
    keep([output(WMD, "talc", "IND", 1.0), output(("made-up", "1"), "talc", "IND", 1.0)])
    table = coverage.orphans()
    assert found(table, source="made-up")["without_record"] == 1
    assert "1 of them without a source record" in table.notes[0]


def test_flows_and_value_without_tonnes(keep):
    keep([*flow(HS92, "HS92:260300", "CHL", "CHN", 10.0, 30.0), *flow(HS92, "HS92:260300", "PER", "CHN", None, 10.0)])
    row = found(coverage.tonnes(), item="HS92:260300")
    assert (row["flows"], row["without_tonnes"], row["part_of_value"]) == (2, 1, 0.25)
    assert found(coverage.years(), quantity="trade_value")["first"] == 2023


def test_codes_without_content_are_listed(keep):
    keep(flow(HS92, "HS92:270112", "AUS", "IND", 10.0, 30.0))
    table = coverage.contents()
    rows = [row for row in table.rows() if row["item"] == "HS92:270112"]
    assert rows
    assert all("shared" in row["why"] and row["data"] == "baci-hs92" for row in rows)


def test_publishers_files_that_are_absent_or_different(tmp_path):
    first = next(iter(record.sources().values())).editions[0].files[0]
    path = tmp_path / first.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"other")
    table = coverage.files(tmp_path)
    assert found(table, file=first.path)["state"] == "different"
    assert set(table.column("state")) == {"different", "absent"}


def test_the_report_of_a_store_without_trade_or_output(keep, tmp_path):
    keep(flow(HS92, "HS92:260300", "CHL", "CHN", 10.0, 30.0))
    titles = [table.title for table in reconcile.report()]
    assert "facts without a source record" in titles
    keep([output(WMD, "talc", "IND", 1.0)])
    assert len(reconcile.report(tmp_path)) > len(titles) - 6


def test_every_fact_of_the_embedded_store_has_a_record():
    if not (store.FOLDER / store.MANIFEST).is_file():
        pytest.skip("no embedded store")
    assert len(coverage.orphans()) == 0
