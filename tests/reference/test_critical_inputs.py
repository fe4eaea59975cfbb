"""Who needs which good: every row valid, none twice, missing stays missing, read values where they were read."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.core.errors import CoverageError, ParseError
from khanij.data.facts import store
from khanij.reference.industry import checked_rows
from khanij.reference.industry import critical_inputs as table
from khanij.reference.industry.product_output import newest_output, products

ROWS = table.critical_inputs()
PAIRS = {(row.product, *row.good) for row in ROWS}
WHOLE = ("car", "lithium-cell", "two-wheeler", "wind-turbine")  # families whose members all have a row for every good
MAGNETS = ("rare-earths", "component")


def find(product: str, good: str, place: str = "*") -> table.CriticalInput:
    (row,) = (r for r in ROWS if (r.product, ":".join(r.good), r.place) == (product, good, place))
    return row


def test_the_table_is_as_large_as_it_says() -> None:
    assert len(PAIRS) >= 800
    assert len({row.product for row in ROWS}) >= 100
    assert len({row.good for row in ROWS}) >= 170


def test_rows_are_sorted_and_no_pair_stands_twice() -> None:
    keys = [(row.product, ":".join(row.good), row.place) for row in ROWS]
    assert keys == sorted(set(keys))


def test_codes_fit_the_other_tables() -> None:
    assert set(table.goods()) == {row.good for row in ROWS}
    industries = {row["code"] for row in reference.rows("industries")}
    for product in products().values():
        assert product.industry in industries | {""}, product
        assert product.recovery.low <= product.recovery.best <= product.recovery.high
    used = {(products()[row.product].nace, table.goods()[row.good]) for row in ROWS}
    assert {(row["user"], row["input"]) for row in reference.rows("input_ratings")} <= used


def test_what_was_not_read_is_low_and_has_a_range() -> None:
    for row in ROWS:
        assert row.kind == "read" or row.confidence == "low", row
        if row.kind == "recalled":
            assert "general-knowledge" in row.source, row
            assert row.intensity is None or row.intensity.low < row.intensity.high or row.intensity.low == 1, row
        if row.kind == "read":
            assert set(row.read) & {"adoption", "intensity", "cost_share", "without_it"}, row


def test_a_product_without_the_good_says_nothing_else() -> None:
    for row in ROWS:
        bare = row.intensity is row.cost_share is row.redesign is row.cover is None
        assert bare == (row.without == "unneeded"), row
        assert row.without != "unneeded" or (row.adoption.best == 0 and row.criticality == "non-critical"), row


def test_what_is_inside_another_good_names_one_of_the_same_product() -> None:
    for row in ROWS:
        if row.inside:
            assert (row.product, *row.inside.split(":")) in PAIRS, row
            outer = find(row.product, row.inside)
            assert outer.inside != ":".join(row.good), row


def test_families_that_are_said_to_be_whole_are() -> None:
    for family in WHOLE:
        members = {id for id, product in products().items() if product.family == family}
        held = {row.good for row in ROWS if row.product in members and row.place == "*"}
        assert {(m, *good) for m in members for good in held} <= PAIRS, family


def test_a_row_of_the_place_comes_before_that_of_everywhere() -> None:
    assert find("bus", "lithium:product", "CHN") in table.inputs_of("bus", "CHN")
    assert find("bus", "lithium:product") in table.inputs_of("bus", "ZMB")
    assert len(table.inputs_of("bus", "CHN")) == len(table.inputs_of("bus"))
    for place in {row.place for row in ROWS} - {"*"}:
        for row in ROWS:
            if row.place == place:
                assert row in table.users_of(*row.good, place) or row.without == "unneeded"


def test_users_leave_out_what_does_not_hold_the_good() -> None:
    users = {row.product for row in table.users_of("lithium", "product")}
    assert {"car-bev", "phone"} <= users
    assert not {"car-ice", "two-wheeler-ice"} & users
    assert table.users_of("salt", "mined") != ()
    with pytest.raises(CoverageError, match="unknown good"):
        table.users_of("lithium", "no-such-stage")
    with pytest.raises(CoverageError, match="no product"):
        table.inputs_of("no-such-product")


def test_a_product_is_found_by_its_name_and_one_that_is_none_is_met_with_those_like_it() -> None:
    assert table.find_product("Passenger car, internal combustion") == "car-ice"
    with pytest.raises(CoverageError) as caught:
        table.find_product("solar")
    like = str(caught.value.hint).removeprefix("one of ").split(", ")
    assert {"solar-cell", "solar-module"} <= set(like)
    assert all("solar" in id for id in like)  # no list of all


# What was read, with the place where it was read; the figures of IEA, premise, BatPaC and formulas are checked against
# the facts of the store below, these against the page named in `source`.
@pytest.mark.parametrize(
    ("product", "good", "place", "cell", "best", "source"),
    [
        ("elevator", "rare-earths:component", "*", "intensity", 6, "smm-2024-elevators"),  # kg of NdFeB a machine
        ("air-conditioner", "rare-earths:component", "*", "intensity", 0.12, "aamagnet-2019"),  # kg a compressor
        ("air-conditioner", "rare-earths:component", "IND", "adoption", 0.77 * 0.46, "bee-2023-inverter"),
        ("electric-three-wheeler", "lead:component", "IND", "adoption", 0.7, "business-standard-2024-e3w"),
        ("electric-two-wheeler", "rare-earths:component", "*", "intensity", 0.34, "horizon-magnets-ebike"),
        ("solar-module", "antimony:processed", "*", "intensity", 50e6 / 600e3, "fastmarkets-2023-antimony-pv"),
        ("optical-fibre", "germanium:processed", "*", "intensity", 53.4e6 / 490e6, "ameco-2019-germanium"),
        ("anode-material", "graphite:mined", "*", "intensity", 2.22 * 1.13 * 1.01, "engels-2022"),
        ("anode-material", "fluorspar:processed", "*", "intensity", 0.18 * 1.01, "engels-2022"),
        ("cathode-material", "phosphorus:component", "*", "intensity", 1e3 * 30.974 / 157.76, "iupac-2021"),
        ("cathode-material", "cathode-precursors:component", "*", "intensity", 949, "dai-2019"),
        ("dap", "phosphorus:processed", "*", "intensity", 470, "npk101-ammonium-phosphates-snapshot"),
        ("car-ice", "copper:component", "*", "intensity", 22.5, "international-copper-association-idtechex"),
    ],
)
def test_read_values_are_those_that_were_read(
    product: str, good: str, place: str, cell: str, best: float, source: str
) -> None:
    row = find(product, good, place)
    assert getattr(row, cell).best == pytest.approx(best, rel=0.12)
    assert cell in row.read
    assert source in row.source.split(";")


SALES = [
    ("bus", "CHN", 0.64),
    ("bus", "IND", 0.057),
    ("bus", "*", 0.06),
    ("truck", "CHN", 0.044),
    ("truck", "*", 0.017),
]


@pytest.mark.parametrize(("product", "place", "share"), SALES)
def test_shares_of_battery_vehicles_are_those_of_the_facts(product: str, place: str, share: float) -> None:
    facts = store.scan("iea-gevo").filter(
        pl.col("quantity") == "ev_sales_share",
        pl.col("year") == 2024,
        pl.col("item") == f"{product} | EV",
        pl.col("country") == ("WLD" if place == "*" else place),
    )
    assert facts.collect()["value"].to_list() == [pytest.approx(share)]
    assert find(product, "lithium:product", place).adoption.best == share


@pytest.mark.parametrize(
    ("product", "good", "source", "item", "scale"),
    [
        ("wind-dd", "dysprosium:processed", "premise-intensity", "wind-dd-pm | Wind-DDPM", 1.0),
        ("wind-dd", "neodymium:refined", "premise-intensity", "wind-dd-pm | Wind-DDPM", 1.0),
        ("cell-lfp", "lithium:processed", "published-intensity", "battery-lfp | LFP", 1e-3),
        ("cell-lfp", "aluminium:component", "published-intensity", "battery-lfp | LFP", 1e-3),
        ("cell-lfp", "graphite:component", "published-intensity", "battery-lfp | LFP", 1e-3),
        ("electrolyser-pem", "iridium:refined", "premise-intensity", "electrolyser-pem | PEMEL", 1.0),
    ],
)
def test_intensities_hold_what_the_facts_say(product: str, good: str, source: str, item: str, scale: float) -> None:
    """The facts are of several years; one of them, a content of the same element, lies in the row's range."""
    row = find(product, good)
    facts = store.scan(source).filter(pl.col("item") == item, pl.col("material") == row.material).collect()
    content = 0.8592 if row.material in ("neodymium", "dysprosium") else 1.0  # the facts are of oxide
    assert row.intensity is not None
    values = [value * scale * content for value in facts["value"].to_list()]
    assert any(row.intensity.low <= value <= row.intensity.high * 1.05 for value in values), values
    assert "intensity" in row.read


def test_classes_of_analysts_are_those_of_the_study() -> None:
    """Read in the table of ratings: cars stop without metals and electronics, machinery does not without chemicals."""
    assert find("car-ice", "semiconductors:product").rated == "critical"  # C29 without C26
    assert find("car-ice", "copper:component").rated == "critical"  # C29 without C24
    assert find("tractor", "platinum:component").rated == "non-critical"  # C28 without C20
    assert find("nitric-acid", "platinum:refined").rated == "non-critical"  # C20 without C24, yet judged critical
    assert find("nitric-acid", "platinum:refined").weight == checked_rows.Range(0.0, 1.0, 1.0)
    assert find("carbon-steel", "magnesite:processed").rated == "important"  # C24 without C23
    assert products()["car-ice"].stock_weeks == pytest.approx(24.469 / 7, abs=0.01)  # days of C29 in the same study
    assert {row.rated for row in ROWS} == set(table.CLASSES)


def test_exposure_is_that_of_the_row_and_missing_stays_missing() -> None:
    found = table.exposure_matrix([MAGNETS, ("uranium", "mined")], ["car-bev", "fan"], "IND")
    assert found.best[0, 0] == find("car-bev", "rare-earths:component").adoption.best
    assert found.best[0, 1] == find("fan", "rare-earths:component", "IND").adoption.best
    assert np.isnan([found.low[1], found.best[1], found.high[1]]).all()
    whole = table.exposure_matrix(tuple(table.goods()), tuple(products()))
    rows = {(row.product, *row.good) for row in ROWS if row.place == "*"}
    for j, product in enumerate(whole.products):
        for m, good in enumerate(whole.goods):
            if (product, *good) in rows:
                assert whole.low[m, j] <= whole.best[m, j] <= whole.high[m, j]
            elif not any(row.family == product for row in products().values()):
                assert np.isnan(whole.best[m, j])


def test_a_family_is_weighted_by_output() -> None:
    """Cars of the world in 2024 by hand: 43.2 million with engine, 13.5 hybrid, 11.0 with battery alone."""
    made = {id: newest_output(id) for id in ("car-ice", "car-phev", "car-bev")}
    assert [row and row.output.best for row in made.values()] == [43.2e6, 13.5e6, 11.0e6]
    cells = table.exposure_matrix([("lithium", "product")], ["car"])
    assert cells.best[0, 0] == pytest.approx((0 * 43.2 + 0.95 * 13.5 + 1 * 11.0) / 67.7)
    assert cells.high[0, 0] > cells.best[0, 0] > cells.low[0, 0] > 0
    gap = table.exposure_matrix([("germanium", "refined")], ["semiconductor"])  # two of its three members have no row
    assert np.isnan(gap.high).all()


def test_a_family_without_output_has_ends_and_no_best() -> None:
    found = table.exposure_matrix([MAGNETS], ["wind-turbine"], "BRA")
    parts = [find(id, "rare-earths:component").adoption for id in ("wind-dd", "wind-geared")]
    assert (found.low[0, 0], found.high[0, 0]) == (min(p.low for p in parts), max(p.high for p in parts))
    assert np.isnan(found.best[0, 0])


def test_the_order_of_goods_and_products_does_not_matter() -> None:
    goods, names = [MAGNETS, ("copper", "component"), ("lithium", "product")], ["car", "fan", "phone"]
    one = table.exposure_matrix(goods, names)
    other = table.exposure_matrix(goods[::-1], names[::-1])
    np.testing.assert_array_equal(one.best, other.best[::-1, ::-1])


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1e9)), min_size=2, max_size=5),
    st.floats(1e-3, 1e3),
)
def test_a_weighted_mean_lies_between_its_parts_at_any_scale(parts: list[tuple[float, float]], scale: float) -> None:
    base, made = find("fan", "copper:component"), newest_output("car-bev")
    assert made is not None

    def whole(factor: float) -> np.ndarray:
        rows = [_with(base, adoption=checked_rows.Range(a, a, a)) for a, _ in parts]
        outputs = [_with(made, output=checked_rows.Range(0, w * factor, w * factor)) for _, w in parts]
        return table._whole(rows, outputs)

    first = whole(1.0)
    assert min(a for a, _ in parts) - 1e-9 <= first[1] <= max(a for a, _ in parts) + 1e-9
    np.testing.assert_allclose(whole(scale), first, rtol=1e-9)


def _with(row, **changed):
    """Return a frozen row with other values."""
    return type(row)(**{name: getattr(row, name) for name in type(row).__slots__} | changed)


GOOD_ROW = reference.rows("critical_inputs")[0]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"material": "unobtainium"}, "unknown good unobtainium"),
        ({"product": "hovercraft"}, "unknown product 'hovercraft'"),
        ({"place": "XXX"}, "unknown place 'XXX'"),
        ({"adoption_high": "1.2"}, "out of order"),
        ({"adoption_low": "0.9", "adoption_best": "0.5"}, "out of order"),
        ({"adoption_low": "", "adoption_best": "", "adoption_high": ""}, "without adoption"),
        ({"adoption_best": "half"}, "'half' is not a number"),
        ({"intensity_low": "-1"}, "not a figure of 0 or more"),
        ({"unit": "kg"}, "in 'kg'"),
        ({"without": "explodes"}, "unknown without"),
        ({"class": "vital"}, "unknown class"),
        ({"source": "hearsay"}, "unknown source 'hearsay'"),
        ({"confidence": "high"}, "recalled and yet of high confidence"),
        ({"kind": "read", "read": ""}, "read ''"),
        ({"inside": "unobtainium:mined"}, "around this one"),
    ],
)
def test_a_broken_row_is_told_in_three_lines(changed: dict[str, str], says: str) -> None:
    with pytest.raises(ParseError) as caught:
        table.parse_input(GOOD_ROW | changed, "critical_inputs.csv line 2")
    what, where, hint = caught.value.lines()
    assert says in what
    assert where == "where: critical_inputs.csv line 2"
    assert hint.startswith("hint:  ")
    assert len(hint) > 10


def test_a_pair_that_stands_twice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "rows", lambda name: [GOOD_ROW, GOOD_ROW])
    with pytest.raises(ParseError, match="stands twice") as caught:
        checked_rows.read_table("critical_inputs", lambda row, where: row["product"], lambda item: item)
    assert caught.value.where == "critical_inputs.csv line 3"


# One unit of intensity in tonnes a unit of output: pieces, GW and GWh as product_output.csv counts them.
TONNES = {"kg/vehicle": 1e-3, "kg/unit": 1e-3, "g/unit": 1e-6, "kg/MW": 1.0, "kg/kWh": 1e3}


def implied(good: str, products: list[str]) -> float:
    """Return tonnes of a good in a year of world output of products, at the best values."""
    total = 0.0
    for product in products:
        row, made = find(product, good), newest_output(product)
        assert row.intensity is not None
        assert made is not None
        total += made.output.best * row.adoption.best * row.intensity.best * TONNES[row.unit]
    return total


def test_implied_use_fits_what_the_world_makes() -> None:
    """Best values times output give no more than the world's supply, and not a trifle of it."""
    magnets = implied(
        "rare-earths:component",
        [
            "car-ice",
            "car-phev",
            "car-bev",
            "electric-two-wheeler",
            "air-conditioner",
            "wind-dd",
            "wind-geared",
            "phone",
        ],
    )
    supply = newest_output("magnet")
    assert supply is not None
    assert 0.2 < magnets / supply.output.best < 0.7
    for material, cells in (("lithium", ["cell-nmc", "cell-lfp"]), ("cobalt", ["cell-nmc"])):
        good = "lithium:processed" if material == "lithium" else "cobalt:refined"
        demand = store.scan("iea-critical-minerals").filter(
            pl.col("quantity") == "demand",
            pl.col("year") == 2024,
            pl.col("material") == material,
            pl.col("item").is_in(["base | Electric vehicles", "base | Grid battery storage"]),
        )
        assert 0.5 < implied(good, cells) / demand.collect()["value"].sum() < 1.5
