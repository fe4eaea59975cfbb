"""A country's purchases in sentences, each made from finished numbers and with their sources."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.profile import dependence
from khanij.analyses.profile.dependence import HALF
from khanij.analyses.profile.forms import (
    RAW,
    TRIFLE,
    absent_form,
    caveat,
    form,
    goods,
    import_value,
    label,
    main_stage,
    outlay,
    shown_form,
)
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, share, total
from khanij.analyses.profile.tables import lacking
from khanij.present import text
from khanij.present.document import Sentence
from khanij.present.names import mineral

NEARLY = 0.95


def small(material: str) -> str:
    """Return the name of a material inside a sentence."""
    return text.small(mineral(material))


def list_name(profile: CountryProfile) -> str:
    """Return the official list that counts for the country in words."""
    id = profile.official[0]
    if id == "all":
        own = f"{profile.name} has published no list of critical minerals known to the store"
        return f"all official lists together, because {own}"
    row = next(row for row in reference.lists() if row.list == id)
    return f"the official list of {country_name(row.jurisdiction)} of {row.date} ({id})"


def spending(profile: CountryProfile) -> Sentence | None:
    """Return what the country spends abroad and on what most."""
    spent = {m: outlay(profile, m) for m in profile.listed}
    whole = total(spent.values())
    if not whole.value:
        return None
    top = text.joined(f"{small(m)} ({text.percent(share(n, whole).value)})" for m, n in largest(spent, 3))
    return Sentence(
        f"bought listed minerals as ore, intermediates and metal for {text.dollars(whole.value)} in"
        f" {profile.year}; most"
        f" went into {top}.",
        whole.sources,
        profile.name,
    )


def concentrated(profile: CountryProfile) -> Sentence | None:
    """Return how many minerals hang on one supplier."""
    found = [row for row in dependence.first_suppliers(profile) if row.stage in RAW]
    if not found:
        return None
    over = [row for row in found if row.part > HALF]
    if not over:
        best = found[0]
        return Sentence(
            "No single country gives over half of any listed mineral bought; the largest share is"
            f" {country_name(best.country)}'s {text.percent(best.part)} of {small(best.material)}.",
            best.share.sources,
        )
    named = text.joined(
        (f"{small(row.material)} ({country_name(row.country)} {text.percent(row.part)})" for row in over), 6
    )
    return Sentence(
        f"over half of the imports of {text.count(len(over), 'mineral')}, of {len(found)} bought for USD 1 million or"
        f" more: {named}.",
        dependence.sources_of(row.share for row in over),
        "One country gives",
    )


def widest(profile: CountryProfile) -> Sentence | None:
    """Return the country that is first supplier of most minerals."""
    leads: dict[str, list[dependence.FirstSupplier]] = {}
    for row in dependence.first_suppliers(profile):
        if row.stage in RAW:
            leads.setdefault(row.country, []).append(row)
    iso = max(leads, key=lambda code: (len(leads[code]), code), default="")
    if len(leads.get(iso, ())) < 2:
        return None
    named = text.joined(sorted(small(row.material) for row in leads[iso]), 8)
    return Sentence(
        f"is the first supplier of more listed minerals than any other country: {named}.",
        dependence.sources_of(row.share for row in leads[iso]),
        country_name(iso),
    )


def selling(profile: CountryProfile) -> Sentence | None:
    """Return what the country sells of the listed minerals, and to whom."""
    sold = dependence.exports_by_mineral(profile)
    whole = total(sold.values())
    if (whole.value or 0.0) < TRIFLE:
        return None
    top = text.joined(f"{small(m)} ({text.percent(share(n, whole).value)})" for m, n in largest(sold, 3))
    to = text.joined(
        f"{country_name(iso)} ({text.percent(share(n, whole).value)})"
        for iso, n in largest(dependence.exports_by_country(profile), 3)
    )
    return Sentence(
        f"sold listed minerals for {text.dollars(whole.value)}, most of it {top}; the largest buyers were {to}.",
        whole.sources,
        profile.name,
    )


def reliant(profile: CountryProfile) -> Sentence | None:
    """Return on which minerals nearly all is bought abroad; a range that leaves everything open is no finding."""
    measured = {
        key: n for key, n in dependence.weighty(profile, "import-reliance").items() if not dependence.is_vague(n)
    }
    if not measured:
        return None
    high = sorted(key for key, n in measured.items() if (n.value or 0) >= NEARLY)
    sources = dependence.sources_of(measured.values())
    if not high:
        count = text.count(len(measured), "mineral stage")
        said = f"stands below 95 % of apparent use at {count} for which it can be measured."
        return Sentence(said, sources, "Net import reliance")
    names = text.joined((f"{small(m)} ({form((m, s))})" for m, s in high), 8)
    said = (
        f"at 95 % or more of apparent use at {text.count(len(high), 'mineral stage')}, of {len(measured)} for which it"
        f" can be measured: {names}."
    )
    return Sentence(said, sources, "Net import reliance stands")


def published(profile: CountryProfile) -> Sentence | None:
    """Return for which listed minerals published national figures state full dependence on imports."""
    full: dict[str, set[str]] = {}
    for (material, _), number in profile.published_reliance.items():
        if material in profile.listed and (number.value or 0.0) >= 0.995 and number.confidence != "low":
            full.setdefault(material, set()).update(number.sources)
    if not full:
        return None
    names = text.joined(sorted(map(small, full)))
    said = f"put import dependence at 100 % for at least one form of {text.count(len(full), 'mineral')}: {names}."
    return Sentence(said, tuple(sorted({s for found in full.values() for s in found})), "Published national figures")


def made(profile: CountryProfile) -> Sentence | None:
    """Return what the country buys of goods made from listed minerals, and where from."""
    keys = [key for key in goods(profile) if (import_value(profile, key).value or 0.0) >= TRIFLE][:3]
    if not keys:
        return None
    named = []
    for key in keys:
        first = dependence.shares(profile, key, 1)[0]
        spent = text.dollars(import_value(profile, key).value)
        part = f"{first.label} {text.percent(first.value)}"
        named.append(f"{shown_form(profile, key)} ({small(key[0])}: {spent}, {part})")
    why = text.joined(dict.fromkeys(filter(None, (caveat(profile, key) for key in keys))))
    more = f" Trade codes of goods hold more than the mineral: {why}." if why else ""
    said = f"from listed minerals that were bought: {'; '.join(named)}.{more}"
    return Sentence(said, dependence.sources_of(import_value(profile, key) for key in keys), "Goods made")


def stopped(profile: CountryProfile) -> Sentence | None:
    """Return the single stops that would take most of a supply."""
    found = {key: n for key, n in dependence.weighty(profile, "n-1-loss").items() if n.label}
    if not found:
        return None
    worst = sorted(found, key=lambda key: (-(found[key].value or 0), key))[:3]
    named = text.joined(
        f"{small(key[0])} ({found[key].label}: {text.percent(found[key].value)} of the supply of {form(key)})"
        for key in worst
    )
    sources = dependence.sources_of(found[key] for key in worst)
    said = f"would take most of {named}, before stocks or other sellers are counted."
    return Sentence(said, sources, "The stop of one supplier")


def strong(profile: CountryProfile) -> Sentence | None:
    """Return what the country itself gives the world."""
    top = dependence.own_part(profile)[:4]
    if not top:
        return None
    said = text.joined(f"{text.percent(n.value)} of {small(key[0])} ({form(key)})" for key, n in top)
    return Sentence(f"itself gives {said} of world output.", dependence.sources_of(n for _, n in top), profile.name)


def aside(profile: CountryProfile) -> Sentence | None:
    """Return which flows of listed minerals are left out of every figure."""
    surges = [surge for surge in profile.set_aside if surge.material in profile.listed]
    if not surges:
        return None
    named = text.joined(
        (
            f"{small(surge.material)} from {country_name(surge.exporter)} ({text.dollars(surge.value)}; in the"
            " middle of"
            f" the three years before {text.dollars(surge.before)})"
            for surge in surges
        ),
        4,
    )
    sources = tuple(sorted({source for surge in surges for source in surge.sources}))
    return Sentence(f"{named}: the senders are no known makers of it.", sources, "Left out of every figure:")


def silent(profile: CountryProfile) -> tuple[str, ...]:
    """Return the listed minerals on which the country has neither recorded imports nor output, by name."""
    quiet = [
        m
        for m in profile.listed
        if main_stage(profile, m) is None
        and not absent_form(profile, m)
        and not any(profile.own_output((m, s)) for s in reference.STAGES)
    ]
    return tuple(sorted(text.capital(mineral(m)) for m in quiet))


def unknown(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return of which minerals nothing can be said, or only of a lesser form."""
    quiet, away = silent(profile), [key for m in profile.listed if (key := absent_form(profile, m))]
    said = []
    if away:
        named = text.joined((f"{small(m)} ({form((m, s))})" for m, s in away), 8)
        head = f"No trade data are held here on the worked form of {text.count(len(away), 'listed mineral')}:"
        tail = f"what is recorded of their other forms is too little to tell whom {profile.name} depends on."
        said.append(Sentence(f"{named}: {tail}", (), head))
    if quiet:
        names = text.joined(quiet, 12).lower()
        tail = "neither own output nor imports under a code of its own are recorded"
        head = f"Nothing is known here of {text.count(len(quiet), 'listed mineral')}:"
        said.append(Sentence(f"{tail} for {names}; the table of gaps says why.", (), head))
    return tuple(said)


def purchases(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return what is bought, from whom, and how far the country could do without."""
    told = (spending, concentrated, widest, made, stopped, reliant, published)
    return tuple(sentence for write in told if (sentence := write(profile)))


def sales(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return what the country gives the world and what it sells."""
    return tuple(sentence for write in (strong, selling) if (sentence := write(profile)))


def findings(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return what was found, dependence first."""
    aside_ = aside(profile)
    bought = sorted(purchases(profile), key=lambda sentence: sentence.emphasis == profile.name)
    said = [*bought, *sales(profile), *([aside_] if aside_ else []), *unknown(profile)]
    if any(sentence.sources for sentence in said):
        return tuple(said)
    values = profile.case.cube("trade_value").sources if "trade_value" in profile.case.cubes else ()
    lead = f"The sources in the store record no imports of listed minerals by {profile.name} in {profile.year} and no"
    return (Sentence(f"{lead} output of them.", values), *said)


def overview(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return how to read what is told mineral by mineral."""
    told = profile.listed != profile.official[1]
    tail = ", groups and elements told as their trade codes allow" if told else ""
    return (
        Sentence(
            f"The minerals are those of {list_name(profile)}{tail}. Shares, concentration and supplier risk are"
            " of import"
            " value, so that forms of different metal content add up; reliance and the loss of the first supplier are"
            " in tonnes of contained material and need a source on output."
        ),
        *filter(None, (aside(profile),)),
    )


def suppliers(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return who supplies most, of ores to metal and with goods."""
    raw, every = dependence.imports_by_country(profile), dependence.imports_by_country(profile, made=True)
    if not raw:
        return (Sentence(f"No import of a listed mineral is recorded for {profile.name} in {profile.year}."),)
    whole, more = total(raw.values()), total(every.values())
    top = text.joined(f"{country_name(iso)} ({text.percent(share(n, whole).value)})" for iso, n in largest(raw, 3))
    said = f"By value the largest suppliers of listed minerals are {top}"
    if (more.value or 0.0) > (whole.value or 0.0):
        iso, number = largest(every)[0]
        said += (
            f"; with the goods made of them {country_name(iso)} is first ({text.percent(share(number, more).value)})"
        )
    return (Sentence(f"{said}.", more.sources), *filter(None, (widest(profile),)))


def stage_by_stage(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return how the tables by stage are to be read."""
    return (
        Sentence(
            "Stages follow the chain: mined, processed, refined, component, product. Each number stands at one stage;"
            " what is made of imported ore is output here and no safety from imports. Minerals stand in the order of"
            " what is spent on them."
        ),
    )


def gaps(profile: CountryProfile) -> tuple[Sentence, ...]:
    """Return how much of what was asked is covered."""
    keys = [(m, s) for m in profile.listed for s in RAW if (m, s) in reference.stage_names()]
    covered = sum(not any(lacking(profile, key).values()) for key in keys)
    away = [key for m in profile.listed if (key := absent_form(profile, m))]
    said = [
        Sentence(
            f"Of {len(keys)} pairs of listed mineral and stage from mine to metal, {covered} are covered by"
            " output, trade"
            f" value and trade tonnes in {profile.year}; for the other {len(keys) - covered} something is lacking, as"
            " the table says."
        )
    ]
    if away:
        named = text.joined(f"{label(key).lower()} ({text.joined(profile.codes.own[key], 4)})" for key in away)
        said.append(Sentence(f"The form in which it is mostly traded is missing altogether for {named}."))
    said.append(
        Sentence(
            "A gap is a gap: nothing was filled by guesswork, and no missing figure counts as zero. Six-digit trade"
            " codes put many minor metals together; national codes of eight digits would tell them apart."
        )
    )
    return tuple(said)


PARTS = {
    "overview": overview,
    "purchases": purchases,
    "sales": sales,
    "suppliers": suppliers,
    "stages": stage_by_stage,
    "gaps": gaps,
}  # part of a document -> what is said in it
