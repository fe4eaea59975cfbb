"""YAML files as plain values: the safe loader, by libyaml where the package has it, which is ten times as fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UniqueKeys(LOADER):  # type: ignore[misc,valid-type]  # either of two loaders
    """The safe loader that refuses a key which a mapping has twice: of two values one would go unread."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping; raises yaml.YAMLError for a key that is there twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.YAMLError(f"key {key.value!r} is given twice, line {key.start_mark.line + 1}")
            seen.add(str(key.value))
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def load(path: Path) -> Any:
    """Return what a YAML file holds; raises OSError, UnicodeDecodeError or yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)


def load_unique(path: Path) -> Any:
    """Return what a YAML file holds, as load() does; a key that is given twice is a yaml.YAMLError too."""
    return yaml.load(path.read_text(encoding="utf-8"), UniqueKeys)
