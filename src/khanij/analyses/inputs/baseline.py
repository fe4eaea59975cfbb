"""baseline"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.reference import official_lists as official
from khanij.simulate.risk import assumed_hazards as unrecorded
from khanij.simulate.risk import hazards as threats
from khanij.simulate.risk.baseline import NODES, Baseline, _members, baseline_of, lean
from khanij.simulate.risk.hazards import Prior
from khanij.simulate.supply.networks import networks


def prepare(
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    partners: Sequence[str] = (),
    priors: Sequence[Prior] = (),
    stake: float = threats.STAKE,
    fill: bool = True,
) -> Baseline:
    """Return the common ground of changes for a focus.

    materials  ids; all if None      partners  countries that every network is to name
    priors     expert chances, for instance of sanctions on a partner
    fill       goods with too short a record get a stated chance (study.unrecorded); else they count as safe
    Raises CoverageError where no material has both a hazard and a market model.
    """
    wanted = None if materials is None else list(materials)
    case = lean(cases.case(focus, year, wanted))
    # Fitted to a few minerals alone, the chances of one would hang on which others a question is about.
    listed = dict.fromkeys((*official.minerals(focus, year), *case.axis("material").codes))
    given = threats.hazards(cases.case(focus, year, list(listed)), stake=stake, priors=priors, seed=seed)
    if fill:
        given = unrecorded.with_assumed_hazards(
            given, networks(case, None, str(year), nodes=NODES), _members(case), stake
        )
    given = threats.select(given, case.axis("material").codes)
    return baseline_of(
        case, given, str(year), years, seed, partners=partners, stake=stake, uncovered=codes(year).unweighed
    )
