"""Concordance by hand, and of the real lists and methods."""

import numpy as np
import pytest

from khanij import reference
from khanij.analyses.compare import sides as verdicts
from khanij.analyses.question import ask, request
from khanij.core.errors import CoverageError, StudyError
from khanij.methods import concordance as comparison
from khanij.methods.concordance import Assessor, Verdict

NAN = float("nan")


def compared(focus, methods, lists, why=False):
    """Return the agreement of methods and lists, or the minerals on which they part."""
    found = ask(request("compare", focus=focus, year=2024, method=methods, lists=lists, why=why))
    return found.table("disagreements" if why else "agreement")


def listing(id, *named, covers=()):
    entries = {material: Verdict(NAN, True, f"{id} lists it") for material in named}
    return Assessor(id, "list", entries, verdicts.leaves(frozenset((*named, *covers))), id)


def scored(id, parts=None, **scores):
    entries = {
        name.replace("_", "-"): Verdict(score, None, f"{id} {score}", (parts or {}).get(name, {}))
        for name, score in scores.items()
    }
    return Assessor(id, "method", entries, frozenset(), id)


def test_a_group_that_neither_splits_counts_once():
    one, two = listing("one", "rare-earths", "copper"), listing("two", "rare-earths", covers=("copper",))
    assert set(comparison.units(one, two)) == {"rare-earths", "copper"}
    both = comparison.pair(one, two)
    assert dict(zip(both.units, zip(both.first.tolist(), both.second.tolist(), strict=True), strict=True)) == {
        "copper": (True, False),
        "rare-earths": (True, True),
    }


def test_a_group_that_one_splits_is_compared_member_by_member():
    one, two = listing("one", "pgm"), listing("two", "platinum", covers=("palladium", "pgm"))
    both = comparison.pair(one, two)
    said = dict(zip(both.units, zip(both.first.tolist(), both.second.tolist(), strict=True), strict=True))
    assert said["platinum"] == (True, True)
    assert said["pgm"] == (True, False)  # the other members, named by the first as the group and by the second not
    assert len(said) == 2


def test_a_method_without_cut_takes_as_many_as_the_list_has():
    method = scored("m", copper=0.1, nickel=0.9, cobalt=0.5, tin=0.2)
    on = listing("l", "copper", "cobalt", covers=("nickel", "tin", "zinc"))
    both = comparison.pair(method, on)
    assert sorted(both.units) == ["cobalt", "copper", "nickel", "tin"]  # zinc has no score
    assert dict(zip(both.units, both.first.tolist(), strict=True)) == {
        "cobalt": True,
        "copper": False,
        "nickel": True,
        "tin": False,
    }
    assert both.rules == ("m: the worst 2 of 4 (as many as the other side has)",)


def test_two_methods_without_cut_take_the_length_of_the_focus_s_list_or_a_third():
    one = scored("one", copper=0.1, nickel=0.9, cobalt=0.5)
    two = scored("two", copper=0.7, nickel=0.2, cobalt=0.5)
    third = comparison.pair(one, two)
    assert (third.first.sum(), third.second.sum()) == (1, 1)
    assert "a third" in third.rules[0]
    both = comparison.pair(one, two, listing("own", "copper", "nickel"))
    assert (both.first.sum(), both.second.sum()) == (2, 2)
    assert "as many as own names" in both.rules[0]


def test_the_component_that_stands_out_is_named():
    parts = {name: {"a": a, "b": b} for name, a, b in (("copper", 0.1, 0.5), ("nickel", 0.2, 0.9), ("tin", 0.3, 0.1))}
    method = scored("m", parts, copper=0.1, nickel=0.9, tin=0.2)
    both = comparison.pair(method, listing("l", "copper", covers=("nickel", "tin")))
    at = list(both.units).index("nickel")
    assert comparison.reason(both, at, 0) == "m 0.9, rank 1 of 3, cut 1, driven by b 0.9 (above 83% of the universe)"
    assert comparison.reason(both, at, 1) == "l does not name it"


def test_the_india_and_eu_lists_of_2023():
    """Counted by hand from the two tables: what both name, and what one names alone."""
    table = compared("IND", (), ("in-2023-30", "eu-2023-crm"))
    (row,) = table.rows()
    lists = {id: {r.material for r in reference.lists() if r.list == id} for id in ("in-2023-30", "eu-2023-crm")}
    assert row["both"] + row["first_only"] + row["second_only"] + row["neither"] == row["universe"]
    only = set(row["only_first"].split(", "))
    assert {"cadmium", "indium", "tin", "zirconium"} <= only
    assert only <= lists["in-2023-30"] - lists["eu-2023-crm"]
    assert set(row["only_second"].split(", ")) <= lists["eu-2023-crm"]
    both, one, two, neither = (row[name] for name in ("both", "first_only", "second_only", "neither"))
    n = row["universe"]
    chance = (both + one) * (both + two) / n**2 + (two + neither) * (one + neither) / n**2
    assert row["agreement"] == pytest.approx((both + neither) / n)
    assert row["kappa"] == pytest.approx((row["agreement"] - chance) / (1 - chance))
    assert row["kappa_low"] < row["kappa"] < row["kappa_high"]


def test_parted_minerals_are_those_counted_and_carry_figures():
    asked = ("IND", ("eu-criticality", "production-hhi"), ("eu-2023-crm",))
    counted = {(r["first"], r["second"]): r for r in compared(*asked).rows()}
    told = list(compared(*asked, why=True).rows())
    for pair, row in counted.items():
        mine = [r for r in told if (r["first"], r["second"]) == pair]
        named = {*filter(None, row["only_first"].split(", ")), *filter(None, row["only_second"].split(", "))}
        assert {r["material"] for r in mine} == named
    copper = next(r for r in told if r["material"] == "copper" and r["first"] == "eu-criticality")
    assert copper["first_says"] == "no"
    assert "supply risk 0." in copper["first_why"]
    assert "published: SR 0.1, EI 4" in copper["second_why"]
    ranked = next(r for r in told if r["first"] == "production-hhi")
    assert "rank" in ranked["first_why"]


def test_every_official_list_has_its_universe():
    candidates = {r.material for r in reference.lists() if r.material}
    for id in verdicts.names():
        side = verdicts.official(id)
        assert side.entries
        assert all(side.has_say(leaf) for leaf in verdicts.leaves(frozenset(side.entries)))
        assert side.covers <= verdicts.leaves(frozenset(candidates))
        assert not id.endswith("screened")
    screened = {r.material for r in reference.lists() if r.list == "eu-2023-screened"}
    assert verdicts.official("eu-2023-crm").covers <= verdicts.leaves(frozenset(screened))


def test_without_a_country_only_methods_of_the_world_are_compared():
    table = compared(None, ("hhi-wgi", "eu-criticality"), ())
    (row,) = table.rows()
    assert "world" in table.title
    assert np.isfinite(row["spearman"])
    with pytest.raises(StudyError, match="needs a country"):
        compared(None, ("import-hhi",), ("eu-2023-crm",))


def test_mistakes():
    with pytest.raises(CoverageError, match="no official list"):
        compared("IND", ("hhi-wgi",), ("in-1066",))
    with pytest.raises(StudyError, match="ranks no materials"):
        compared("IND", ("balance",), ("in-2023-30",))


def test_a_side_named_twice_counts_once_and_is_compared_with_all_others():
    """Names are read without repeats, so that one name alone, however often, has the usual ones on the other side."""
    for sides in (((), ("in-2023-30",)), (("hhi-wgi",), ())):
        once, twice = (compared("IND", *(part * times for part in sides)) for times in (1, 2))
        assert list(twice.rows()) == list(once.rows())
        assert all(row["first"] != row["second"] for row in once.rows())
        assert {part for row in once.rows() for part in (row["first"], row["second"])} > {*sides[0], *sides[1]}


def test_who_calls_a_mineral_critical_is_told_of_those_that_cover_it():
    one, two = listing("one", "rare-earths", "tin"), listing("two", "neodymium", covers=("rare-earths",))
    rows = {row["material"]: row for row in comparison.verdicts([one, two, scored("m", tin=0.9)])}
    assert set(rows) == {"rare-earths", "tin", "neodymium"}  # a score without a cut says neither yes nor no
    assert (rows["neodymium"]["said_yes"], rows["neodymium"]["said_no"]) == ("one, two", "")  # one names its group
    assert (rows["tin"]["sides_yes"], rows["tin"]["sides"]) == (1, 1)  # two never looked at it
    assert rows["rare-earths"]["said_yes"] == "one"
