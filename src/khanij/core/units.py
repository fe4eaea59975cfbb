"""Units: one exact factor each. Content is not a unit: gross tonnes become contained tonnes by a sourced factor."""

from __future__ import annotations

from khanij.core.errors import UnitError

# unit -> (dimension, factor to the dimension's canonical unit); every factor is exact by definition
FACTORS: dict[str, tuple[str, float]] = {
    "t": ("mass", 1.0),
    "kg": ("mass", 1e-3),
    "g": ("mass", 1e-6),
    "mg": ("mass", 1e-9),
    "kt": ("mass", 1e3),
    "Mt": ("mass", 1e6),
    "Gt": ("mass", 1e9),
    "lb": ("mass", 0.45359237e-3),
    "klb": ("mass", 0.45359237),
    "oz": ("mass", 0.45359237e-3 / 16),
    "troy oz": ("mass", 31.1034768e-6),
    "short ton": ("mass", 0.90718474),
    "long ton": ("mass", 1.0160469088),
    "ct": ("mass", 0.2e-6),
    "kct": ("mass", 0.2e-3),
    "Mct": ("mass", 0.2),
    "flask": ("mass", 76 * 0.45359237e-3),
    "mtu": ("mass", 1e-2),
    "stu": ("mass", 20 * 0.45359237e-3),
    "m3": ("volume", 1.0),
    "km3": ("volume", 1e9),
    "Mm3": ("volume", 1e6),
    "bbl": ("volume", 0.158987294928),
    "USD": ("USD", 1.0),
    "cent": ("USD", 1e-2),
    "kUSD": ("USD", 1e3),
    "MUSD": ("USD", 1e6),
    "GUSD": ("USD", 1e9),
    "INR": ("INR", 1.0),
    "lakh INR": ("INR", 1e5),
    "crore INR": ("INR", 1e7),
    "EUR": ("EUR", 1.0),
    "MEUR": ("EUR", 1e6),
    "1": ("ratio", 1.0),
    "%": ("ratio", 1e-2),
    "W": ("power", 1.0),
    "kW": ("power", 1e3),
    "MW": ("power", 1e6),
    "GW": ("power", 1e9),
    "J": ("energy", 1.0),
    "MJ": ("energy", 1e6),
    "GJ": ("energy", 1e9),
    "MMBtu": ("energy", 1055.05585262e6),
    "kWh": ("energy", 3.6e6),
    "MWh": ("energy", 3.6e9),
    "GWh": ("energy", 3.6e12),
    "d": ("time", 1.0),
    "yr": ("time", 365.25),
    "score": ("score", 1.0),
}


def _part(name: str, unit: str) -> tuple[str, float]:
    """Return dimension and factor of one unit without a slash."""
    try:
        return FACTORS[name]
    except KeyError:
        words = name.split()
        hint = f"one of {', '.join(FACTORS)}"
        if len(words) > 1 and words[0] in FACTORS:
            hint = f"unit {words[0]!r} with the content in the fact's `basis`: content is not a unit"
        raise UnitError(f"unknown unit {name!r}", where=f"unit {unit!r}", hint=hint) from None


def _reduce(unit: str) -> tuple[tuple[str, ...], float]:
    """Return dimensions and factor of a unit such as "USD/t"."""
    parts = [_part(name.strip(), unit) for name in unit.split("/")]
    factor = parts[0][1]
    for _, per in parts[1:]:
        factor /= per
    return tuple(dimension for dimension, _ in parts), factor


def factor(source: str, target: str) -> float:
    """Return what a value in `source` is multiplied by to stand in `target`.

    source, target  units such as "kt", "USD/lb"
    Raises UnitError if one is unknown or they measure different things.
    Factors: international pound 0.45359237 kg, troy ounce 31.1034768 g, barrel 158.987294928 L (exact definitions).
    """
    (have, up), (want, down) = _reduce(source), _reduce(target)
    if have != want:
        raise UnitError(
            f"{source!r} measures {'/'.join(have)}, {target!r} measures {'/'.join(want)}",
            where=f"{source} -> {target}",
            hint="content (t of ore -> t of metal) needs a sourced content factor, money needs a sourced exchange rate",
        )
    return up / down


def convert(value: float, source: str, target: str) -> float:
    """Return the value in another unit of the same dimension (see factor)."""
    return value * factor(source, target)
