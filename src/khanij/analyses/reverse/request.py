"""What can be asked of a reverse stress test."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from khanij.analyses.fields import Simulated
from khanij.analyses.simulated import SimulatedRequest
from khanij.core.errors import StudyError
from khanij.reference import money

GDP = "gdp"


def amount(text: str) -> tuple[float, str]:
    """Return (USD, "") of a sum of money, or (share, "gdp") of "0.5% gdp"; raises StudyError for neither."""
    words = text.lower().replace("%", " % ").split()
    if words[-2:] == ["%", GDP] and len(words) == 3:
        try:
            share = float(words[0]) / 100
        except ValueError:
            share = 0.0
        if 0 < share <= 1:
            return share, GDP
        raise StudyError(f"{text!r} is no share of output", where="--loss", hint="0.5% gdp")
    number, shown = money.read(text, "--loss")
    usd = shown.usd(number)
    if not usd > 0:
        raise StudyError(f"{text!r} is no loss", where="--loss", hint='"0.5% gdp" or "2 billion USD"')
    return usd, ""


def checked(text: str) -> str:
    """Return the text of an amount that can be read."""
    amount(text)
    return text


class ReverseRequest(SimulatedRequest):
    """Reverse stress: the likeliest ways in which a country loses a given amount in a year.

    >>> ReverseRequest.of({"focus": "IND", "loss": "0.5%gdp", "years": 5000}).command()
    'khanij reverse IND --years 5000 --loss 0.5%gdp'
    """

    years: Simulated = 10_000
    loss: Annotated[str, AfterValidator(checked)] = Field(
        "0.1% gdp", description='the loss from which a year counts: "0.5% gdp" or "2 billion USD"'
    )
