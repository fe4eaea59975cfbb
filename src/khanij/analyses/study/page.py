"""A study as one page and one workbook: what was found in words first, then a chapter a request with all its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from khanij.analyses.profile.readings import citations
from khanij.analyses.question import find
from khanij.analyses.study.request import LabelledAnswer, Study
from khanij.core.registry import package_version
from khanij.jobs import files
from khanij.present import answers, page, text, workbook
from khanij.present.document import Chapter, Dossier

TOLD = {"focus": "Focus", "year": "Base year", "years": "Simulated years", "seed": "Seed", "currency": "Money"}


def compose(study: Study, parts: Sequence[LabelledAnswer]) -> Dossier:
    """Return the page of a study's answers."""
    document = answers.document(
        study.title,
        map(_chapter, parts),
        subtitle=study.question,
        meta=_meta(study),
        findings=(sentence for part in parts for sentence in answers.sentences(part.answer)[:1]),
        kind="Study",
    )
    return replace(document, sources=citations(document.cited()))


def _meta(study: Study) -> dict[str, str]:
    """Return the title block: what all requests share, and who made it."""
    shared: dict[str, list[Any]] = {}
    for one in study.requests:
        for name, label in TOLD.items():
            if hasattr(one, name):
                shared.setdefault(label, []).append(getattr(one, name))
    told = {label: text.joined(dict.fromkeys(map(_told, values))) for label, values in shared.items()}
    return {**told, "Made by": f"khanij {package_version()}"}


def _told(value: Any) -> str:
    """Return a value of the title block in words."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _chapter(part: LabelledAnswer) -> Chapter:
    """Return one request as a chapter."""
    heading = find(part.answer.request.question).line.removesuffix(".")
    return answers.chapter(part.answer, part.label, heading, prefix=True)


def write(study: Study, parts: Sequence[LabelledAnswer], folder: Path, stem: str = "study") -> dict[str, Path]:
    """Write the page and the workbook of a study below a folder; return what was written by kind."""
    document = compose(study, parts)
    contents = {f"{stem}.html": page.render(document).encode(), f"{stem}.xlsx": workbook.of_dossier(document)}
    files.write_into(folder, contents)
    return {name.rpartition(".")[2]: folder / name for name in contents}
