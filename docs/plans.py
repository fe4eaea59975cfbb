"""What the studies of plan.md and reserves.md answer, made by running them: `python docs/plans.py [STUDY ...]`.

Every study that a page shows between its marks is run again, or those that are named; the mission's takes two minutes.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

from khanij.analyses.study import run
from khanij.analyses.study.request import read
from khanij.present import text

ROOT = Path(__file__).resolve().parents[1]
PAGES = tuple(Path(__file__).with_name(name) for name in ("plan.md", "reserves.md"))
ANSWERS = re.compile(r"(<!-- study: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
WIDTH = 120


def answered(study: str) -> str:
    """Return the sentences of a study's answers as a terminal shows them."""
    lines = []
    for part in run.run(read(ROOT / "studies" / f"{study}.yaml")):
        lines += [f"{part.label}:"] if len(lines) else []
        for sentence in part.answer.findings:
            lead = f"{sentence.emphasis} " if getattr(sentence, "emphasis", "") else ""
            told = f"{sentence}" if str(sentence).startswith(lead.strip() or "\0") else f"{lead}{sentence}"
            lines += textwrap.wrap(told.replace(text.THIN, " "), WIDTH)
    return "\n".join(["```text", f"$ khanij study run studies/{study}.yaml", *lines, "```"])


def written(page: str, named: set[str]) -> str:
    """Return a page with the answers of today of the studies named, all if none is."""
    return ANSWERS.sub(
        lambda mark: f"{mark[1]}{answered(mark[2])}\n{mark[4]}" if not named or mark[2] in named else mark[0], page
    )


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(written(path.read_text(encoding="utf-8"), set(sys.argv[1:])), encoding="utf-8")
