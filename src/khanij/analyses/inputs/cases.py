"""Questions to Cases: from facts in the store, or from plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from khanij import reference
from khanij.analyses.inputs import own_files
from khanij.analyses.question import Scope
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.data.cubes import build
from khanij.data.cubes import process as process_cubes
from khanij.data.facts import store
from khanij.data.own import company as own


def case(
    focus: str | Iterable[str],
    years: int | Iterable[int] = 2024,
    materials: str | Iterable[str] | None = None,
    preferred: Mapping[str, tuple[str, ...]] | None = None,
) -> Case:
    """Return the Case of a focal country or group from the facts in the store.

    focus      ISO alpha-3, country name or group id; several as a list; "all" for every country, also among others
    years      one year or several, 1995-2026
    materials  ids or names; all if None
    preferred  quantity -> sources in the order in which they are to be taken
    Raises CoverageError for what is not known.

    >>> case("IND", 2023, "lithium").axis("material").codes
    ('lithium',)
    """
    span = [years] if isinstance(years, int) else list(years)
    foci = [focus] if isinstance(focus, str) else list(focus)
    if "all" in foci and len(foci) > 1:
        foci = [code for one in foci for code in (reference.current_countries() if one == "all" else (one,))]
    wanted = [materials] if isinstance(materials, str) else materials
    if len(span) > 1 or preferred:
        return build.build(foci, span, wanted, preferred)
    return _kept(tuple(foci), span[0], None if wanted is None else tuple(wanted), store.fingerprint())


def of_scope(scope: Scope, own_facts: Sequence[Path] = ()) -> Case:
    """Return the Case of a request's scope.

    own_facts  files of facts that are laid over the store; see inputs.own_files
    """
    if own_facts:
        with own_files.laid(own_facts):
            return of_scope(scope)
    if scope.kind == "processes":
        return processes(scope.materials)
    for code in scope.foci:
        reference.require_standing(code, scope.years)
    if scope.kind == "firm" and scope.file is not None:
        return company(scope.file, scope.years, scope.materials or None)
    return case(scope.foci, scope.years if len(scope.years) > 1 else scope.years[0], scope.materials or None)


def processes(materials: Iterable[str] = ()) -> Case:
    """Return the Case of the process chains of these materials (ids; all if none): routes, steps and their figures."""
    wanted = tuple(dict.fromkeys(materials))
    axes = {"material": Axis("material", wanted)} if wanted else {}
    return Case(axes, process_cubes.cubes(), manifest=reference.fingerprint()[:16])


def company(purchases: Path, years: Iterable[int], materials: Iterable[str] | None = None) -> Case:
    """Return the Case of a firm, whose imports are the purchases in a file; see data.own.company.read."""
    return own.read(purchases, years, materials)


@lru_cache(maxsize=12)
def _kept(foci: tuple[str, ...], year: int, materials: tuple[str, ...] | None, facts: str) -> Case:
    """Return the Case of one year; asked again it is the same one, its cubes built once. facts: hash of the store."""
    return build.build(foci, [year], materials)
