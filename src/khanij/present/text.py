"""Numbers in words: significant digits, units, honest gaps. Values come in finished; only their writing is decided."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from math import floor, isfinite, log10

UNKNOWN = "not known"
SHORT_UNKNOWN = "n/k"
THIN = "\N{NARROW NO-BREAK SPACE}"
BROAD = 0.3  # a share whose range is this wide is told as "between"
VAGUE = 5.0  # high end by low end of an amount from which a range says nothing
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def known(value: float | None) -> bool:
    """Tell whether there is a finite number."""
    return value is not None and isfinite(value)


def digits(value: float | None, figures: int = 3) -> str:
    """Return the number rounded to significant figures, digits grouped by commas; "not known" for None.

    A whole number below 10^figures is written out exactly: 27 stays 27, 1204.6 becomes 1,200.
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    rounded = float(f"{value:.{figures - 1}e}")
    if rounded == 0 or not isfinite(rounded):
        return "0" if rounded == 0 else _signed(f"{value:.{figures - 1}e}")
    places = figures - 1 - floor(log10(abs(rounded)))
    if places <= 0 or (float(rounded).is_integer() and float(value).is_integer()):
        return _signed(f"{rounded:,.0f}")
    return _signed(f"{rounded:,.{places}f}")


def _signed(text: str) -> str:
    """Return the text with a true minus sign."""
    return text.replace("-", "\N{MINUS SIGN}")


def exact(value: float | None, unit: str = "") -> str:
    """Return the number unrounded, as far as a float carries meaning, with its unit."""
    if value is None or not isfinite(value):
        return UNKNOWN
    text = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1e6 else f"{value:,.6g}"
    if abs(value) >= 1000 and not float(value).is_integer() and abs(value) < 1e6:
        text = f"{value:,.1f}"
    return f"{_signed(text)}{THIN}{unit}" if unit and unit != "1" else _signed(text)


def _scaled(value: float, figures: int) -> str:
    """Return the number with million, billion or trillion where that reads better."""
    for size, word in _SCALES:
        if abs(value) >= size * (1 - 0.5 * 10**-figures):
            return f"{digits(value / size, figures)} {word}"
    return digits(value, figures)


def tonnes(value: float | None, figures: int = 3) -> str:
    """Return a mass given in tonnes, in words: "1.23 million t", "27,400 t", "340 kg"."""
    if value is None or not isfinite(value):
        return UNKNOWN
    if 0 < abs(value) < 1:
        return f"{digits(value * 1000, min(figures, 2))}{THIN}kg"
    return f"{_scaled(value, figures)}{THIN}t"


def percent(share: float | None) -> str:
    """Return a share (1 = all) as per cent: "72 %", "4.3 %", "under 0.1 %", "over 99 %"; exact 0 and 1 stay exact."""
    if share is None or not isfinite(share):
        return UNKNOWN
    size = abs(share)
    sign = "\N{MINUS SIGN}" if share < 0 else ""
    if size in (0.0, 1.0):
        body = f"{size * 100:.0f}"
    elif size < 0.001:
        return f"{sign}under 0.1{THIN}%" if not sign else f"between {sign}0.1 and 0{THIN}%"
    elif size < 0.0995:
        body = f"{size * 100:.1f}"
    elif 0.99 < size < 1:
        return f"over 99{THIN}%" if not sign else f"under {sign}99{THIN}%"
    else:
        body = f"{size * 100:,.0f}"
    return f"{sign}{body}{THIN}%"


def dollars(kusd: float | None, figures: int = 3) -> str:
    """Return an amount given in thousand US dollars: "USD 48.6 billion", "USD 310,000"."""
    if kusd is None or not isfinite(kusd):
        return UNKNOWN
    return f"USD{THIN}{_scaled(kusd * 1000, figures)}"


def rupees(inr: float | None, figures: int = 3) -> str:
    """Return rupees the Indian way, in lakh and crore: "₹16,300 crore", "₹2.5 lakh", "₹84,000"."""
    if inr is None or not isfinite(inr):
        return UNKNOWN
    size = abs(inr)
    if size >= 1e7:
        return f"₹{indian(inr / 1e7, figures)} crore"
    if size >= 1e5:
        return f"₹{indian(inr / 1e5, figures)} lakh"
    return f"₹{indian(inr, figures)}"


def indian(value: float, figures: int = 3) -> str:
    """Return the rounded number grouped the Indian way: 1,23,000."""
    plain = digits(value, figures).replace(",", "")
    whole, dot, rest = plain.partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups: list[str] = []
    while len(head) > 2 and head[-3:-2].isdigit():
        head, last = head[:-2], head[-2:]
        groups.insert(0, last)
    joined = ",".join([*([head] if head else []), *groups, tail])
    return joined.replace("\N{MINUS SIGN},", "\N{MINUS SIGN}") + dot + rest


def lakhs(words: str) -> str:
    """Return written numbers the Indian way: 12,34,567 for 1,234,567, crore and lakh for million and billion.

    A number is turned into crore only where its unit stands with it ("USD 48.6 billion", "1.2 million t"), so that none
    that leans on the unit of another one says something else afterwards.
    """
    words = _MONEY.sub(lambda found: f"{found[1]}{_crore(found[2], found[3])}", words)
    words = _MASS.sub(lambda found: f"{_crore(found[1], found[2])}{found[3]}", words)
    return _GROUPED.sub(lambda found: _regrouped(found[0]), words)


def _crore(number: str, size: str) -> str:
    """Return a number of millions, billions or trillions in crore, or in lakh where it is less than one."""
    amount = Decimal(number.replace(",", "")) * Decimal({"million": 10**6, "billion": 10**9, "trillion": 10**12}[size])
    unit, word = (10**7, "crore") if amount >= 10**7 else (10**5, "lakh")
    return f"{_regrouped(f'{(amount / unit).normalize():f}')} {word}"


def _regrouped(number: str) -> str:
    """Return a written number with its digits grouped by two above the thousands."""
    whole, dot, rest = number.replace(",", "").partition(".")
    head, tail = whole[:-3], whole[-3:]
    return ",".join([*(re.findall(r"\d{1,2}(?=(?:\d{2})*$)", head)), tail]) + dot + rest


_SIZE = r"(million|billion|trillion)\b"
_MONEY = re.compile(rf"(USD[\s{THIN}])(\d[\d,]*(?:\.\d+)?) {_SIZE}")
_MASS = re.compile(rf"(\d[\d,]*(?:\.\d+)?) {_SIZE}([\s{THIN}]t\b)")
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])")


def index(value: float | None) -> str:
    """Return an index between 0 and 1 (HHI, risk) with two decimals."""
    if value is None or not isfinite(value):
        return UNKNOWN
    if 0 < abs(value) < 0.005:
        return "under 0.01" if value > 0 else "between \N{MINUS SIGN}0.01 and 0"
    return _signed(f"{value:.2f}")


def quantity(value: float | None, unit: str) -> str:
    """Return a number in words by its unit: t, kUSD, 1 (a share), %, index, INR; others as digits and unit."""
    if unit == "t":
        return tonnes(value)
    if unit == "kUSD":
        return dollars(value)
    if unit == "1":
        return percent(value)
    if unit == "%":
        return percent(None if value is None else value / 100)
    if unit in ("index", "score"):
        return index(value)
    if unit == "INR":
        return rupees(value)
    return UNKNOWN if not known(value) else f"{digits(value)}{THIN}{unit}".rstrip(THIN)


def cell(value: float | None, unit: str) -> str:
    """Return a number as short as a table cell wants it, its unit left to the column: "n/k" where it is not known."""
    if value is None or not isfinite(value):
        return SHORT_UNKNOWN
    if unit in ("1", "%"):
        words = percent(value if unit == "1" else value / 100)
        return (
            words.replace("between \N{MINUS SIGN}0.1 and 0", ">\N{MINUS SIGN}0.1")
            .replace("under ", "<")
            .replace("over ", ">")
        )
    if unit in ("index", "score"):
        return index(value).replace("between \N{MINUS SIGN}0.01 and 0", ">\N{MINUS SIGN}0.01").replace("under ", "<")
    if unit == "t" and 0 < abs(value) < 1:
        return digits(value, 2)
    return digits(value)


def span(low: float | None, high: float | None, unit: str) -> str:
    """Return a range for a cell: "900–1,500", "−3 to 2"; an open end is said in words; "" if neither end is known."""
    if known(low) and known(high):
        ends = cell(low, unit), cell(high, unit)
        sign = f"{THIN}%"
        first = ends[0].removesuffix(sign) if ends[1].endswith(sign) else ends[0]
        return ends[0] if ends[0] == ends[1] else f"{first} to {ends[1]}" if low < 0 else f"{first}–{ends[1]}"
    if known(low):
        return f"at least {cell(low, unit)}"
    return f"at most {cell(high, unit)}" if known(high) else ""


def ranged(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Return a number in words with its range: "84 % (84–87 %)"; the range is left out where there is none."""
    band = span(low, high, unit)
    return quantity(value, unit) + (f" ({band})" if band else "")


def broad(low: float | None, high: float | None, unit: str) -> bool:
    """Tell whether a share's range is so wide that its ends say more than any value between them."""
    if low is None or high is None or not known(low) or not known(high):
        return False
    return unit == "1" and high - low >= BROAD


def telling(low: float | None, high: float | None) -> bool:
    """Tell whether a range of an amount says anything: not from nothing, or to more than VAGUE times its low end."""
    if low is None or high is None or not known(low) or not known(high) or low == high:
        return True
    return low > 0 and high <= VAGUE * low


def joined(words: Iterable[str], most: int | None = None) -> str:
    """Return "A", "A and B", "A, B and C"; beyond `most`, "A, B and 3 others"."""
    listed = list(words)
    if most is not None and len(listed) > most:
        rest = len(listed) - most
        listed = [*listed[:most], f"{rest} other{'s' if rest > 1 else ''}"]
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return "no mineral", "one mineral", "12 minerals"."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    many = plural or f"{noun}s"
    return f"{words[number] if number < len(words) else number} {noun if number == 1 else many}"


def capital(sentence: str) -> str:
    """Return the sentence with its first letter large and the rest untouched."""
    return sentence[:1].upper() + sentence[1:]


def small(name: str) -> str:
    """Return a name inside a sentence: its first letter small, but for a name that begins with an abbreviation."""
    plain = name[1:2].islower() or not name[1:2].isalpha()
    return name[:1].lower() + name[1:] if plain and not any(c.isupper() for c in name.split(" ")[0][1:]) else name
