"""Identities of a balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.kernels.indicators.reliance import apparent_consumption, bounds, import_reliance, self_sufficiency

tonnes = st.floats(0, 1e9).map(np.float64)


@given(tonnes, tonnes, tonnes)
def test_reliance_and_self_sufficiency(p, i, e) -> None:
    used = apparent_consumption(p, i, e)
    r, z = import_reliance(p, i, e), self_sufficiency(p, i, e)
    if used <= 0:
        assert np.isnan(r)
        assert np.isnan(z)
    else:
        assert r + z == pytest.approx(1.0, rel=1e-6, abs=1e-6 * float((p + i + e) / used))
        assert r <= 1
        assert z >= 0


@given(tonnes, tonnes, st.floats(1, 1e9).map(np.float64))
def test_more_own_output_never_raises_reliance_of_an_importer(p, i, more) -> None:
    if p + i > 0:
        assert import_reliance(p + more, i, np.float64(0)) <= import_reliance(p, i, np.float64(0)) + 1e-12


@given(tonnes, tonnes, tonnes, st.floats(1e-3, 1e3))
def test_scale_does_not_matter(p, i, e, factor) -> None:
    if apparent_consumption(p, i, e) > 1e-6 * (p + i + e):
        assert import_reliance(p * factor, i * factor, e * factor) == pytest.approx(
            float(import_reliance(p, i, e)), rel=1e-6, abs=1e-6
        )


@given(st.lists(st.floats(0.1, 1e6), min_size=6, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_the_range_holds_every_point_between_its_corners(x, a, b) -> None:
    p, i, e = (tuple(map(np.float64, sorted(x[k : k + 2]))) for k in (0, 2, 4))
    low, high = bounds(apparent_consumption, p, i, e)
    at = [lo + s * (hi - lo) for (lo, hi), s in zip((p, i, e), (a, b, b), strict=True)]
    assert low - 1e-6 <= apparent_consumption(*at) <= high + 1e-6


@given(st.lists(st.floats(0.1, 1e6), min_size=9, max_size=9))
def test_the_range_holds_the_best_value_where_each_flow_has_a_content_of_its_own(x) -> None:
    p, i, e = (tuple(map(np.float64, sorted(x[k : k + 3]))) for k in (0, 3, 6))  # low, best, high
    for measure in (apparent_consumption, import_reliance, self_sufficiency):
        low, high = bounds(measure, (p[0], p[2]), (i[1], i[0], i[2]), (e[1], e[0], e[2]))
        best = measure(p[1], i[1], e[1])
        if p[1] + i[1] - e[1] > 0 and p[0] + i[1] - e[1] > 0:  # else a share is told at no end or has none
            assert low - 1e-9 * abs(low) <= best <= high + 1e-9 * abs(high)
