"""Mixing, passage and bounds against brute force, linear programs and networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from khanij.kernels.balances import bounds, origin
from khanij.kernels.balances.maxflow import maximum_flow, network

SEEDS = st.integers(0, 2**32 - 1)


def world(seed, n=5, stages=2, gaps=True):
    """Return a random chain, first stage first: sparse cyclic trade, holes, withheld and missing output."""
    rng = np.random.default_rng(seed)
    flows, outputs, traded = [], [], []
    for _ in range(stages):
        trade = rng.exponential(1.0, (n, n)) * (rng.random((n, n)) < 0.45)
        flows.append(origin.without_self(trade)[0])
        output = rng.exponential(3.0, n) * (rng.random(n) < 0.6)
        if gaps and rng.random() < 0.3:
            output[rng.integers(n)] = np.nan
        outputs.append(None if gaps and rng.random() < 0.25 else output)
        traded.append(not (gaps and rng.random() < 0.2))
        if not traded[-1]:
            flows[-1] = np.zeros((n, n))
            outputs[-1] = output
    return balanced(flows, outputs, traded)


def balanced(flows, outputs, traded=None):
    chain, need = [], None
    for k in range(len(flows) - 1, -1, -1):
        chain.insert(0, origin.balance(flows[k], outputs[k], need, traded is None or traded[k]))
        need = chain[0].own
    return chain


@given(SEEDS)
def test_shares_and_unknown_add_up_to_one(seed):
    (stage,) = world(seed, n=6, stages=1)
    made = origin.mix(stage)
    unknown = 1.0 - made.shares.sum(axis=-1)
    has = ~np.isnan(made.shares[:, 0])
    assert (unknown[has] > -1e-9).all()
    assert (has == ((stage.pool if stage.known else stage.use) > 0)).all()
    if (stage.unknown == 0).all():
        reach = origin._reached(np.swapaxes(stage.trade, 0, 1), stage.own > 0)
        assert_allclose(unknown[has & reach], 0.0, atol=1e-9)


@given(SEEDS)
def test_every_country_is_in_balance(seed):
    for stage in world(seed, stages=3):
        imports = stage.trade.sum(axis=0)
        assert_allclose(stage.own + imports + stage.unknown, stage.exports + stage.use, rtol=1e-9, atol=1e-12)
        assert (stage.use >= 0).all()
        assert (stage.unknown >= 0).all()


@given(SEEDS)
def test_what_a_country_makes_is_used_up(seed):
    """Conservation at one stage: Σ_d share[d, c] use[d] = P[c], and unknown use = unknown supply."""
    (stage,) = world(seed, n=6, stages=1)
    shares = np.nan_to_num(origin.mix(stage).shares)
    reach = origin._reached(np.swapaxes(stage.trade, 0, 1), stage.own + stage.unknown > 0)
    if not stage.known:
        reach[:] = True
    assert_allclose(stage.use @ shares, stage.own, rtol=1e-8, atol=1e-9)
    assert_allclose(((1 - shares.sum(axis=1)) * stage.use)[reach].sum(), stage.unknown.sum(), rtol=1e-8, atol=1e-9)


@given(SEEDS)
def test_no_stage_is_traced_to_more_than_its_mines_made(seed):
    chain = world(seed, stages=3)
    mixes = [origin.mix(stage) for stage in chain]
    for use in range(3):
        for at in range(use + 1):
            share = origin.trace(chain, mixes, use, at)
            traced = chain[use].use @ np.nan_to_num(share)
            assert (traced <= chain[at].own * (1 + 1e-9) + 1e-9).all()
            assert (np.nan_to_num(share).sum(axis=1) <= 1 + 1e-9).all()


@given(SEEDS, st.floats(1e-6, 1e6))
def test_shares_do_not_depend_on_the_unit_of_mass(seed, factor):
    rng = np.random.default_rng(seed)
    trade, _ = origin.without_self(rng.exponential(1.0, (5, 5)) * (rng.random((5, 5)) < 0.5))
    output = rng.exponential(2.0, 5) * (rng.random(5) < 0.6)
    one, other = (origin.mix(origin.balance(trade * f, output * f)) for f in (1.0, factor))
    assert_allclose(one.shares, other.shares, rtol=1e-7, atol=1e-9)


@given(SEEDS)
def test_leading_axes_give_what_one_by_one_gives(seed):
    rng = np.random.default_rng(seed)
    trade, _ = origin.without_self(rng.exponential(1.0, (3, 2, 5, 5)) * (rng.random((3, 2, 5, 5)) < 0.5))
    output = rng.exponential(2.0, (3, 2, 5))
    whole = origin.mix(origin.balance(trade, output)).shares
    for at in np.ndindex(3, 2):
        assert_allclose(whole[at], origin.mix(origin.balance(trade[at], output[at])).shares, rtol=1e-12)


@given(SEEDS)
def test_passage_is_one_minus_origin_without_the_country(seed):
    """The oracle takes h out of the network: what still reaches a source has avoided it."""
    chain = world(seed, stages=2)
    mixes = [origin.mix(stage) for stage in chain]
    n = len(chain[0].own)
    for use in range(2):
        ever = origin.visited_ever(chain, mixes, use)
        for h in range(n):
            clear = avoiding(chain, mixes, use, h)
            for d in range(n):
                if d != h and not np.isnan(ever[d, h]):
                    assert ever[d, h] == pytest.approx(1 - clear[d], abs=1e-8)


def avoiding(chain, mixes, use, h):
    """Return (n,) share of each country's use that never was in h, by solving the network without h."""
    n, inner = len(chain[0].own), None
    for k in range(use + 1):
        stage, mixed = chain[k], mixes[k]
        fed = origin.feed(chain[k - 1], stage) if k else np.zeros(n)
        own = 1.0 - fed + (fed * inner if k else 0.0)
        step = mixed.step if stage.known else np.zeros((n, n))
        cut = np.where(np.arange(n) == h, 0.0, 1.0)
        ends = (mixed.made * own + mixed.lost) * cut
        exports = np.linalg.solve(np.eye(n) - step * cut[:, None] * cut[None, :], ends)
        inner = (mixed.step @ exports + mixed.made_used * own + mixed.lost_used) * cut
    return inner


@given(SEEDS)
def test_bounds_contain_the_estimate(seed):
    chain = world(seed, stages=3)
    mixes = [origin.mix(stage) for stage in chain]
    n = len(chain[0].own)
    for use in range(3):
        if not chain[use].traded:
            continue
        for d in range(n):
            sinks = np.arange(n) == d
            for at in range(use + 1):
                asked = bounds.layers(chain, at, use, sinks)
                if asked.used <= 0:
                    assert np.isnan(bounds.origin_bounds(asked, range(n))[0]).all()
                    continue
                pairs = [
                    (origin.trace(chain, mixes, use, at)[d], bounds.origin_bounds(asked, range(n))),
                    (origin.visited(chain, mixes, use, at)[d], bounds.passage_bounds(asked, range(n))),
                ]
                if at == 0:
                    ever = origin.visited_ever(chain, mixes, use)[d]
                    pairs.append((ever, bounds.passage_bounds(asked, range(n), ever=True)))
                for share, (low, high) in pairs:
                    assert (low <= share + 1e-8).all()
                    assert (high >= share - 1e-8).all()


@given(SEEDS)
def test_bounds_are_those_of_the_linear_program(seed):
    """Oracle: split every flow by origin (and by having passed h), each part conserved, parts adding up to the flow."""
    (stage,) = world(seed, n=4, stages=1, gaps=False)
    n = len(stage.own)
    d = int(np.argmax(stage.use))
    asked = bounds.layers([stage], 0, 0, np.arange(n) == d)
    if asked.used <= 0:
        return
    low, high = bounds.origin_bounds(asked, range(n))
    for c in range(n):
        assert low[c] == pytest.approx(split(stage, c, d, least=True), abs=1e-7)
        assert high[c] == pytest.approx(split(stage, c, d, least=False), abs=1e-7)
    low, high = bounds.passage_bounds(asked, range(n))
    for h in range(n):
        if h != d:
            assert low[h] == pytest.approx(passing(stage, h, d, least=True), abs=1e-7)
            assert high[h] == pytest.approx(passing(stage, h, d, least=False), abs=1e-7)


def split(stage, c, d, least):
    """Return the least or most share of d's use from c: part x of each flow is c's, the rest everybody else's."""
    arcs = np.argwhere(stage.trade > 0)
    n, m = len(stage.own), len(arcs)
    upper = np.concatenate([[stage.trade[a, b] for a, b in arcs], stage.use, stage.unknown])
    rows, right = np.zeros((n, m + 2 * n)), np.where(np.arange(n) == c, stage.own, 0.0)
    for k, (a, b) in enumerate(arcs):
        rows[a, k] += 1  # out
        rows[b, k] -= 1  # in
    rows[np.arange(n), m + np.arange(n)] = 1
    rows[np.arange(n), m + n + np.arange(n)] = -1
    goal = np.zeros(m + 2 * n)
    goal[m + d] = 1.0 if least else -1.0
    # unknown supply helps the most and not the least
    bound = [(0, u if k < m + n or not least else 0) for k, u in enumerate(upper)]
    found = linprog(goal, A_eq=rows, b_eq=right, bounds=bound, method="highs")
    assert found.status == 0
    return abs(found.fun) / stage.use[d]


def passing(stage, h, d, least):
    """Return the least or most share of d's use that was in h: each flow = not yet in h + been in h."""
    arcs = np.argwhere(stage.trade > 0)
    n, m = len(stage.own), len(arcs)
    # variables: x[a] part that has been in h (m), y[a] the rest (m), then use that has been (n) and has not (n),
    # then unknown supply that is taken to have been in h before (n)
    size = 2 * m + 3 * n
    rows, right = [], []
    for k in range(m):
        row = np.zeros(size)
        row[[k, m + k]] = 1
        rows.append(row)
        right.append(stage.trade[tuple(arcs[k])])
    for v in range(n):
        been, clean = np.zeros(size), np.zeros(size)
        for k, (a, b) in enumerate(arcs):
            for row, part in ((been, k), (clean, m + k)):
                row[part] += int(a == v) - int(b == v)
        been[2 * m + v] = clean[2 * m + n + v] = 1
        been[2 * m + 2 * n + v] = -1
        clean[2 * m + 2 * n + v] = 1
        if v == h:  # everything that leaves h has been there
            rows.append(been + clean)
            right.append(stage.own[v] + stage.unknown[v])
            for k, (a, _) in enumerate(arcs):
                if a == h:
                    rows.append(np.eye(size)[m + k])
                    right.append(0.0)
            rows.append(np.eye(size)[2 * m + n + v])
            right.append(0.0)
            continue
        rows += [been, clean]
        right += [0.0, stage.own[v] + stage.unknown[v]]
    goal = np.zeros(size)
    goal[2 * m + d] = 1.0 if least else -1.0
    used = [(0, None)] * (2 * m) + [(0, None)] * (2 * n)
    for v in range(n):  # use splits in two parts that add up
        row = np.zeros(size)
        row[[2 * m + v, 2 * m + n + v]] = 1
        rows.append(row)
        right.append(stage.use[v])
    hidden = [(0, 0.0 if least else u) for u in stage.unknown]
    found = linprog(goal, A_eq=np.array(rows), b_eq=np.array(right), bounds=used + hidden, method="highs")
    assert found.status == 0
    return abs(found.fun) / stage.use[d]


@given(SEEDS)
def test_maximum_flow_is_that_of_networkx(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    arcs = [(a, b) for a in range(n) for b in range(n) if a != b and rng.random() < 0.4]
    capacity = rng.integers(0, 12, len(arcs)).astype(float).tolist()
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for (a, b), most in zip(arcs, capacity, strict=True):
        graph.add_edge(a, b, capacity=most)
    tails, heads = ([arc[k] for arc in arcs] for k in (0, 1))
    found = maximum_flow(network(n, tails, heads), capacity, 0, n - 1)
    assert found == pytest.approx(nx.maximum_flow_value(graph, 0, n - 1))
    assert maximum_flow(network(n, tails, heads), capacity, 0, n - 1, 2.5) == pytest.approx(min(found, 2.5))


def test_a_cycle_of_trade_passes_origin_on():
    """0 makes 10 and sells 8 to 1; 1 and 2 trade in a ring; all of it is 0's."""
    trade = np.zeros((3, 3))
    trade[0, 1], trade[1, 2], trade[2, 1] = 8.0, 6.0, 4.0
    made = origin.mix(origin.balance(trade, np.array([10.0, 0.0, 0.0])))
    assert_allclose(made.shares[:, 0], 1.0)
    assert made.visits[2, 1] == pytest.approx(1.0)
    assert made.visits[1, 2] == pytest.approx(4 / 12)


def test_a_ring_without_a_source_is_unknown_origin_and_never_an_error():
    trade = np.zeros((3, 3))
    trade[0, 1] = trade[1, 0] = 5.0
    stage = origin.balance(trade, np.array([0.0, 0.0, 3.0]))
    made = origin.mix(stage)
    assert_allclose(made.shares[:2], 0.0, atol=1e-12)
    assert (stage.use[:2] == 0).all()
    assert made.shares[2, 2] == 1.0


def test_self_trade_is_dropped_and_counted():
    trade, dropped = origin.without_self(np.array([[4.0, 1.0], [0.0, 2.0]]))
    assert dropped == 2
    assert trade.tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_exports_above_supply_are_unknown_origin():
    """Country 0 sells 10 but is known to make 4: 6 have no recorded origin, neither invented nor hidden."""
    trade = np.array([[0.0, 10.0], [0.0, 0.0]])
    stage = origin.balance(trade, np.array([4.0, 0.0]))
    made = origin.mix(stage)
    assert stage.unknown.tolist() == [6.0, 0.0]
    assert made.shares[1].tolist() == [0.4, 0.0]
    low, high = bounds.origin_bounds(bounds.layers([stage], 0, 0, np.array([False, True])), [0])
    assert (low[0], high[0]) == (pytest.approx(0.4), pytest.approx(1.0))


def test_a_country_without_supply_has_no_share():
    stage = origin.balance(np.zeros((2, 2)), np.array([1.0, 0.0]))
    assert np.isnan(origin.mix(stage).shares[1]).all()


def test_where_no_source_covers_output_the_exporter_is_the_origin():
    """0 sells to 1, which sells on to 2: without figures on output nobody can say that 1 only passes it on."""
    trade = np.zeros((3, 3))
    trade[0, 1], trade[1, 2], trade[0, 2] = 10.0, 4.0, 1.0
    stage = origin.balance(trade, None)
    made = origin.mix(stage)
    assert made.shares[2].tolist() == [0.2, 0.8, 0.0]
    low, high = bounds.origin_bounds(bounds.layers([stage], 0, 0, np.arange(3) == 2), range(3))
    assert_allclose(low, [0.2, 0.0, 0.0], atol=1e-12)
    assert_allclose(high, [1.0, 0.8, 0.0], atol=1e-12)


def test_refined_imports_go_back_through_the_refiner_to_mines():
    """Mines in 0 (6) and 1 (2); 1 refines 8 from its own ore and 0's; 2 buys 5 refined: 3/4 of it is 0's ore."""
    ore, metal = np.zeros((3, 3)), np.zeros((3, 3))
    ore[0, 1], metal[1, 2] = 6.0, 5.0
    chain = balanced([ore, metal], [np.array([6.0, 2.0, 0.0]), np.array([0.0, 8.0, 0.0])])
    mixes = [origin.mix(stage) for stage in chain]
    assert_allclose(origin.trace(chain, mixes, 1, 0)[2], [0.75, 0.25, 0.0])
    assert_allclose(origin.trace(chain, mixes, 1, 1)[2], [0.0, 1.0, 0.0])
    assert_allclose(origin.visited(chain, mixes, 1, 0)[2], [0.75, 1.0, 0.0])
    assert_allclose(origin.visited_ever(chain, mixes, 1)[2], [0.75, 1.0, 1.0])
    asked = bounds.layers(chain, 0, 1, np.arange(3) == 2)
    low, high = bounds.origin_bounds(asked, range(2))
    assert_allclose(low, [0.6, 0.0], atol=1e-12)
    assert_allclose(high, [1.0, 0.4], atol=1e-12)


def test_refined_output_beyond_its_ore_is_unknown():
    ore = np.zeros((2, 2))
    chain = balanced([ore, ore], [np.array([3.0, 0.0]), np.array([4.0, 0.0])])
    mixes = [origin.mix(stage) for stage in chain]
    assert_allclose(origin.trace(chain, mixes, 1, 0)[0], [0.75, 0.0])
