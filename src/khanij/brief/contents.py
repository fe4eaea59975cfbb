"""The chapters of the dossier: which question each prints, and what of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from khanij.analyses.compare import words as compare
from khanij.analyses.history import words as history
from khanij.analyses.origin import words as origin
from khanij.analyses.partner import trade
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import Answer
from khanij.brief import methods
from khanij.present.document import Chapter, Sentence


@dataclass(frozen=True, slots=True)
class AskedAnswers:
    """What was asked for a brief.

    answers  question -> its answer            profile  the readings that they share
    partner  ISO alpha-3 code, "" for none     valued   name of a long chapter -> what waits for it
    """

    answers: Mapping[str, Answer]
    profile: CountryProfile
    partner: str = ""
    valued: Mapping[str, Callable[[], Chapter | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One chapter: the tables and figures of a question's answer by key, and parts of its words.

    figures  ids, or beginnings of ids that end in a hyphen ("chain-")
    told     a chapter that its question still writes whole; None where the answer has none
    """

    id: str
    heading: str = ""
    question: str = ""
    words: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    told: Callable[[AskedAnswers], Chapter | None] | None = None


def bilateral(asked: AskedAnswers) -> Chapter | None:
    """Return the chapter on trade with the partner."""
    return trade.chapter(asked.profile, asked.partner) if asked.partner else None


def long(name: str) -> Callable[[AskedAnswers], Chapter | None]:
    """Return what waits for a long chapter that may have been asked for."""
    return lambda asked: asked.valued[name]() if name in asked.valued else None


CONTENTS = (
    Line(
        "exposure",
        "What one country could hold back",
        "exposure",
        ("exposure", "behind"),
        ("exposure", "senders", "unseen", "summary"),
        (),
    ),
    Line(
        "controls",
        "What is in force against it",
        "exposure",
        ("controls",),
        ("in-force", "coming", "through-time"),
        (),
    ),
    Line("minerals", "Mineral by mineral", "profile", ("overview", "purchases"), ("overview", "goods"), ("matrix",)),
    Line("suppliers", "Who supplies", "profile", ("suppliers",), ("suppliers",), ("map", "suppliers")),
    Line("stages", "Stage by stage", "profile", ("stages", "sales"), ("balance", "world", "reserves", "buyers"), ()),
    Line("history", told=lambda asked: history.chapter(asked.profile)),
    Line("chains", "Chains", "profile", ("chains",), (), ("chain-",)),
    Line("origin", told=lambda asked: origin.chapter(asked.profile)),
    Line("verdicts", told=lambda asked: compare.chapter(asked.profile)),
    Line(
        "scorecard",
        "How far the programme is",
        "scorecard",
        ("programme", "supply", "leads"),
        ("targets", "supply", "outlook", "leads"),
        ("advantage",),
    ),
    Line("partner", told=bilateral),
    Line("partnership", told=long("partnership")),
    Line("plan", told=long("plan")),
    Line("disruption", told=long("disruption")),
    Line("gaps", "What is not known", "profile", ("gaps",), ("set-aside", "gaps"), ()),
    Line("method", told=lambda asked: methods.chapter(asked.profile)),
)


def chapters(asked: AskedAnswers) -> tuple[Chapter, ...]:
    """Return every chapter for which there is something to say, in order."""
    written = (line.told(asked) if line.told else _of_answer(line, asked.answers[line.question]) for line in CONTENTS)
    return tuple(chapter for chapter in written if chapter)


def _of_answer(line: Line, answer: Answer) -> Chapter:
    """Return a chapter made of a question's answer."""
    held = {table.key: table for table in answer.tables}
    paragraphs = tuple(p for part in line.words for p in _paragraphs(answer.words.get(part, ())))
    shown = [
        f for f in answer.figures if any(f.id == id or (id[-1:] == "-" and f.id.startswith(id)) for id in line.figures)
    ]
    return Chapter(
        line.id, line.heading, paragraphs, tuple(shown), tuple(held[key] for key in line.tables if key in held)
    )


def _paragraphs(sentences: Sequence[Sentence]) -> list[tuple[Sentence, ...]]:
    """Return sentences as paragraphs: one with a bold start begins a new one."""
    found: list[list[Sentence]] = []
    for sentence in sentences:
        if sentence.emphasis or not found:
            found.append([])
        found[-1].append(sentence)
    return [tuple(paragraph) for paragraph in found]
