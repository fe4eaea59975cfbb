"""Types of the fields of requests: each reads what a person types, checks it once, and says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from khanij import reference
from khanij.analyses.question import FIRST, LAST
from khanij.core.errors import CoverageError, StudyError
from khanij.reference import money

MEMORY = 4e9  # bytes that one question may take
FEWEST = 20  # draws of which nine of ten can be told from all


def parts(value: Any) -> Any:
    """Return the parts of a comma-separated text; a list stays as it is, and "all" means no choice.

    Raises ValueError for what is no text and no list of texts.
    """
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or any(isinstance(v, bool) or not isinstance(v, str | int) for v in value):
        raise ValueError("no text and no list of texts")
    return () if list(value) == ["all"] else tuple(map(str, value))


def years(value: Any) -> Any:
    """Return the years of 2023, "2018-2024" or "2018,2020-2022"; raises CoverageError."""
    found: list[int] = []
    listed = (
        [value]
        if isinstance(value, int)
        else value
        if isinstance(value, list | tuple | range)
        else str(value).split(",")
    )
    for part in listed:
        match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", str(part).replace(" ", ""))
        if not match or int(match[2] or match[1]) < int(match[1]):
            what = f"{str(part)!r} is no year or range"
            raise CoverageError(what, where="--year", hint="2023, 2018-2024 or 2018,2020-2022")
        first, last = int(match[1]), int(match[2] or match[1])
        if not FIRST <= first <= last <= LAST:
            raise CoverageError(f"no facts of {part}", where="--year", hint=f"years from {FIRST} to {LAST}")
        found.extend(range(first, last + 1))
    return tuple(sorted(set(found)))


def each(read: Callable[[str], str]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Return a check of every part of a tuple; a part that is named twice counts once."""
    return lambda listed: tuple(dict.fromkeys(read(text) for text in listed))


def foci(listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the foci of a list; nothing named = all, and "all" may stand among others."""
    return each(lambda text: text if text == "all" else reference.focus(text))(listed) if listed else ("all",)


def stage(text: str) -> str:
    """Return a stage; raises CoverageError for an unknown one."""
    if text and text not in reference.STAGES:
        raise CoverageError(f"no stage {text!r}", where="--stage", hint=f"one of {', '.join(reference.STAGES)}")
    return text


def amount(text: str) -> str:
    """Return money as people write it, once it can be read."""
    if text:
        money.read(text)
    return text


def codes(listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return trade codes; raises CoverageError for what is no six-digit code or heading of four."""
    for code in listed:
        if not re.fullmatch(r"\d{4}(\d{2})?", code):
            what = f"{code!r} is no six-digit trade code and no heading of four"
            raise CoverageError(what, where="--hs", hint="for instance 270900")
    return listed


def material(text: str) -> str:
    """Return the id of a material, "" of none."""
    return reference.material(text) if text else ""


def quantity(text: str) -> str:
    """Return the id of a quantity, "" of none; raises CoverageError with the known ones."""
    if text and text not in reference.quantities():
        known = ", ".join(reference.quantities())
        raise CoverageError(f"unknown quantity {text!r}", where="--quantity", hint=f"one of {known}")
    return text


def method(text: str) -> str:
    """Return the id of a method; raises StudyError with the known ids."""
    from khanij.analyses import runner  # the methods are many modules, of interest to those who name one

    return runner.find(text).id


_files: ContextVar[bool] = ContextVar("files", default=True)


@contextmanager
def without_files() -> Iterator[None]:
    """Let no field of a request that is read meanwhile name a file: a stranger over the network asks."""
    before = _files.set(False)
    try:
        yield
    finally:
        _files.reset(before)


def are_files_allowed() -> bool:
    """Return whether a field may name a file."""
    return _files.get()


def allow_file(name: str) -> None:
    """Raise StudyError where no file may be named."""
    if not are_files_allowed():
        raise StudyError("files are not read for a request from outside", where=name[:60], hint="use the command line")


def scenario(text: str) -> str:
    """Return a scenario of coming need; raises StudyError with the known ones."""
    if not text:
        return ""  # the state's own
    known = sorted({"steps", *(row["scenario"] for row in reference.rows("demand_scenarios"))} - {"*"})
    if text not in known:
        raise StudyError(f"unknown scenario {text!r}", where="--scenario", hint=f"one of {', '.join(known)}")
    return text


def draws(count: int) -> int:
    """Return a number of draws; raises ValueError for so few that nine of ten of them are no range."""
    if 0 < count < FEWEST:
        raise ValueError(f"so few draws give no range: 0, or from {FEWEST}")
    return count


def require_memory(draws: int, each: int) -> None:
    """Raise StudyError, before any work, where draws would take more memory than MEMORY.

    each  bytes that a draw takes, measured at the largest question of its kind
    """
    if draws * each > MEMORY:
        what = f"{draws:,} draws take about {draws * each / 1e9:.1f} GB of memory"
        raise StudyError(what, where="--draws", hint=f"at most {int(MEMORY // each):,}, for {MEMORY / 1e9:g} GB")


def _there(path: Path, look: Callable[[Path], bool]) -> bool:
    """Return whether a path is what it is looked at for; a name that no disk takes is nothing."""
    try:
        return look(path)
    except OSError:
        return False


def folder(path: Path) -> Path:
    """Return a path that is a folder; raises StudyError where there is none."""
    allow_file(str(path))
    if not _there(path, Path.is_dir):
        raise StudyError(f"no folder {path.name[:200]!r}", where=str(path), hint="name a folder that is there")
    return path


def file(path: Path) -> Path:
    """Return a path that is a file; raises StudyError where there is none."""
    allow_file(str(path))
    if not _there(path, Path.is_file):
        raise StudyError(f"no file {path.name[:200]!r}", where=str(path), hint="name a file that is there")
    return path


Parts = BeforeValidator(parts)
Listed = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: ("all",) if value in ("all", ["all"]) else parts(value))
]
Focus = Annotated[
    str, AfterValidator(reference.focus), Field(description="ISO alpha-3, country name, or a group such as EU27")
]
Country = Annotated[str, AfterValidator(reference.country), Field(description="ISO alpha-3 or name of a country")]
Countries = Annotated[
    tuple[str, ...],
    Parts,
    AfterValidator(each(reference.country)),
    Field(description="ISO alpha-3 codes or names of countries, comma-separated"),
]
Foci = Annotated[
    tuple[str, ...],
    Parts,
    AfterValidator(foci),
    Field(validate_default=True, description="countries or groups, comma-separated, or all"),
]
Materials = Annotated[
    tuple[str, ...], Parts, AfterValidator(each(reference.material)), Field(description="ids or names, comma-separated")
]
Names = Annotated[tuple[str, ...], Parts, AfterValidator(each(str))]
Codes = Annotated[tuple[str, ...], Parts, AfterValidator(codes)]
Stage = Annotated[str, AfterValidator(stage), Field(description="mined, processed, refined, component, product, scrap")]
Material = Annotated[str, AfterValidator(reference.material), Field(description="id or name of a mineral")]
AnyMaterial = Annotated[str, AfterValidator(material), Field(description="id or name of a mineral; default all")]
Quantity = Annotated[
    str, AfterValidator(quantity), Field(description="id of a quantity; `khanij data list quantities` shows them")
]
Method = Annotated[
    str, AfterValidator(method), Field(min_length=1, description="id of a method; `khanij methods` lists them")
]
Methods = Annotated[
    tuple[str, ...], Parts, AfterValidator(each(method)), Field(description="ids of methods, comma-separated")
]
Settings = Annotated[tuple[str, ...], Field(description="a parameter of the method, NAME=VALUE")]
Variable = Annotated[str, Field(description="another variable of the method than its first")]
AnyYears = Annotated[
    tuple[Annotated[int, Field(ge=FIRST, le=LAST)], ...],
    BeforeValidator(lambda value: years(value) if value not in (None, "", (), []) else ()),
    Field(description="2023, 2018-2024 or 2018,2020-2022; default all"),
]
Year = Annotated[int, Field(ge=1995, le=2026, description="calendar year of trade and output")]
Years = Annotated[
    tuple[Annotated[int, Field(ge=FIRST, le=LAST)], ...],
    BeforeValidator(years),
    Field(description="2023, 2018-2024 or 2018,2020-2022", min_length=1),
]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1, description="the same seed gives the same numbers")]
Draws = Annotated[int, Field(ge=0, le=100_000), AfterValidator(draws)]
Simulated = Annotated[int, Field(ge=2, le=1_000_000, description="years to simulate")]
Amount = Annotated[str, AfterValidator(amount), Field(description='money such as "34300 crore INR"')]
Scenario = Annotated[str, AfterValidator(scenario)]
File = Annotated[Path, AfterValidator(file)]
Folder = Annotated[Path, AfterValidator(folder)]


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated option; None and "all" mean no choice."""
    return parts(text or "") or None
