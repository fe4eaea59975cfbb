"""The leading maker on a hand-made world."""

import numpy as np

from khanij.analyses.question import ask, find, request_of
from khanij.core.case import from_arrays


def test_the_largest_known_output_leads_and_what_is_not_known_has_no_row():
    axes = {"material": ("copper", "tin"), "stage": ("mined",), "country": ("AUS", "CHL", "PER"), "year": ("2024",)}
    output = np.array([[[[1.0], [5.0], [np.nan]]], [[[np.nan]] * 3]])
    case = from_arrays(axes, production=("t", ("material", "stage", "country", "year"), output))
    answer = ask(request_of(find("leading")).of({"focus": "IND"}), case)
    assert list(answer.table("leading").rows()) == [{"material": "copper", "stage": "mined", "country": "CHL"}]
    assert answer.findings == ("CHL makes most copper.",)
