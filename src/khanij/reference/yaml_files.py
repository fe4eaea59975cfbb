"""YAML files as plain values, read strictly: what a person may have meant otherwise is refused with its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from khanij.core.errors import StudyError

# by libyaml where the package has it, which is ten times as fast
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST = 5 * 2**20  # bytes of a file
DEEPEST = 50  # mappings and lists in one another
DOUBTFUL = re.compile(r"[-+]?(?:0\d+|0[xXoObB]\w+|.*[_:].*)")  # octal, hexadecimal, sexagesimal, groups of digits
HINT = "see the files in studies/ for whole ones"


class _Strict(LOADER):  # type: ignore[misc]  # the class is found when the module is loaded
    """Refuses two keys of one name, and numbers that YAML reads in a way that no person means."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping whose keys are all different."""
        seen: dict[Any, Any] = {}
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or key.tag == "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(problem="a key that is no plain text", problem_mark=key.start_mark)
            if name in seen:
                first = seen[name].line + 1
                what = f"{name!r} stands twice, first in line {first}"
                raise yaml.MarkedYAMLError(problem=what, problem_mark=key.start_mark)
            seen[name] = key.start_mark
        return dict(super().construct_mapping(node, deep=deep))

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Return a value; raises an error with its line for a date or number that is none."""
        number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if number and DOUBTFUL.fullmatch(node.value):
            what = f"{node.value[:40]!r} is no plain number: quote it if it is text"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark)
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, OverflowError) as wrong:
            what = f"{str(node.value)[:40]!r}: {wrong}"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark) from None


_Strict.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, deep=True))


def load(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises StudyError, with the line where there is one, for what is no file, too large, no YAML, has a key twice, an
    anchor, or a date or number that cannot be.
    """
    where = path.name
    try:
        if not path.is_file():
            what = "is no plain file" if path.exists() else "is not there"
            raise StudyError(f"cannot read: {where} {what}", where=where, hint="the path of a YAML file")
        if path.stat().st_size > MOST:
            raise StudyError(f"more than {MOST >> 20} MB", where=where, hint=HINT)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as refused:
        raise StudyError(f"cannot read: {refused.strerror}", where=where, hint="the path of a YAML file") from None
    except UnicodeDecodeError:
        raise StudyError("no YAML: no text in UTF-8", where=where, hint="save it as UTF-8") from None
    return read(text, where)


def read(text: str, where: str) -> Any:
    """Return what a YAML text holds; see load."""
    try:
        _refuse_bombs(text)
        return yaml.load(text, _Strict)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        place = f"{where}, line {mark.line + 1}" if mark is not None else where
        what = " ".join(str(broken.problem or broken.context or broken).split())
        raise StudyError(f"no YAML: {what}", where=place, hint="check quotes and indents; one key once") from None
    except (yaml.YAMLError, RecursionError) as broken:
        what = " ".join(str(broken).split())[:200]
        raise StudyError(f"no YAML: {what}", where=where, hint="check quotes and indents") from None


def _refuse_bombs(text: str) -> None:
    """Raise an error for what would grow out of all measure: anchors that are used again, and very deep nesting."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias; write it out", problem_mark=event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"more than {DEEPEST} levels", problem_mark=event.start_mark)
