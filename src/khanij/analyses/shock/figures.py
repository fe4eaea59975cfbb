"""figures"""

from __future__ import annotations

from khanij.analyses.profile.forms import form, mineral
from khanij.analyses.profile.readings import CountryProfile, country_name
from khanij.analyses.shock import story
from khanij.present import figures, text
from khanij.present.document import Figure, Sentence


def _story(r: CountryProfile, sources: tuple[str, ...]) -> tuple[Figure | None, list[Sentence]]:
    """Return one documented event month by month, and what it says."""
    found = story.latest(r.focal, r.year, tuple(r.listed))
    if found is None:
        return None, []
    lines = [
        ("had the deepest month lasted", found.lasted[2], found.lasted[1], found.lasted[0]),
        ("as it went", found.went[2], found.went[1], found.went[0]),
    ]
    drawn = figures.months(
        found.month, [(n, low.tolist(), best.tolist(), high.tolist()) for n, low, best, high in lines], "use not met"
    )
    name, good = (
        found.event.name,
        f"{mineral(found.network.material).lower()}, {form((found.network.material, found.stage))}",
    )
    short = next((month for month, part in zip(found.month, found.lasted[1], strict=True) if part > 0.05), None)
    worst = float(found.lasted[1].max())
    told = [
        Sentence(
            f"{name}, from {found.event.start:%d %B %Y}: {country_name(found.event.country)} makes"
            f" {text.percent(found.share)} of what {r.name} uses ({good}, {text.tonnes(found.use)} in {r.year})."
            f" The flow documented fell to {text.percent(float(found.flow.min()))} of the usual; at usual stocks users"
            + (f" would have run short in month {short}" if short else " would not have run short within the year")
            + f" had that lasted, then of {text.percent(worst)} of their use; as it went, of at most"
            f" {text.percent(float(found.went[1].max()))} in a month.",
            sources,
        )
    ]
    caption = (
        f"{name}: part of {r.name}'s use of {good} that is not met in each month, stocks and idle capacity at their"
        " best (line) and from low to high (band). Flows before prices answer: monthly, stocks first, rationing in"
        f" proportion, orders that move on. `khanij events show {found.event.id}` lists what was documented."
    )
    alt = (
        f"Two lines over {len(found.month)} months. Had it lasted, use not met reaches"
        f" {text.percent(worst)}; as it went, {text.percent(float(found.went[1].max()))}."
    )
    return Figure("story", drawn, caption, alt, sources, 480), told
