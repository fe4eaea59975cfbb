"""The number of equal producers: as many as there are where all are equal, fewer where they are not."""

import numpy as np
import pytest

from khanij.kernels.effective_number import effective_number


def test_equal_producers_count_one_by_one_and_unequal_ones_less():
    shares = np.full(7, 1 / 7)
    assert effective_number(np.array((shares**2).sum())) == pytest.approx(7)
    assert effective_number(np.array([0.5, np.nan])).tolist()[0] == 2.0
    assert np.isnan(effective_number(np.array([np.nan, 0.0]))).all()
