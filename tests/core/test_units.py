import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import UnitError
from khanij.core.units import FACTORS, convert, factor

# our unit -> pint's name; kt (pint: knot), mtu, stu and flask are fixed by definition below instead
ORACLE = {
    "t": "tonne", "kg": "kg", "g": "g", "mg": "mg", "Mt": "megatonne", "Gt": "gigatonne",
    "lb": "lb", "oz": "oz", "troy oz": "troy_ounce", "short ton": "short_ton", "long ton": "long_ton", "ct": "carat",
    "m3": "m**3", "km3": "km**3", "Mm3": "1e6*m**3", "bbl": "oil_barrel",
    "W": "W", "kW": "kW", "MW": "MW", "GW": "GW", "J": "J", "MJ": "MJ", "GJ": "GJ",
    "MMBtu": "1e6*Btu_it", "kWh": "kWh", "MWh": "MWh", "GWh": "GWh", "d": "day", "yr": "julian_year",
}  # fmt: skip
CANONICAL = {"mass": "t", "volume": "m3", "power": "W", "energy": "J", "time": "d"}


@pytest.fixture(scope="module")
def registry():
    return pint.UnitRegistry(cache_folder=None)


@pytest.mark.parametrize("unit", ORACLE)
def test_factor_agrees_with_pint(registry, unit):
    canonical = CANONICAL[FACTORS[unit][0]]
    expected = registry(ORACLE[unit]).to(ORACLE[canonical]).magnitude
    assert factor(unit, canonical) == pytest.approx(expected, rel=1e-12)


def test_units_that_pint_reads_otherwise_are_fixed_by_definition():
    assert factor("kt", "t") == 1000
    assert factor("mtu", "kg") == pytest.approx(10, rel=1e-15)
    assert factor("stu", "lb") == pytest.approx(20, rel=1e-15)
    assert factor("flask", "lb") == pytest.approx(76, rel=1e-15)
    assert factor("flask", "kg") == pytest.approx(34.47302012, rel=1e-12)


def test_every_unit_is_checked_by_pint_or_by_definition():
    fixed = {"kt", "mtu", "stu", "flask", "klb", "kct", "Mct"}
    money = {unit for unit, (dimension, _) in FACTORS.items() if dimension in ("USD", "INR", "EUR", "ratio", "score")}
    assert set(FACTORS) == {*ORACLE, *fixed, *money}
    assert factor("klb", "lb") == pytest.approx(1e3, rel=1e-15)
    assert factor("Mct", "kct") == pytest.approx(1e3, rel=1e-15)
    assert factor("kct", "ct") == pytest.approx(1e3, rel=1e-15)


def test_money_and_ratios():
    assert factor("crore INR", "lakh INR") == pytest.approx(100, rel=1e-15)
    assert factor("GUSD", "kUSD") == pytest.approx(1e6, rel=1e-15)
    assert factor("cent/lb", "USD/t") == pytest.approx(22.046226218487757, rel=1e-15)
    assert convert(12.5, "%", "1") == pytest.approx(0.125, rel=1e-15)


pairs = st.sampled_from([(a, b) for a in FACTORS for b in FACTORS if FACTORS[a][0] == FACTORS[b][0]])


@given(pairs, st.floats(1e-9, 1e12))
def test_there_and_back(pair, value):
    source, target = pair
    assert convert(convert(value, source, target), target, source) == pytest.approx(value, rel=1e-12)


@given(pairs)
def test_prices_go_the_other_way_than_amounts(pair):
    source, target = pair
    assert factor(f"USD/{source}", f"USD/{target}") == pytest.approx(1 / factor(source, target), rel=1e-12)


@pytest.mark.parametrize(("source", "target"), [("t", "m3"), ("USD", "INR"), ("USD/t", "USD"), ("yr", "score")])
def test_unlike_units_are_refused(source, target):
    with pytest.raises(UnitError, match="measures"):
        factor(source, target)


@pytest.mark.parametrize("unit", ["parsec", "T", "KT", "", "t/", "usd"])
def test_unknown_units_are_refused(unit):
    with pytest.raises(UnitError, match="unknown unit"):
        factor(unit, "t")


def test_content_is_no_unit():
    with pytest.raises(UnitError) as caught:
        factor("t Cu", "t")
    assert "basis" in caught.value.hint
