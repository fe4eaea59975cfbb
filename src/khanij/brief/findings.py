"""The headline findings: sentences made from finished numbers."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.profile.forms import (
    RAW,
    TRIFLE,
    absent_form,
    caveat,
    form,
    goods,
    goods_name,
    import_value,
    main_stage,
    mineral,
    shown_form,
)
from khanij.analyses.profile.gaps import silent
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, share, total
from khanij.core.number import Key, Number
from khanij.present import text
from khanij.present.document import Sentence

HALF = 0.5
NEARLY = 0.95
SMALL = TRIFLE  # kUSD; a mineral bought for less is left out of statements on suppliers


def shares_of_first(r: CountryProfile) -> list[tuple[float, str, str, str, tuple[str, ...]]]:
    """Return (share, material, stage, supplier, sources) of the first supplier of each mineral, largest share first."""
    found = []
    for material in r.listed:
        stage = main_stage(r, material)
        if stage:
            parts = r.bought[material, stage]
            iso, number = largest(parts)[0]
            if (total(parts.values()).value or 0.0) < SMALL:
                continue
            part = share(number, total(parts.values()))
            found.append((part.value or 0.0, material, stage, iso, part.sources))
    return sorted(found, key=lambda item: (-item[0], item[1]))


def spending(r: CountryProfile) -> Sentence | None:
    """Return what the country spends abroad and on what most."""
    spent = {m: total(import_value(r, (m, s)) for s in RAW) for m in r.listed}
    whole = total(spent.values())
    if not whole.value:
        return None
    top = text.joined(f"{mineral(m).lower()} ({text.percent(share(n, whole).value)})" for m, n in largest(spent, 3))
    return Sentence(
        f"bought listed minerals as ore, intermediates and metal for {text.dollars(whole.value)} in {r.year}; most"
        f" went into {top}.",
        whole.sources,
        r.name,
    )


def concentrated(r: CountryProfile) -> Sentence | None:
    """Return how many minerals hang on one supplier."""
    found = shares_of_first(r)
    if not found:
        return None
    over = [item for item in found if item[0] > HALF]
    if not over:
        best = found[0]
        said = (
            f"No single country gives over half of any listed mineral bought; the largest share is {country_name(best[3])}'s"
            f" {text.percent(best[0])} of {mineral(best[1]).lower()}."
        )
        return Sentence(said, best[4])
    named = text.joined(
        (f"{mineral(m).lower()} ({country_name(iso)} {text.percent(s)})" for s, m, _, iso, _ in over[:6]), None
    )
    more = f", and {text.count(len(over) - 6, 'other')}" if len(over) > 6 else ""
    sources = tuple(sorted({s for item in over for s in item[4]}))
    said = (
        f"over half of the imports of {text.count(len(over), 'mineral')}, of {len(found)} bought for USD 1 million or"
        f" more: {named}{more}."
    )
    return Sentence(said, sources, "One country gives")


def widest(r: CountryProfile) -> Sentence | None:
    """Return the country that is first supplier of most minerals."""
    leads: dict[str, list[str]] = {}
    sources: set[str] = set()
    for _, material, _, iso, used in shares_of_first(r):
        leads.setdefault(iso, []).append(mineral(material).lower())
        sources |= set(used)
    iso = max(leads, key=lambda code: (len(leads[code]), code), default="")
    if len(leads.get(iso, ())) < 2:
        return None
    said = (
        f"is the first supplier of more listed minerals than any other country: {text.joined(sorted(leads[iso]), 8)}."
    )
    return Sentence(said, tuple(sorted(sources)), country_name(iso))


def selling(r: CountryProfile) -> Sentence | None:
    """Return what the country sells of the listed minerals, and to whom."""
    sold = {m: total(n for s in RAW for n in r.sold.get((m, s), {}).values()) for m in r.listed}
    whole = total(sold.values())
    if (whole.value or 0.0) < SMALL:
        return None
    buyers: dict[str, list[Number]] = {}
    for m in r.listed:
        for s in RAW:
            for iso, number in r.sold.get((m, s), {}).items():
                buyers.setdefault(iso, []).append(number)
    top = text.joined(f"{mineral(m).lower()} ({text.percent(share(n, whole).value)})" for m, n in largest(sold, 3))
    to = text.joined(
        f"{country_name(iso)} ({text.percent(share(n, whole).value)})"
        for iso, n in largest({k: total(v) for k, v in buyers.items()}, 3)
    )
    return Sentence(
        f"sold listed minerals for {text.dollars(whole.value)}, most of it {top}; the largest buyers were {to}.",
        whole.sources,
        r.name,
    )


def weighty(r: CountryProfile, method: str) -> dict[tuple[str, str], Number]:
    """Return the known values of a method for listed minerals, ore to metal, of which enough is bought to matter."""
    return {
        (key[0], key[1]): n
        for key, n in r.values(method).items()
        if n.value is not None
        and n.confidence != "low"
        and key[1] in RAW
        and key[0] in r.listed
        and (import_value(r, (key[0], key[1])).value or 0.0) >= SMALL
    }


def reliant(r: CountryProfile) -> Sentence | None:
    """Return on which minerals nearly all is bought abroad, and where the records leave that open."""
    measured = weighty(r, "import-reliance")
    high = sorted((key for key, n in measured.items() if (n.value or 0) >= NEARLY), key=lambda k: k[0])
    if not measured:
        return None
    sources = tuple(sorted({s for n in measured.values() for s in n.sources}))
    if not high:
        said = (
            f"stands below 95 % of apparent use at {text.count(len(measured), 'mineral stage')} for which it can be"
            f" measured.{between(r)}"
        )
        return Sentence(said, sources, "Net import reliance")
    names = text.joined((f"{mineral(m).lower()} ({form((m, s))})" for m, s in high), 8)
    return Sentence(
        f"at 95 % or more of apparent use at {text.count(len(high), 'mineral stage')}, of {len(measured)} for which"
        f" it can be measured: {names}.{between(r)}",
        sources,
        "Net import reliance stands",
    )


def between(r: CountryProfile) -> str:
    """Return the main forms whose import reliance is known only within wide limits, as a sentence."""
    wide = []
    for material in r.listed:
        stage = main_stage(r, material)
        number = r.values("import-reliance").get((material, stage or ""))
        if number and number.value is not None and text.broad(number.low, number.high, "1"):
            ends = text.span(number.low, number.high, "1").split("–")
            wide.append(f"{mineral(material).lower()} ({form((material, stage or ''))}) between {' and '.join(ends)}")
    return f" The records put {text.joined(wide, 4)}." if wide else ""


def published(r: CountryProfile) -> Sentence | None:
    """Return for which listed minerals published national figures state full dependence on imports."""
    full: dict[str, set[str]] = {}
    for (material, _), number in r.stated.items():
        if material in r.listed and (number.value or 0.0) >= 0.995 and number.confidence != "low":
            full.setdefault(material, set()).update(number.sources)
    if not full:
        return None
    names = text.joined(sorted(mineral(m).lower() for m in full))
    said = f"put import dependence at 100 % for at least one form of {text.count(len(full), 'mineral')}: {names}."
    return Sentence(said, tuple(sorted({s for found in full.values() for s in found})), "Published national figures")


def made(r: CountryProfile) -> Sentence | None:
    """Return what the country buys of goods made from listed minerals, and where from."""
    keys = [key for key in goods(r) if (import_value(r, key).value or 0.0) >= SMALL]
    if not keys:
        return None
    named, sources = [], set()
    for key in keys[:3]:
        whole = import_value(r, key)
        iso, most = largest(r.bought[key])[0]
        part = text.percent(share(most, whole).value)
        named.append(
            f"{goods_name(r, key)} ({mineral(key[0]).lower()}: {text.dollars(whole.value)}, {country_name(iso)} {part})"
        )
        sources |= set(whole.sources)
    why = text.joined(dict.fromkeys(filter(None, (caveat(r, key) for key in keys[:3]))))
    more = f" Trade codes of goods hold more than the mineral: {why}." if why else ""
    said = f"from listed minerals that were bought: {'; '.join(named)}.{more}"
    return Sentence(said, tuple(sorted(sources)), "Goods made")


def absent(r: CountryProfile) -> Sentence | None:
    """Return the minerals whose main traded form is not in the data."""
    away = [key for m in r.listed if (key := absent_form(r, m))]
    if not away:
        return None
    named = text.joined((f"{mineral(m).lower()} ({form((m, s))})" for m, s in away), 8)
    return Sentence(
        f"{named}: what is recorded of their other forms is too little to tell whom {r.name} depends on.",
        (),
        f"No trade data are held here on the worked form of {text.count(len(away), 'listed mineral')}:",
    )


def loss(r: CountryProfile) -> Sentence | None:
    """Return the single stop that would take most of a supply."""
    found = weighty(r, "n-1-loss")
    if not found:
        return None
    worst = sorted(found, key=lambda key: (-(found[key].value or 0), key))[:3]
    exposure = r.values("n-1-loss", "exposure")

    def named(key: tuple[str, str]) -> str:
        """Return the mineral, the supplier and the loss."""
        parts = {k[2]: n for k, n in exposure.items() if k[:2] == key[:2]}
        iso = largest(parts)[0][0] if largest(parts) else ""
        return f"{mineral(key[0]).lower()} ({country_name(iso)}: {text.percent(found[key].value)} of the supply of {form(key)})"

    sources = tuple(sorted({s for key in worst for s in found[key].sources}))
    return Sentence(
        f"would hurt most in {text.joined(map(named, worst))}, before stocks or other sellers are counted.",
        sources,
        "The stop of one supplier",
    )


def strong(r: CountryProfile) -> Sentence | None:
    """Return what the country itself gives the world."""
    parts: dict[tuple[str, str], Number] = {}
    critical = {row.material for row in reference.lists() if not row.list.endswith("-screened")}
    for key, output in r.output.items():
        home = r.home(key)
        if home and home.value and key[1] in RAW and key[0] in critical:
            parts[key] = share(home, r.world.get(key) or total(output.values()))
    top = sorted(((n.value or 0.0, key, n) for key, n in parts.items()), key=lambda item: (-item[0], item[1]))[:4]
    if not top or top[0][0] < 0.01:
        return None
    said = text.joined(
        f"{text.percent(value)} of {mineral(key[0]).lower()} ({form(key)})" for value, key, _ in top if value >= 0.01
    )
    sources = tuple(sorted({s for _, _, n in top for s in n.sources}))
    return Sentence(f"itself gives {said} of world output.", sources, r.name)


def unknown(r: CountryProfile) -> Sentence | None:
    """Return for how many minerals nothing can be said."""
    quiet = silent(r)
    if not quiet:
        return None
    said = (
        f"neither own output nor imports under a code of its own are recorded for {text.joined(quiet, 12).lower()};"
        " the table of gaps says why."
    )
    return Sentence(said, (), f"Nothing is known here of {text.count(len(quiet), 'listed mineral')}:")


def findings(r: CountryProfile, more: tuple[Sentence, ...] = ()) -> tuple[Sentence, ...]:
    """Return the findings that the figures allow, in the order in which a reader wants them.

    more  sentences on a partner, which come before what is not known
    """
    bought = (spending(r), made(r), concentrated(r), widest(r))
    found = (*bought, reliant(r), published(r), loss(r), strong(r), selling(r), *more, absent(r), unknown(r))
    kept = tuple(sentence for sentence in found if sentence)
    if any(s.sources for s in kept):
        return kept
    lacking = Sentence(
        f"The sources in the store record no imports of listed minerals by {r.name} in {r.year} and no output of them.",
        r.case.cube("trade_value").sources,
    )
    return (lacking, *kept)


def headlines(r: CountryProfile) -> tuple[tuple[str, Key, str], ...]:
    """Return (quantity, material and stage, title) of the numbers whose rows a reader may unfold."""
    outlay = {m: total(import_value(r, (m, s)) for s in RAW) for m in r.listed}
    asked = [(m, stage) for m, _ in largest(outlay, 2) if (stage := main_stage(r, m))]
    asked += [(m, s) for _, m, s, *_ in shares_of_first(r)[:1]]
    asked += goods(r)[:2]

    def title(what: str, key: Key) -> str:
        """Return "Rows behind imports of copper: ore and concentrate, 2024"."""
        return f"Rows behind {what} of {mineral(key[0]).lower()}: {shown_form(r, key)}, {r.year}"

    bought = [("trade_value", key, title("imports", key)) for key in asked if r.bought.get(key)]
    made_ = [("production", key, title("world output", key)) for key in asked[:1] if key in r.output]
    return (*bought, *made_)
