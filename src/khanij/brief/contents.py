"""The chapters of the dossier as plain data: a question a line, and with what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from khanij.analyses.plan.programme import Money
from khanij.analyses.profile.forms import main_forms, ranked
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import Answer
from khanij.brief.request import BriefRequest
from khanij.brief.stops import Stop
from khanij.reference.names import country_name
from khanij.reference.official_lists import UNION

STUDIED, DRAWS, SEED = 2020, 500, 2023  # the last year that the EU's study of 2023 describes, and its draws
SPAN, FIRST = 10, 1995  # years of a series, and the first year of trade in the store
TRACED, MADE = 6, 5  # minerals that are traced, those on which most is spent; origins listed of each
YEARS, FEW, DRAWN = 1_000, 300, 200  # simulated for a plan and a partnership, for losses; drawn for a plan's ranges
SHOWN = 4  # goods whose rows of trade are shown


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a brief is about, and what was asked of it.

    profile  the readings that several questions share      money  of the plan, None where none is asked for
    answers  question -> answer, of those that the two pages stand on
    stops    the dearest years without a seller, then exposures of which no loss is known
    """

    request: BriefRequest
    profile: CountryProfile
    money: Money | None
    answers: Mapping[str, Answer]
    stops: tuple[Stop, ...] = ()


Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One chapter.

    fields   what the question is asked with besides focus and year; None = it is not asked
    without  keys of tables that are too long for a page or told elsewhere
    """

    id: str
    heading: Callable[[Subject], str] | str
    question: str
    fields: Callable[[Subject], Fields | None] = lambda _: {}
    without: tuple[str, ...] = ()


def _spent(subject: Subject) -> Fields:
    """Return the listed minerals, those on which most is spent first."""
    return {"material": ranked(subject.profile)}


def _decade(subject: Subject) -> Fields:
    """Return ten years of the concentration of imports by value."""
    year = subject.profile.year
    span = tuple(range(max(FIRST, year - SPAN + 1), year + 1))
    held = tuple(material for material, _ in main_forms(subject.profile))  # others share a trade code with each other
    return {"method": "import-hhi", "year": span, "material": held, "set": ("by=value",)}


def _traced(by: str) -> Callable[[Subject], Fields | None]:
    """Return what is asked of origins, counted at the mine or at the refiner."""
    return lambda subject: {"material": ranked(subject.profile)[:TRACED], "by": by, "top": MADE}


def _matrix(subject: Subject) -> Fields:
    """Return the EU's own assessment with draws, since its matrix is what others are read against."""
    asked = {"focus": UNION, "year": (STUDIED,), "method": ("eu-supply-risk",), "draws": DRAWS, "seed": SEED}
    return asked | {"material": subject.profile.listed}


def _partner(**more: Any) -> Callable[[Subject], Fields | None]:
    """Return what is asked with the partner, nothing where none is named."""
    return lambda subject: {"partner": subject.request.partner, **more} if subject.request.partner else None


def _trade(subject: Subject) -> Fields | None:
    """Return recorded trade with the partner."""
    partner = subject.request.partner
    return {"partner": (partner,), "year": (subject.profile.year,)} if partner else None


def _behind(subject: Subject) -> Fields | None:
    """Return the recorded trade behind the first findings: the codes of the goods on which a country hangs most."""
    rows = [row for table in subject.answers["exposure"].tables if table.key == "exposure" for row in table.rows()]
    keys = [(row["material"], row["stage"]) for row in rows if row["can_stop"]] or [
        (row["material"], row["stage"]) for row in rows
    ]
    codes = [code.code for key in keys[:SHOWN] for code in subject.profile.dedicated.get(key, ())]
    held = tuple(dict.fromkeys(code for code in codes if code in subject.profile.codes.held))
    return {"hs": held, "year": (subject.profile.year,)} if held else None


def _plan(subject: Subject) -> Fields | None:
    """Return the plan of a programme or of a sum that was stated; less deep than `khanij plan`."""
    money = subject.money
    if money is None:
        return None
    given = {"budget": money.text, "from": money.since, "to": money.to, "ceilings": bool(money.ceilings)}
    return given | {"years": YEARS, "scenarios": DRAWN, "deep": False, "frontier": True}


def _ordered(subject: Subject) -> Fields:
    """Return the listed minerals, with how sure the order of their stops is where the dossier shows it."""
    return {"material": subject.profile.listed, "ranking": 48 if subject.request.dossier else 0}


def _losses(subject: Subject) -> Fields | None:
    """Return the risk of the listed minerals over a few hundred years."""
    asked = {"years": FEW, "material": subject.profile.listed, "pairs": False}
    return asked if subject.request.losses else None


def _with(words: str) -> Callable[[Subject], str]:
    """Return a heading that names the partner."""
    return lambda subject: words.format(country_name(subject.request.partner or ""))


def _bought(subject: Subject) -> str:
    """Return what the chapter on a plan is called."""
    money = subject.money
    assert money is not None
    return f"What {f'the money of the {money.name}' if money.name else money.text} could buy"


CONTENTS = (
    Line("stops", "What a year without each seller would cost", "stops", _ordered, ("stops",)),
    Line("exposure", "What one country could hold back", "exposure", lambda s: {"on": s.request.on}),
    Line("behind", "Recorded trade behind the first findings", "trade", _behind),
    Line("profile", "What it buys and sells, and what is not known", "profile", without=("every-supplier",)),
    Line("chain", "From the mine to the goods", "chain", _spent),
    Line("history", "Ten years", "history", _decade, ("series",)),
    Line("mines", "Whose mines stand behind it", "origin", _traced("mine")),
    Line("makers", "Who refined and made it", "origin", _traced("refiner")),
    Line("assess", "Indicators side by side", "assess", lambda s: {"material": s.profile.listed}),
    Line("critical", "Who calls it critical", "compare", lambda _: {"method": ("eu-criticality",)}, ("agreement",)),
    Line("matrix", "How sure the EU's scores are", "assess", _matrix),
    Line("scorecard", "How far the programme is", "scorecard"),
    Line("partner", _with("Trade with {}"), "trade", _trade),
    Line(
        "partner-profile",
        _with("What {} makes, holds and sells"),
        "profile",
        lambda s: {"focus": s.request.partner} if s.request.partner else None,
        ("overview", "unmeasured", "goods", "countries", "suppliers", "set-aside", "gaps", "every-supplier"),
    ),
    Line("partnership", _with("What a partnership with {} would be worth"), "partner", _partner(years=YEARS)),
    Line(
        "reserve",
        "What a reserve against an emergency would take",
        "stockpile",
        lambda _: {"value": False},
        ("months",),
    ),
    Line("plan", _bought, "plan", _plan, ("schedule", "supply", "need", "figures", "bills", "rejected", "support")),
    Line(
        "disruption",
        "What a disruption would cost",
        "risk",
        _losses,
        ("hazards", "dependence", "simulation", "missing"),
    ),
)
FIRST_ASKED = ("stops", "exposure", "profile", "scorecard")  # what the two pages stand on; their tables keep their keys
ADDED = ("plan", "partnership")  # lines whose first finding stands on the pages too
