"""ImportDependence in sentences: one number each, its range, and what it rests on."""

from __future__ import annotations

from typing import Any

from khanij.analyses.exposure.exposures import CLEAR, HALF, CountryExposure, ImportDependence, passing
from khanij.analyses.exposure.tables import hit, named, shown_name, stopping, told, told_goods
from khanij.analyses.profile.dependence import sources_of
from khanij.analyses.profile.forms import goods_not_held, label
from khanij.analyses.profile.readings import CountryProfile, country_name
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import text
from khanij.present.document import Sentence
from khanij.present.names import in_sentence, mineral, possessive
from khanij.reference.chronicle.instruments import known_to

QUARTER = 0.25
MOST = 5  # exposures that are findings


def band(number: Number) -> str:
    """Return "84 % (84–87 %)", the range left out where there is none."""
    return text.ranged(number.value, number.low, number.high, number.unit)


def small(profile: CountryProfile, row: CountryExposure) -> str:
    """Return the name of the goods inside a sentence."""
    return text.small(shown_name(profile, row.key))


def weighty(found: ImportDependence) -> list[CountryExposure]:
    """Return the exposures of which a million dollars or more is bought."""
    return [row for row in found.exposures if not row.is_trifle]


def over_half(found: ImportDependence) -> list[CountryExposure]:
    """Return the exposures of which more than half is surely one country's."""
    return [row for row in weighty(found) if row.sure > HALF]


def verdict(profile: CountryProfile, found: ImportDependence) -> Sentence:
    """Return the answer in one sentence: who could hold back over half of what."""
    measured, over = weighty(found), over_half(found)
    if not measured:
        return Sentence(
            f"Too little is recorded to tell on whom {in_sentence(profile.focal)} depends for its listed minerals."
        )
    if not over:
        best = max(measured, key=lambda row: row.sure)
        return Sentence(
            f"No country surely sends over half of any of the {len(measured)} minerals and goods that"
            f" {in_sentence(profile.focal)} buys;"
            f" the largest share is {possessive(best.country)} {band(best.held)} of {small(profile, best)}.",
            best.held.sources,
        )
    held: dict[str, list[CountryExposure]] = {}
    for row in over:
        held.setdefault(row.country, []).append(row)
    iso = max(held, key=lambda code: (sum(bool(row.stopping) for row in held[code]), len(held[code]), code))
    rows = held[iso]
    listed = text.joined((small(profile, row) for row in rows), 4)
    controlled, tail = sum(bool(row.stopping) for row in rows), ""
    if controlled:
        some = text.count(controlled, "of them", "of them")
        whole = "it" if len(rows) == 1 else "all of them"
        tail = f", and holds {whole if controlled == len(rows) else some} under export control"
    sources = sources_of(row.held for row in rows)
    return Sentence(
        f"sends over half of {possessive(profile.focal)} {listed}{tail}.", sources, text.capital(in_sentence(iso))
    )


def exposed(profile: CountryProfile, row: CountryExposure) -> Sentence:
    """Return what one country could hold back, under which control, and what stops without it."""
    said = f"{text.capital(in_sentence(row.country))} sends {band(row.held)} of what {in_sentence(profile.focal)} buys"
    said += f"; {told(row.controls)}" if row.controls else "; no export control of its own is known"
    users = named(row.users)
    said += f". Stops without it: {users}" if users else ""
    return Sentence(f"{said}.", row.held.sources, f"{shown_name(profile, row.key)}.")


def counted(found: ImportDependence) -> Sentence | None:
    """Return for how many of the measured minerals one country sends over half, now and before, re-exports included."""
    measured = weighty(found)
    if not measured:
        return None
    both = [row for row in measured if row.before]
    then = sum((row.before.value or 0.0) > HALF for row in both if row.before)
    now = sum((row.held.value or 0.0) > HALF for row in both)
    over = len(over_half(found))
    verb = "comes" if over == 1 else "come"
    said = f"Of {len(measured)} minerals and goods that can be measured, {over} {verb} to over half"
    said += " surely from one country"
    if both:
        said += f"; by what customs see, re-exporters included, it is {now} of the {len(both)} that {found.then} covers"
        said += f" too, and was {then} then"
    return Sentence(f"{said}.", sources_of(row.held for row in measured))


def made_elsewhere(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return where the maker behind the goods is another than the country that customs see first."""
    said = []
    for row in weighty(found):
        maker = row.maker
        if maker is None or maker.label in (country_name(row.country), profile.name):
            continue
        if (maker.value or 0.0) - (row.held.value or 0.0) < CLEAR:
            continue
        said.append(
            Sentence(
                f"customs see {in_sentence(row.country)} first ({text.percent(row.held.value)} by value); traced back,"
                f" {maker.label} made most of it ({text.percent(maker.value)} by tonnes, an estimate).",
                tuple(dict.fromkeys((*row.held.sources, *maker.sources))),
                f"{shown_name(profile, row.key)}:",
            )
        )
    return tuple(said)


def passed_on(profile: CountryProfile) -> Sentence | None:
    """Return the large senders that are no known makers of what they send."""
    found = passing(profile)
    if not found:
        return None
    shares = (f"{text.small(label(key))} from {in_sentence(iso)} ({text.percent(n.value)})" for key, iso, n in found)
    said = f"{text.joined(shares, 4)}: the senders are no known makers of it."
    return Sentence(said, sources_of(n for _, _, n in found), "Whose goods they are is not recorded:")


def blind(profile: CountryProfile, found: ImportDependence) -> Sentence | None:
    """Return the minerals whose imports no trade code shows, and the largest control on one of them."""
    hidden = [row for row in found.unseen if not row.covered]
    if not hidden:
        return None
    listed = text.joined((text.small(mineral(row.material)) for row in hidden), 10)
    said = f"{listed}: no trade code shows their imports, so they are not ranked"
    ids: tuple[str, ...] = ()
    first = hidden[0]
    if first.leader is not None and first.controls:
        said += (
            f"; {country_name(first.leader.place)} makes {text.percent(first.leader.share.best)} of the world's"
            f" {text.small(mineral(first.material))} and has it under {told(first.controls)}"
        )
        ids = tuple(first.leader.source.split(";"))
    rest = len(found.unseen) - len(hidden)
    if rest:
        said += f"; of {text.count(rest, 'other')} no import is recorded, which is no measured zero"
    count = text.capital(text.count(len(hidden), "mineral"))
    return Sentence(f"{said}.", ids, f"{count} cannot be seen:")


def not_held(profile: CountryProfile) -> Sentence | None:
    """Return the goods made of listed minerals of which no trade is held."""
    names, others = goods_not_held(profile), list(told_goods(profile).rows())
    said, ids = "", tuple[str, ...]()
    if others:
        listed = (f"{row['form']} {_told(row)}" for row in others if row["imports_value"] and row["held"])
        said = f"told by others: {text.joined(listed, 4)}"
        ids = sources_of(row["imports_value"] for row in others if row["imports_value"])
    if names:
        said += f"{'; ' if said else ''}{text.joined(names, 4)}: their trade codes have no data in {profile.year}"
    return Sentence(f"{said}.", ids, "Goods not held:") if said else None


def _told(row: dict[str, Any]) -> str:
    """Return "USD 3.05 billion, Xland 78 % (70–85 %)"."""
    held: Number = row["held"]
    return f"{text.dollars(row['imports_value'].value)}, {held.label} {band(held)}"


def unpriced(profile: CountryProfile, found: ImportDependence) -> Sentence | None:
    """Return which goods the loss model could not price; none of them is small for that."""
    rows = weighty(found)
    left = [small(profile, row) for row in rows if not row.priced]
    left += [text.small(mineral(row.material)) for row in found.unseen if not row.priced]
    priced = sum(row.priced for row in rows)
    if rows and not priced:
        return Sentence(
            "What users lose who have to stand still has no price: no table of the industries of"
            f" {in_sentence(profile.focal)} is on record, and losses are told without it."
        )
    if not rows:
        return None
    if not left:
        return Sentence("No measured good lacks a record of its users.")
    if priced == len(rows):
        return Sentence(f"Of what no trade code shows, no record here tells the users of {text.joined(left, 8)}.")
    return Sentence(
        f"Losses in money could cover only the {priced} of {len(rows)} measured goods whose users are on record; not"
        f" priced, and not small for that, are {text.joined(left, 8)}."
    )


def findings(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return the verdict, the largest exposures, and what cannot be seen."""
    rows = [row for row in weighty(found) if row.sure >= QUARTER][:MOST]
    more = (counted(found), *made_elsewhere(profile, found)[:2], passed_on(profile), blind(profile, found))
    said = (verdict(profile, found), *(exposed(profile, row) for row in rows))
    return (*said, *(sentence for sentence in (*more, unpriced(profile, found)) if sentence))


def fell(table: Table) -> tuple[Sentence, ...]:
    """Return the largest fall of a large seller's shipments, of those that the buyer itself declares."""
    for row in table.rows():
        part, sent, before = row["shipped_part"], row["shipped"], row["shipped_before"]
        if part is not None and part.value >= QUARTER and sent.value < HALF * before.value:
            amounts = f"{text.dollars(sent.value)}, a year before {text.dollars(before.value)}"
            goods = f"{row['mineral']}, {row['form']}"
            said = f"In {row['months_compared']} {row['country_name']} sent {amounts}: {goods}."
            return (Sentence(said, sent.sources),)
    return ()


def reading(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return how the table of exposures is to be read."""
    lead = Sentence(
        "A share is of import value by country of shipment. Its low end is what surely is that country's: none of it"
        " where it is no known maker; its high end adds what others send who are no known makers. What stops without"
        " the good, and how long users hold out, is judged, in the main from general knowledge."
    )
    return tuple(sentence for sentence in (lead, unpriced(profile, found)) if sentence)


def behind(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return who stands behind the shares: then and now, makers that customs do not see, senders that make nothing."""
    said = (counted(found), *made_elsewhere(profile, found), passed_on(profile))
    return tuple(sentence for sentence in said if sentence)


def unseen(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return what cannot be measured, and what the loss model could not price."""
    said = (blind(profile, found), not_held(profile), unpriced(profile, found))
    return tuple(sentence for sentence in said if sentence)


def in_force(profile: CountryProfile, found: ImportDependence) -> tuple[Sentence, ...]:
    """Return how many controls reach the country's purchases, and which holds the largest share."""
    acts = stopping(profile, found)
    last = ", the last day that the register knows," if found.on == known_to() else ""
    if not acts:
        buyer = in_sentence(profile.focal)
        said = f"On {found.on}{last} no control on record can stop what {buyer} buys from the country that set it."
        return (Sentence(said),)
    best = max(acts, key=lambda control: hit(found, control, profile.year)[0][1].value or 0.0)
    row, part = hit(found, best, profile.year)[0]
    sources = tuple(sorted({source for control in acts for source in control.instrument.source.split(";")}))
    count, buyer = text.count(len(acts), "control"), in_sentence(profile.focal)
    said = (
        f"On {found.on}{last} {count} can stop what {buyer} buys from the country that set it; the one that holds the"
        f" largest share is {possessive(best.instrument.country)} {best.words} since {best.since} on"
        f" {small(profile, row)}"
        f" ({text.percent(part.value)} of these imports)."
    )
    return (Sentence(said, sources),)


PARTS = {
    "exposure": reading,
    "behind": behind,
    "controls": in_force,
    "unseen": unseen,
}  # part of a document -> sentences
