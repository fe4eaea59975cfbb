"""Equations of methods as MathML: nothing of the text is lost, and a stroke divides what it should."""

import inspect
import re
from xml.etree import ElementTree

import pytest

from khanij.analyses import runner
from khanij.present.equations import equations

LEFT_OUT = re.compile(r"[\s()\[\]{}/_^,;·]")  # signs that a drawing has as places


def letters(text):
    for sign, drawn in ((">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("-", "−"), ("²", "2"), ("³", "3"), ("'", "′")):
        text = text.replace(sign, drawn)
    return LEFT_OUT.sub("", text.replace("...", "…").replace("..", "…"))


@pytest.mark.parametrize("id", sorted(runner.methods()))
def test_every_equation_is_drawn_and_nothing_of_it_is_lost(id):
    stated = inspect.getdoc(runner.find(id).function).split("\n\n")[1]
    drawn = [ElementTree.fromstring(str(one)) for one in equations(stated)]
    assert all(one.tag == "math" for one in drawn)
    assert letters("".join("".join(one.itertext()) for one in drawn)) == letters(stated)


def parts(text):
    """Return what stands above and below the first stroke."""
    (drawn,) = equations(text)
    above, below = ElementTree.fromstring(str(drawn)).iter("mfrac").__next__()
    return "".join(above.itertext()), "".join(below.itertext())


@pytest.mark.parametrize(
    ("text", "above", "below"),
    [
        ("r = (I - E) / (P + I - E)", "I−E", "P+I−E"),
        ("s_i = q_i / Σ q", "qi", "Σq"),
        ("L = max_i q_i / (P + Σ q)", "maxiqi", "P+Σq"),
        ("T = max(0, (I - E)/(P + I))", "I−E", "P+I"),
        ("c = output as a by-product / all output", "output as a by-product", "all output"),
        ("Q_s = 10 · VA_s / max VA", "10·VAs", "maxVA"),
    ],
)
def test_a_stroke_divides_what_it_should(text, above, below):
    assert parts(text) == (above, below)


def test_a_power_hangs_on_its_bracket_and_text_is_escaped():
    (drawn,) = equations("C = (R·G)^(1/3)")
    power = ElementTree.fromstring(str(drawn)).iter("msup").__next__()
    assert "".join(power[0].itertext()) == "(R·G)"
    assert "&lt;script&gt;" not in str(drawn)
    assert "<b" not in str(equations("x = <b>")[0])
