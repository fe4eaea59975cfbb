"""Process routes as methods: hand-made chains, published footprints, conservation, repeatability."""

import numpy as np
import pytest

import khanij.methods.process_chains as routes
from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError, StudyError
from khanij.core.quantities import ranges
from khanij.data.cubes import process as process_cubes
from khanij.reference.industry import processes

ALL = Case({}, process_cubes.cubes())
STEPS = tuple(f"process_{name}" for name in (*processes.BURDENS, "electricity", "carbon_direct"))


def made(counted=None, **changes) -> Case:
    """Return a Case of one route of two steps: ore of 1 % to concentrate of 25 % to metal, at yields 0.8 and 0.5."""
    steps, forms = Axis("step", ("mill", "smelt")), Axis("form", ("ore", "concentrate", "metal", "dross"))
    route, material, flow = Axis("route", ("hand",)), Axis("material", ("copper",)), Axis("flow", ("acid", "iron"))
    link = np.array([[-1.0, 1.0, np.nan, np.nan], [np.nan, -1.0, 1.0, np.nan]])
    quantity = Axis("quantity", tuple(processes.QUANTITIES))
    counted = np.full((len(quantity), 2, 2), np.nan) if counted is None else counted
    flows = np.full((3, 2, 2), np.nan)
    flows[1, 1, 0], flows[0, 0, 1], flows[2, 0, 0] = 3.0, 1.0, 0.5  # 3 t of acid by smelting, 1 t of iron by milling
    kept = np.full((2, 4), np.nan)
    kept[1, 3] = 0.25
    figures = {name: [2.0, 3.0] for name in STEPS} | changes
    cubes = [
        Cube("process_route", "1", (route, material, steps), np.array([[[1.0, 2.0]]])),
        Cube("process_link", "1", (steps, forms), link),
        Cube("process_content", "1", (forms,), np.array([0.01, 0.25, 1.0, 0.5])),
        Cube("process_yield", "1", (steps,), np.array([0.8, 0.5])),
        Cube("process_counted", "1", (quantity, steps, Axis("step_of_figure", steps.codes)), counted),
        Cube("process_recovered", "1", (steps, forms), kept),
        Cube("process_flow", "t/t", (Axis("quantity", routes.FLOWS), steps, flow), flows),
        Cube("electricity_carbon", "kg/MWh", (Axis("country", ("AAA",)),), np.array([500.0])),
        *(Cube(name, ranges()[name].unit, (steps,), np.array(figures[name])) for name in STEPS),
    ]
    return Case({}, {cube.quantity: cube for cube in cubes})


def test_the_balance_of_a_hand_made_chain():
    found = registry.run("process-balance", made(), draws=0)
    assert found.variable("input").values == pytest.approx(np.array([[250.0, 8.0]]))
    assert found.variable("output").values == pytest.approx(np.array([[8.0, 1.0]]))
    assert found.variable("lost").values == pytest.approx(np.array([[0.5, 0.75]]))
    assert found.variable("recovered").values == pytest.approx(np.array([[0.0, 0.25]]))
    assert found.variable("used").values == pytest.approx([0.4])
    assert found.variable("byproduct").values[0, 0] == pytest.approx(3.0)
    assert found.variable("coproduct").values[0, 1] == pytest.approx(8.0)
    assert found.variable("reagent").values[0, 0] == pytest.approx(4.0)
    assert np.isnan(found.variable("byproduct").values[0, 1])  # nothing said is no zero


def test_the_footprint_of_a_hand_made_chain():
    found = registry.run("process-footprint", made(), draws=0, rate=0.0, life=10.0)
    assert found.variable("energy").values == pytest.approx([8 * 2.0 + 3.0])
    assert found.variable("energy_by_step").values == pytest.approx(np.array([[16.0, 3.0]]))
    assert found.variable("cost").values == pytest.approx([19.0 + 1.9])
    shared = registry.run("process-footprint", made(), draws=0, allocation="mass")
    assert shared.variable("energy").values == pytest.approx([8 * 2.0 / 2 + 3.0])
    there = registry.run("process-footprint", made(), draws=0, place="AAA")
    assert there.variable("carbon").values == pytest.approx([8 * (2 + 2 * 0.5) + (3 + 3 * 0.5)])


def test_a_step_without_a_figure_leaves_the_total_missing():
    found = registry.run("process-footprint", made(process_water=[2.0, np.nan]), draws=0)
    assert np.isnan(found.variable("water").values[0])
    assert found.variable("water_known").values == pytest.approx([16.0])
    assert "water: smelt" in str(found.table().column("notes")[0])
    inside = np.full((len(processes.QUANTITIES), 2, 2), np.nan)
    inside[list(processes.QUANTITIES).index("water"), 1, 0] = 1.0  # counted at the mill
    whole = registry.run("process-footprint", made(process_water=[2.0, np.nan], counted=inside), draws=0)
    assert whole.variable("water").values == pytest.approx([16.0])
    assert np.isnan(whole.variable("water_by_step").values[0, 1])


def test_every_route_keeps_its_carrier_in_every_draw():
    drawn = routes.drawn(ALL, 50, 3)
    for chain in routes.chains(ALL):
        content, yields = drawn.content[chain.forms], drawn.yields[chain.steps]
        kept = drawn.recovered[chain.steps].sum(axis=1)
        assert (kept <= 1).all()
        found = routes.processes.balance(content, yields, kept)
        assert np.allclose(found.carrier_in, found.carrier_out + found.recovered + found.lost)
        assert (found.lost >= 0).all()
        assert np.allclose(found.carrier_out[-1], content[-1])


def test_the_same_seed_gives_the_same_bytes_and_the_best_value_has_no_part_in_it():
    first, again, other = (registry.run("process-footprint", ALL, draws=60, seed=seed) for seed in (1, 1, 2))
    for name in first.variables:
        one, two, three = (result.variable(name) for result in (first, again, other))
        assert one.low.tobytes() == two.low.tobytes()
        assert np.array_equal(one.values, three.values, equal_nan=True)
    assert not np.array_equal(first.value.low, other.value.low, equal_nan=True)


def test_ranges_hold_the_value_and_lie_within_the_ends_of_the_inputs():
    found = registry.run("process-footprint", ALL, draws=300)
    values, forms = processes.values(), processes.forms()
    for r, route in enumerate(found.value.axis("route").codes):
        names = processes.route(route).steps
        spans = [values.get((name, "energy", "")) for name in names]
        if any(value is None for value in spans):
            continue
        chain = [processes.steps()[names[0]].input, *(processes.steps()[name].output for name in names)]
        worst = 0.0
        for k, value in enumerate(spans):
            back = np.prod([values[name, "yield", ""].range.low for name in names[k + 1 :]])
            worst += value.range.high * forms[chain[-1]].content.high / forms[chain[k + 1]].content.low / back
        cube = found.variable("energy")
        assert cube.low[r] <= cube.values[r] <= cube.high[r] <= worst * 1.3


def test_materials_choose_routes_and_a_member_finds_its_group():
    case = Case({"material": Axis("material", ("neodymium", "copper"))}, process_cubes.cubes())
    found = registry.run("process-footprint", case, draws=0).value.axis("route").codes
    assert "magnet" in found
    assert {processes.route(name).material for name in found} == {"rare-earths", "copper"}


# Read or recalled figures of whole chains in the fact base, from mine to gate; ours must lie near, or say why not.
@pytest.mark.parametrize(
    ("route", "burden", "low", "high"),
    [
        ("copper-sulphide", "energy", 10, 70),  # Northey, Haque and Mudd 2013: range
        ("copper-sulphide", "carbon", 1, 9),
        ("copper-sulphide", "water", 0, 350),
        ("magnet", "carbon", 27, 90),  # recalled literature
        ("lithium-brine", "carbon", 3, 5),  # recalled
        ("lithium-spodumene", "carbon", 7.8, 17.3),  # Roskill 2020, fuel and power alone; Istrate 2024, in ours
        ("nickel-rkef", "carbon", 57, 70),  # IEEFA, coal power
        ("nickel-sulphide", "energy", 147 * 0.75, 147 * 1.25),  # Mistry 2016: 147 MJ/kg of class 1 nickel
    ],
)
def test_whole_chains_lie_where_the_literature_puts_them(route, burden, low, high):
    found = registry.run("process-footprint", ALL, draws=0)
    value = found.variable(burden).values[found.value.axis("route").at(route)]
    assert low <= value <= high


# Chains whose steps were parted from one published total must add up to it again.
@pytest.mark.parametrize(
    ("route", "burden", "total", "near"),
    [
        ("lithium-brine", "carbon", 3.62, 0.01),  # Istrate 2024: carbonate from Atacama
        ("lithium-spodumene", "carbon", 17.24, 0.01),  # the same: hydroxide from Australian concentrate, made in China
        ("cobalt-copper-leach", "carbon", 14.99 / 0.3802, 0.01),  # the same: sulphate, at its most cobalt
        ("graphite-natural", "carbon", 10.56, 0.08),  # the same: 2.53 t of flake a tonne, ours 1.80
        ("nickel-sulphide", "energy", 147, 0.01),  # Mistry 2016
        ("nickel-sulphide", "carbon", 13, 0.01),  # Nickel Industries 2023
    ],
)
def test_steps_add_up_to_the_chain_that_they_were_parted_from(route, burden, total, near):
    found = registry.run("process-footprint", ALL, draws=0)
    value = found.variable(burden).values[found.value.axis("route").at(route)]
    assert value == pytest.approx(total, rel=near)


def test_coal_power_weighs_more_than_water_power():
    carbon = [registry.run("process-footprint", ALL, draws=0, place=place).value for place in ("IND", "NOR")]
    at = carbon[0].axis("route").at("silicon-polysilicon")
    assert carbon[0].values[at] > 4 * carbon[1].values[at]


def test_what_cannot_be_answered_is_refused():
    with pytest.raises(CoverageError, match="carbon of electricity"):
        registry.run("process-footprint", ALL, place="ATA")
    with pytest.raises(StudyError, match="draws"):
        registry.run("process-balance", ALL, draws=-1)
    with pytest.raises(StudyError, match="allocation"):
        registry.run("process-footprint", ALL, allocation="price")
