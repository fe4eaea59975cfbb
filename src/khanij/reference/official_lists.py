"""Which official list counts for a country, how its groups are split, and what national figures state."""

from __future__ import annotations

from khanij import reference

UNION = "EU27"


def chosen(focal: str, year: int) -> tuple[str, tuple[str, ...]]:
    """Return the id and the materials of the official list that counts for a country or group.

    Its own if it has one (of several the broadest, then the newest), else that of the European Union for a member,
    else "all" with every material of any list. Lists of what was merely screened do not count.
    """
    lists: dict[str, dict[str, None]] = {}
    about: dict[str, tuple[str, str]] = {}
    for row in reference.lists():
        if row.list.endswith("-screened") or not row.material:
            continue
        lists.setdefault(row.list, {})[row.material] = None
        about[row.list] = (row.jurisdiction, row.date)
    areas = [focal, *(group for group in (UNION,) if focal in reference.members(group, year))]
    for area in areas:
        own = [id for id, (jurisdiction, _) in about.items() if jurisdiction == area]
        if own:
            best = max(own, key=lambda id: (len(lists[id]), about[id][1]))
            return best, tuple(sorted(lists[best]))
    return "all", tuple(sorted({material for materials in lists.values() for material in materials}))


def split_groups(materials: tuple[str, ...]) -> tuple[str, ...]:
    """Return the materials, a group without a trade code of its own replaced by its members that have codes."""
    coded = _coded()
    named = {code.material for code in reference.hs_codes()}
    kept: dict[str, None] = {}
    for material in materials:
        members = [m.id for m in reference.materials().values() if m.parent == material and m.id in named]
        split = material not in coded and any(m in coded for m in members)
        kept |= dict.fromkeys(members if split else [material])
    return tuple(sorted(kept))


def minerals(focus: str, year: int) -> tuple[str, ...]:
    """Return the materials of the official list that counts for a country or group, as trade can tell them apart.

    A group is its members that have trade codes; what has none is the nearest group above it that has one, as magnets,
    metals and oxides of neodymium are those of rare earths.
    """
    coded, known = _coded(), reference.materials()
    told = set()
    for material in split_groups(chosen(reference.focus(focus), year)[1]):
        at = material
        while at not in coded and known[at].parent:
            at = known[at].parent
        told.add(at if at in coded else material)
    return tuple(sorted(told))


def _coded() -> set[str]:
    """Return the materials with a trade code of their own."""
    return {code.material for code in reference.hs_codes() if not code.shared and code.stage != "scrap"}
