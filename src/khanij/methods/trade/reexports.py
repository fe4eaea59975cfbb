"""Exporters that are not the makers: re-export hubs, and stages whose largest exporter is not the largest producer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.methods import chains
from khanij.methods.chains import Caveats

CELL = ("material", "stage", "year")
LINK = ("material", "stage", "partner", "year")
BACI = "BACI: Gaulier and Zignago 2010, CEPII working paper 2010-23"
WITHHELD = "own output withheld or unknown"
HUB = "re-export hub: exports over own output"
EXPORTER = "top exporter"
PRODUCER = "top producer"
NONE_MADE = "the top exporter is no recorded producer"


@method(
    "re-exports",
    kind="origin",
    needs=("production", "trade", "membership"),
    optional=("trade_covered", "world_production"),
    variables=(
        Variable("re_export_share", "1", LINK, (0.0, 1.0), "share of a country's exports that it did not make"),
        Variable("exports", "t", LINK, (0.0, float("inf")), "exports, contained"),
    ),
    reference=f"{BACI}; blending as in Kastner et al. 2011, doi 10.1016/j.ecolecon.2011.01.012",
    higher="neutral",
)
def re_exports(case: Case, factor: float = 1.5, least: float = 0.01) -> MethodOutput:
    """Share of a country's exports of a stage that it did not make itself; hubs are remarked.

    r_c = 1 - P_c / (P_c + M_c + U_c), U = exports above supply; low = max(0, X - P) / X with P at its high end (a
    country that a source does not list may have made all that it leaves unlisted); high = min(X, M + U) / X

    factor  a hub exports more than this many times what it makes (1) ...
    least   ... and at least this share of the world's exports of the stage (1)
    Returns re_export_share (material, stage, partner, year) 1 of every exporter, partner = the exporter, nan where no
    source covers output of the stage; exports t.
    Oracle: hand-made flows in tests/methods/test_origin.py.
    """
    sizes = tuple(len(case.axis(name)) for name in LINK)
    share, low, high, exports, ratio = (np.full(sizes, np.nan) for _ in range(5))
    hub, withheld, said = np.zeros(sizes, dtype=bool), np.zeros(sizes, dtype=bool), Caveats()
    output, most = _output(case)
    for chain in chains.read(case, said):
        for stage, balance in zip(chain.stages, chain.balances, strict=True):
            sent = balance.exports
            if not balance.traded or not balance.known:
                continue
            out = np.nonzero(sent > 0)[0]
            at = (chain.material, stage, chain.countries[out], chain.year)
            sold, made, pool = sent[out], balance.own[out], balance.pool[out]
            exports[at] = sold
            withheld[at] = np.isnan(output[at])
            share[at] = np.where(withheld[at], np.nan, 1.0 - made / pool)
            low[at] = np.where(withheld[at], 0.0, np.maximum(sold - np.fmax(made, most[at]), 0.0) / sold)
            high[at] = np.minimum(sold, pool - made) / sold
            ratio[at] = np.divide(sold, made, out=np.full_like(sold, np.inf), where=made > 0)
            hub[at] = ~withheld[at] & (sold > factor * made) & (sold >= least * sent.sum())
    notes = ("a hub passes on, stocks up or mislabels: re-exports cannot be told from unrecorded output", *said.notes())
    return MethodOutput(
        {"re_export_share": share, "exports": exports},
        {HUB: hub, WITHHELD: withheld},
        {HUB: ratio},
        notes,
        low={"re_export_share": low},
        high={"re_export_share": high},
    )


@method(
    "top-exporter",
    kind="origin",
    needs=("production", "trade"),
    optional=("trade_covered", "world_production"),
    variables=(
        Variable("differs", "1", CELL, (0.0, 1.0), "1 = the largest exporter is not the largest producer"),
        Variable("gap", "1", CELL, (-1.0, 1.0), "share of the top exporter in exports less its share in output"),
    ),
    reference=f"{BACI}; the comparison is that of the Critical Materials Atlas, doi 10.5281/zenodo.21948855",
    higher="neutral",
    choices={"producers": ("mined", "same")},
)
def top_exporter(case: Case, producers: str = "mined") -> MethodOutput:
    """Materials whose largest exporter at a stage is not the largest producer.

    differs = [argmax_c X_c != argmax_c P_c];  gap = X_c / Σ X - P_c / Σ P of the top exporter c

    producers  "mined" = producers are those of the mined stage (of the first stage with output if there is none),
               "same" = those of the exports' own stage
    Returns differs and gap (material, stage, year) 1, with both countries and their shares in the remarks; nan where
    output or exports are not known.
    Oracle: hand-made flows in tests/methods/test_origin.py; docs/methods/origin-vs-atlas.md.
    """
    codes = np.array(case.axis("country").codes)
    exports = _exports(case)
    output = np.nan_to_num(np.moveaxis(case.array("production", "material", "stage", "country", "year"), 2, 3))
    if producers == "mined":
        has = (output > 0).any(axis=-1, keepdims=True)
        first = np.argmax(has, axis=1, keepdims=True)
        output = np.broadcast_to(np.take_along_axis(output, first, axis=1), output.shape)
    sold, made = exports.sum(axis=-1), output.sum(axis=-1)
    known = (sold > 0) & (made > 0)
    seller, maker = exports.argmax(axis=-1), output.argmax(axis=-1)
    shares = [
        np.divide(_at(amount, who), whole, out=np.zeros_like(whole), where=whole > 0)
        for amount, who, whole in ((exports, seller, sold), (output, maker, made), (output, seller, made))
    ]
    differs = np.where(known, (seller != maker) * 1.0, np.nan)
    gap = np.where(known, shares[0] - shares[2], np.nan)
    remarks = {EXPORTER: known, PRODUCER: known, NONE_MADE: known & (shares[2] == 0)}
    details = {
        name: np.char.add(np.char.add(codes[who], " "), np.char.add(np.round(100 * part).astype(int).astype(str), " %"))
        for name, who, part in ((EXPORTER, seller, shares[0]), (PRODUCER, maker, shares[1]))
    }
    count = int(np.nansum(differs))
    note = f"largest exporter is not the largest producer in {count} of {int(known.sum())} (material, stage, year)"
    return MethodOutput({"differs": differs, "gap": gap}, remarks, details, (note,))


def _output(case: Case) -> tuple[Floats, Floats]:
    """Return own output and its high end (material, stage, country, year) t."""
    dims = ("material", "stage", "country", "year")
    cube = case.cube("production")
    output = case.array("production", *dims)
    if cube.high is None:
        return output, output
    high = replace(cube, values=cube.high, low=None, high=None, origin=None)
    return output, high.on(*(case.axis(name) for name in dims))


def _at(amount: Floats, who: np.ndarray) -> Floats:
    """Return the amounts (..., C) of one country a cell."""
    return np.take_along_axis(amount, who[..., None], axis=-1)[..., 0]


def _exports(case: Case) -> Floats:
    """Return exports (material, stage, year, country) t, contained, flows of a country to itself left out."""
    at, amount = case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    sizes = tuple(len(case.axis(name)) for name in ("material", "stage", "year", "country"))
    kept = at[2] != at[3]
    flat = np.ravel_multi_index((at[0], at[1], at[4], at[2]), sizes)[kept]
    summed = np.bincount(flat, weights=amount[kept], minlength=int(np.prod(sizes)))
    return summed.astype(np.float64, copy=False).reshape(sizes)
