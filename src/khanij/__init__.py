"""khanij: from sourced facts to supply-security decisions."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Axis": "khanij.core.axis",
    "Case": "khanij.core.case",
    "Cube": "khanij.core.cube",
    "KhanijError": "khanij.core.errors",
    "Result": "khanij.core.result",
    "Table": "khanij.core.table",
    "ask": "khanij.analyses.question",
    "case": "khanij.analyses.inputs.cases",
    "request": "khanij.analyses.question",
    "run": "khanij.analyses.runner",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562), so that `import khanij` stays cheap."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'khanij' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
