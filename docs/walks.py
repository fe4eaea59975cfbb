"""How far a value walks: the functions that take it and hand it on, counted in a real run.

`python docs/walks.py` runs each walk and writes its count between two marks of architecture.md. A function takes a
value if one of its own parameters is that value, alone or as the only one of a tuple; it passes it on if it calls
another function of the package that takes it. A value inside a request, a Case or a baseline is carried, and passes
through nobody's hands. Comprehensions and lambdas belong to the function around them.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import khanij

PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- walks: written by `python docs/walks.py` -->", "<!-- end of walks -->"
PACKAGE = Path(khanij.__file__).parent
YEAR, FOCUS = frozenset({2024, "2024"}), frozenset({"IND"})


@dataclass
class Walk:
    """Who takes a value and who passes it on, in the order in which they are first met."""

    takes: dict[str, None] = field(default_factory=dict)
    passes: dict[str, None] = field(default_factory=dict)


def walk(run: Callable[[], object], value: frozenset[int | str], package: Path = PACKAGE) -> Walk:
    """Return the walk of a value through a run.

    value  the spellings of it      package  folder of the functions that count
    """
    found, stack, within = Walk(), [], f"{package}/"
    known: dict[CodeType, str] = {}

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and stack:
            stack.pop()
        if event != "call":
            return
        code = frame.f_code
        if not code.co_filename.startswith(within) or code.co_name.startswith("<"):
            stack.append(stack[-1] if stack else "")  # the function around it
            return
        if not _takes(frame, value):
            stack.append("")
            return
        if code not in known:
            known[code] = f"{Path(code.co_filename).relative_to(package).as_posix()[:-3]}:{code.co_qualname}"
        found.takes.setdefault(known[code])
        if stack and stack[-1]:
            found.passes.setdefault(stack[-1])
        stack.append(known[code])

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def _takes(frame: FrameType, value: frozenset[int | str]) -> bool:
    """Tell whether a parameter of a function is the value."""
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return any(_is(frame.f_locals.get(name), value) for name in names)


def _is(given: object, value: frozenset[int | str]) -> bool:
    """Tell whether what is given is the value, alone or as the only one of a tuple or list."""
    if type(given) in (tuple, list) and len(given) == 1:  # type: ignore[arg-type]
        (given,) = given  # type: ignore[misc]
    return type(given) in (int, str) and given in value


def risk() -> None:
    """Ask for the risk of India in few years, as the command line does."""
    from khanij.cli.app import launch

    with _silence():
        assert launch(["risk", "IND", "--year", "2024", "--years", "20"]) == 0


def disruption() -> None:
    """Ask what a disruption costs as the dossier of India's brief asks it."""
    from khanij.analyses.inputs.cases import case
    from khanij.analyses.profile.readings import of_case
    from khanij.analyses.question import Job, request
    from khanij.brief import contents, dossier

    asked = request("brief", focus="IND", year=2024, losses=True)
    held = case("IND", 2024)
    (line,) = (line for line in contents.CONTENTS if line.id == "disruption")
    fields = line.fields(contents.Subject(asked, of_case(held), None, {}))
    with _silence():
        assert dossier.asked_of(line.question, fields or {}, held, asked, Job()).tables


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Leave what is printed unread."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        yield


WALKS: Mapping[str, tuple[Callable[[], None], frozenset[int | str]]] = {
    "a year through `khanij risk`": (risk, YEAR),
    "a focus through `khanij risk`": (risk, FOCUS),
    "a year through the disruption part of a brief": (disruption, YEAR),
    "a focus through the disruption part of a brief": (disruption, FOCUS),
}


def written(found: Mapping[str, Walk]) -> str:
    """Return the walks in Markdown: a table of counts, then who passes each on."""
    lines = ["| walk | functions that take it | that pass it on |", "|---|---|---|"]
    lines += [f"| {name} | {len(one.takes)} | {len(one.passes)} |" for name, one in found.items()]
    for name, one in found.items():
        lines += ["", f"{name[:1].upper()}{name[1:]}: " + _told(list(one.passes)) + "."]
    return "\n".join(lines)


def _told(names: Sequence[str]) -> str:
    """Return functions by module."""
    modules: dict[str, list[str]] = {}
    for name in names:
        module, _, function = name.partition(":")
        modules.setdefault(module, []).append(f"`{function}`")
    return "; ".join(f"{module} ({', '.join(functions)})" for module, functions in modules.items())


def renewed(text: str, body: str) -> str:
    """Return a page with the body between its marks; raises ValueError if a mark is absent."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no walks between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{body}\n{END}{after}"


if __name__ == "__main__":
    body = written({name: walk(run, value) for name, (run, value) in WALKS.items()})
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), body), encoding="utf-8")
    print(body)
