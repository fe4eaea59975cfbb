import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.present import page, text

MINUS = "\N{MINUS SIGN}"


def spaced(words: str) -> str:
    return words.replace(text.THIN, " ")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not known"),
        (float("nan"), "not known"),
        (0.0, "0"),
        (27.0, "27"),
        (1204.6, "1,200"),
        (27404.2, "27,400"),
        (0.01234, "0.0123"),
        (999.6, "1,000"),
        (9.996, "10.0"),
        (-12.34, f"{MINUS}12.3"),
        (123456789.0, "123,000,000"),
    ],
)
def test_digits_golden(value, words):
    assert text.digits(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (88920220, "88.9 million t"),
        (27404, "27,400 t"),
        (0.34, "340 kg"),
        (999.9e6, "1.00 billion t"),
        (0, "0 t"),
        (None, "not known"),
    ],
)
def test_tonnes_golden(value, words):
    assert spaced(text.tonnes(value)) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.723, "72 %"),
        (0.043, "4.3 %"),
        (0.0004, "under 0.1 %"),
        (0.997, "over 99 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (-2.61, f"{MINUS}261 %"),
        (1.5, "150 %"),
        (0.0996, "10 %"),
        (None, "not known"),
    ],
)
def test_percent_golden(share, words):
    assert spaced(text.percent(share)) == words


@pytest.mark.parametrize(
    ("kusd", "words"), [(48639765, "USD 48.6 billion"), (310, "USD 310,000"), (0.883, "USD 883"), (None, "not known")]
)
def test_dollars_golden(kusd, words):
    assert spaced(text.dollars(kusd)) == words


@pytest.mark.parametrize(
    ("inr", "words"),
    [
        (163e9, "₹16,300 crore"),
        (250000, "₹2.50 lakh"),
        (84000, "₹84,000"),
        (3.43e13, "₹34,30,000 crore"),
        (None, "not known"),
    ],
)
def test_rupees_golden(inr, words):
    assert text.rupees(inr) == words


def test_cells_spans_and_lists():
    assert text.cell(None, "t") == "n/k"
    assert spaced(text.cell(0.0004, "1")) == "<0.1 %"
    assert text.cell(0.38674, "index") == "0.39"
    assert text.span(900, 1500, "t") == "900–1,500"
    assert text.span(None, 5, "t") == "at most 5"
    assert text.span(None, None, "t") == ""
    assert text.joined([]) == ""
    assert text.joined(["A"]) == "A"
    assert text.joined(["A", "B", "C"]) == "A, B and C"
    assert text.joined(["A", "B", "C", "D"], 2) == "A, B and 2 others"
    assert text.count(1, "mineral") == "one mineral"
    assert text.count(0, "country", "countries") == "no countries"
    assert spaced(text.quantity(12.0, "USD/t")) == "12 USD/t"


@given(st.floats(min_value=1e-9, max_value=1e15))
def test_digits_stay_within_half_a_unit_of_the_third_figure(value):
    assert float(text.digits(value).replace(",", "")) == pytest.approx(value, rel=5.1e-3)


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["t", "kUSD", "1", "%", "index", "INR", "kg"]))
def test_no_number_breaks_the_writer(value, unit):
    assert text.quantity(value, unit)
    assert text.cell(value, unit)


def test_a_range_stands_behind_its_number_and_none_where_there_is_none():
    assert text.ranged(0.84, 0.84, 0.87, "1") == f"84{text.THIN}% (84–87{text.THIN}%)"
    assert text.ranged(0.84, None, None, "1") == f"84{text.THIN}%"
    assert text.ranged(None, 1.0, 2.0, "t") == "not known (1–2)"


def test_numbers_are_written_the_indian_way_only_where_their_unit_stands_with_them():
    told = {
        "1,234,567 and 12,345,678.5": "12,34,567 and 1,23,45,678.5",
        "26,100 to 999,999": "26,100 to 9,99,999",
        "USD\u202f48.6 billion": "USD\u202f4,860 crore",
        "USD 805 million to USD 19.7 billion": "USD 80.5 crore to USD 1,970 crore",
        "USD\u202f4.5 million": "USD\u202f45 lakh",
        "1.23 million\u202ft": "12.3 lakh\u202ft",
        "by 12,300 ± 2,500 million USD": "by 12,300 ± 2,500 million USD",  # the first leans on the unit of the second
        "sources 1,2,3 of 2024-01-31": "sources 1,2,3 of 2024-01-31",
    }
    assert {words: text.lakhs(words) for words in told} == told


@given(st.integers(0, 10**15))
def test_regrouped_digits_are_the_same_number(number):
    written = text.lakhs(f"{number:,}")
    assert written.replace(",", "") == str(number)
    assert written == text.indian(number, 20)


def test_scripts_commands_and_attributes_keep_their_numbers():
    html = '<p title="1,234,567">1,234,567</p><script>x = "1,234,567"</script><code>1,234,567</code>'
    assert page.with_lakhs(html) == html.replace(">1,234,567</p>", ">12,34,567</p>")
