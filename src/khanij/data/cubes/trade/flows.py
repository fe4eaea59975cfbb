"""Facts of trade codes to cubes by material and stage: no goods counted twice, content where it is known."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.cubes import evidence
from khanij.data.cubes.evidence import Builder, Cell
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.cubes.trade import national_flows, own_flows
from khanij.data.facts import overlay, store
from khanij.reference.assumptions import assumed

REVISIONS = (
    "HS92",
    "HS17",
    "HS02",
    "HS22",
)  # where several code editions give the same goods and year, the first goes first
FLOW = ["source", "item", "country", "partner", "year"]
FLOWN = {
    **dict.fromkeys(("source", "edition", "item", "country", "partner"), pl.String),
    **{"year": pl.Int16, "value": pl.Float64},
    **dict.fromkeys(("revision", "code", "material", "stage"), pl.String),
    **dict.fromkeys(("shared", "mixed"), pl.Boolean),
    **dict.fromkeys(("c_low", "c_best", "c_high"), pl.Float64),
    "key": pl.String,
}
"""Columns of a flow with the good that it is and its content."""
FLOWS = {"trade": "trade_mass", "trade_value": "trade_value", "trade_massless": "trade_value"}  # cube -> its facts
FAR = 20.0  # times below the median value per tonne from which a tonnage cannot be right
WEIGHTY = 0.05  # part of a total from which it matters
MIXED = (
    "mixed"  # kind of a content factor: goods with and without the material, of which each flow's value tells the mix
)
AXES = {"material": "material", "stage": "stage", "country": "country", "partner": "country", "year": "year"}


@cache
def code_table() -> pl.DataFrame:
    """Return one row a (trade code, material): item, code, material, stage, shared, mixed, content low, best, high."""
    rows = [
        (
            *(c.item, c.revision, c.code, c.material, c.stage, bool(c.shared), c.kind == MIXED),
            *(_content(c) or (None, None, None)),
        )
        for c in reference.hs_codes()
    ]
    names = ["item", "revision", "code", "material", "stage", "shared", "mixed", "c_low", "c_best", "c_high"]
    kinds = [pl.String] * 5 + [pl.Boolean] * 2 + [pl.Float64] * 3
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def _content(code: reference.Code) -> tuple[float, float, float] | None:
    """Return the content factors if they are in the material's own basis."""
    return code.content if code.basis == reference.materials()[code.material].basis else None


@cache
def overlaps() -> dict[tuple[str, str], frozenset[str]]:
    """Return (revision, code) -> codes of other revisions that hold the same goods, itself included."""
    table: dict[tuple[str, str], frozenset[str]] = {}
    for row in reference.rows("hs_overlaps"):
        key = (row["revision"], row["code"])
        table[key] = table.get(key, frozenset()) | {row["same_as"]}
    return table


@cache
def _available(fingerprint: str) -> pl.DataFrame:
    """Return source, item, year, quantity for which the store holds a trade figure."""
    frame = store.scan(*store.providers("trade_value")).filter(pl.col("quantity").is_in(["trade_mass", "trade_value"]))
    counted = frame.filter(pl.col("value").is_not_null()).group_by("source", "item", "year", "quantity").len()
    return store.collect(counted.sort("source", "item", "year", "quantity"))


def chosen(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the (source, item, material, stage, year …) that enter, so that no goods are counted twice.

    For each (material, stage, year) codes are taken in the order of REVISIONS and of the sources; a code is left out
    if an earlier one has the same six digits or is listed as the same goods in hs_overlaps.csv.
    """
    rank = selection.rank("trade")
    mass = quantity == "trade_mass"
    table = code_table().filter(pl.col("material").is_in(selection.materials))
    if mass:
        table = table.filter(~pl.col("shared"), pl.col("c_best").is_not_null())
    there = _available(store.fingerprint(store.providers("trade_value")))
    there = there.filter(pl.col("year").is_in(selection.years), pl.col("quantity") == quantity)
    there = own_flows.last(there)
    order = {revision: at for at, revision in enumerate(REVISIONS)}
    candidates = (
        there.join(table, on="item")
        .with_columns(
            order=pl.col("revision").replace_strict(order, return_dtype=pl.Int64),
            rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64),
        )
        .sort("material", "stage", "year", overlay.own(), "order", "rank", "item")
    )
    taken: dict[tuple[str, str, int], set[str]] = {}
    keep = []
    for row in candidates.iter_rows(named=True):
        seen = taken.setdefault((row["material"], row["stage"], row["year"]), set())
        goods = _goods(row)
        keep.append(not goods & seen)
        if keep[-1]:
            seen |= goods
    return candidates.filter(pl.Series(keep, dtype=pl.Boolean)).drop("order", "rank", "quantity", "len")


def _flows(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the facts of the chosen codes, joined with material, stage and content."""
    codes = chosen(selection, quantity)
    publishers = codes.filter(~overlay.own())
    found = pl.DataFrame(schema=FLOWN)
    if publishers.height:
        frame = store.published(*publishers["source"].unique().sort().to_list()).filter(
            pl.col("quantity") == quantity,
            pl.col("year").is_in(selection.years),
            pl.col("item").is_in(publishers["item"].unique().to_list()),
            pl.col("country") != pl.col("partner"),
        )
        wanted = frame.select(own_flows.CARRIED)
        found = store.collect(wanted.join(publishers.lazy(), on=["source", "item", "year"]).with_columns(KEY))
        if quantity == "trade_value":
            found = national_flows.laid_over(found.select(list(FLOWN)))
    return own_flows.laid_over(selection, quantity, found.select(list(FLOWN)), codes)


def sparse(selection: Selection, quantity: str, unit: str, frame: pl.DataFrame, notes: tuple[str, ...] = ()) -> Cube:
    """Return the sparse cube of flows summed over codes."""
    # summed by NumPy in one order of rows: a threaded group-by may add the same numbers in another order each time
    rows = frame.sort([*AXES, "item", "key", "value"])
    first = rows.select(pl.struct(list(AXES)).rle_id()).to_series().to_numpy()
    starts = np.flatnonzero(np.diff(first, prepend=-1)) if rows.height else np.empty(0, dtype=np.intp)
    summed = rows[starts]
    at = selection.positions(summed, **AXES)
    sources = tuple(frame["key"].unique().sort().to_list())
    origin = (
        summed["key"].replace_strict(sources, range(len(sources)), return_dtype=pl.Int16).to_numpy()
        if sources
        else None
    )
    named = [selection.axes[axis] for axis in AXES.values()]
    axes = (
        *named[:2],
        type(named[2])("exporter", named[2].codes),
        type(named[3])("importer", named[3].codes),
        named[4],
    )
    value, low, high = (
        np.add.reduceat(rows[name].to_numpy(), starts) if rows.height else np.empty(0)
        for name in ("value", "low", "high")
    )
    return Cube(quantity, unit, axes, value, at, low, high, sources, origin, notes)


def weighed(selection: Selection) -> pl.DataFrame:
    """Return the flows of dedicated codes: `value` in gross tonnes, `v` in kUSD, and whether the tonnage is suspect.

    A tonnage is suspect where the flow's value per tonne is less than 1/FAR of the median by value of its code and
    year, and the flow makes WEIGHTY of the code's tonnage, of the world or of its importer: such a flow decides shares
    by weight without having changed hands in that amount. Unit values serve as this check, and to part mixed goods,
    never as prices.
    """
    money = _flows(selection, "trade_value").select(*FLOW, v="value").unique(FLOW)
    frame = _flows(selection, "trade_mass").join(money, on=FLOW, how="left")
    group = ["source", "item", "year"]
    unit = pl.col("v") / pl.col("value")
    goods = (
        frame.filter(pl.col("value") > 0, pl.col("v") > 0).unique([*FLOW]).with_columns(unit=unit).sort(*group, "unit")
    )
    half = pl.col("v").cum_sum().over(group) >= pl.col("v").sum().over(group) / 2
    median = goods.filter(half).group_by(group, maintain_order=True).agg(median=pl.col("unit").first())
    of_world = pl.col("value") >= WEIGHTY * pl.col("value").sum().over([*group, "material"])
    of_importer = pl.col("value") >= WEIGHTY * pl.col("value").sum().over([*group, "material", "partner"])
    far = (pl.col("v") / pl.col("value")) * FAR < pl.col("median")
    found = frame.join(median, on=group, how="left").with_columns(
        suspect=(far & (of_world | of_importer) & ~overlay.own()).fill_null(value=False)
    )
    return _parted(found, group)


def _parted(frame: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """Return the flows with the content of mixed goods by value: c · (v/q) / (Σv/Σq), within the factor's own range.

    A code such as permanent magnets of metal holds goods with much of the material and, cheap and heavy, goods without
    any; its factor is that of the world's mix. Who pays a third of the world's value for a tonne buys about a third of
    its content. The world's content stays what it is, but for what the range cuts off. What a value tells is off by a
    factor either way, for prices of one good differ; the range of the code, from goods without any to pure metal, is
    that of a flow whose value is not known.
    """
    if not frame["mixed"].any():
        return frame
    both = pl.col("mixed") & ~pl.col("suspect") & (pl.col("value") > 0) & (pl.col("v") > 0)
    usual = pl.col("v").filter(both).sum().over(group) / pl.col("value").filter(both).sum().over(group)
    told = pl.col("c_best") * pl.col("v") / pl.col("value") / usual
    off = assumed("content_by_value")
    ends = {"c_low": told / off, "c_best": told, "c_high": told * off}
    return frame.with_columns(
        pl.when(both).then(end.clip(pl.col("c_low"), pl.col("c_high"))).otherwise(pl.col(name)).alias(name)
        for name, end in ends.items()
    )


def trade(selection: Selection) -> Cube:
    """Return contained tonnes by exporter and importer, with the range of the content factor, suspect ones left out."""
    every = weighed(selection)
    suspects = every.filter("suspect").select(*FLOW).unique().height
    frame = every.filter(~pl.col("suspect"), pl.col("value").is_not_null()).with_columns(
        low=pl.col("value") * pl.col("c_low"),
        high=pl.col("value") * pl.col("c_high"),
        value=pl.col("value") * pl.col("c_best"),
    )
    notes = ["contained tonnes = gross tonnes x content factor of the trade code"]
    if suspects:
        notes.append(
            f"{suspects} flows weigh over {FAR:g} times what their value can buy: their tonnage is taken as unknown"
        )
    return sparse(selection, "trade", "t", frame, (*notes, *_cut(selection, "trade_mass")))


def trade_value(selection: Selection) -> Cube:
    """Return thousand USD by exporter and importer; codes that hold several materials are included whole."""
    frame = _flows(selection, "trade_value").with_columns(low="value", high="value")
    shared = sorted(frame.filter("shared").select("material", "item").unique().rows()) if frame.height else []
    text = ", ".join(f"{material} ({item})" for material, item in shared)
    notes: tuple[str, ...] = (f"value of codes that hold other materials too: {text}",) if shared else ()
    notes += national_flows.told(frame)
    return sparse(selection, "trade_value", "kUSD", frame, (*notes, *_cut(selection, "trade_value")))


def trade_massless(selection: Selection) -> Cube:
    """Return the value of flows of dedicated codes whose tonnage is not known, or is suspect."""
    return sparse(selection, "trade_massless", "kUSD", weightless(selection).with_columns(value="v", low="v", high="v"))


def weightless(selection: Selection) -> pl.DataFrame:
    """Return the flows of dedicated codes, `v` in kUSD, whose tonnage is unknown or suspect.

    Those of a code of which the year's source gives values alone are among them where another code of the same material
    and stage has tonnes: the sum of tonnes is incomplete there. Where no code has any, nothing is summed.
    """
    every = weighed(selection).filter(pl.col("suspect") | pl.col("value").is_null(), pl.col("v").is_not_null())
    cell = ["material", "stage", "year"]
    weighed_goods: dict[tuple[str, str, int], frozenset[str]] = {}
    for row in chosen(selection, "trade_mass").iter_rows(named=True):
        key = (row["material"], row["stage"], row["year"])
        weighed_goods[key] = weighed_goods.get(key, frozenset()) | _goods(row)
    codes = chosen(selection, "trade_value").filter(~pl.col("shared"), pl.col("c_best").is_not_null())
    keep = [
        (key := (row["material"], row["stage"], row["year"])) in weighed_goods and not _goods(row) & weighed_goods[key]
        for row in codes.iter_rows(named=True)
    ]
    alone = codes.filter(pl.Series(keep, dtype=pl.Boolean))
    if alone.is_empty():
        return every
    frame = _flows(selection, "trade_value").join(alone, on=["source", "item", *cell], how="semi")
    return pl.concat([every, frame.with_columns(v="value")], how="diagonal")


def _goods(row: dict[str, str]) -> frozenset[str]:
    """Return the codes of any edition that hold the goods of one."""
    return overlaps().get((row["revision"], row["code"]), frozenset()) | {row["code"]}


def _beyond(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return, for each chosen code whose source lists only its largest flows, `beyond`: world trade that it does not.

    Columns of chosen(), `key`, and `listed`: the sum of the flows that it does list.
    """
    codes = chosen(selection, quantity)
    sources = store.providers(f"{quantity}_unlisted")
    if codes.is_empty() or not sources:
        return codes.clear().with_columns(beyond=pl.lit(0.0), listed=pl.lit(0.0), key=pl.lit(""))
    cell = ["source", "item", "year"]
    frame = store.scan(*sources).filter(pl.col("item").is_in(codes["item"].unique().to_list()))
    beyond = frame.filter(pl.col("quantity") == f"{quantity}_unlisted").select(*cell, KEY, beyond="value")
    listed = frame.filter(pl.col("quantity") == quantity).group_by(cell).agg(listed=pl.col("value").sum())
    joined = codes.lazy().join(beyond, on=cell).join(listed, on=cell)
    return store.collect(joined).sort("material", "stage", "item", "year")


def _cut(selection: Selection, quantity: str) -> tuple[str, ...]:
    """Return what must be said of codes whose source lists only its largest flows."""
    found, of = [], "weight" if quantity == "trade_mass" else "value"
    for (material, item), rows in _beyond(selection, quantity).group_by("material", "item", maintain_order=True):
        parts = [beyond / (beyond + listed) for beyond, listed in rows.select("beyond", "listed").iter_rows()]
        span = f"{min(parts):.1%}" if max(parts) - min(parts) < 5e-4 else f"{min(parts):.1%} to {max(parts):.1%}"
        found.append(
            f"{material} ({item}): only the largest flows are listed; {span} of world trade by {of} lies beyond them, "
            "missing and not zero, so small buyers and sellers are incomplete or absent"
        )
    return tuple(found)


def trade_unlisted(selection: Selection) -> Cube:
    """Return the part of world trade, 0..1, that a source knows but does not list; 0 where it lists every flow."""
    axes = ("material", "stage", "year")
    values = np.zeros(tuple(len(selection.axes[axis]) for axis in axes))
    cells = _beyond(selection, "trade_mass").group_by(*axes, maintain_order=True).agg(pl.col("beyond", "listed").sum())
    at = tuple(selection.positions(cells, **{axis: axis for axis in axes}))
    values[at] = (cells["beyond"] / (cells["beyond"] + cells["listed"])).to_numpy()
    return Cube("trade_unlisted", "1", tuple(selection.axes[axis] for axis in axes), values)


def covered(selection: Selection, quantity: str, name: str) -> Cube:
    """Return 1 where a trade code with data stands for the (material, stage, year), else 0."""
    axes = ("material", "stage", "year")
    cells = chosen(selection, quantity).select(*axes)
    cells = pl.concat([cells, own_flows.cells(selection, quantity).cast(cells.schema)]).unique()
    values = np.zeros(tuple(len(selection.axes[axis]) for axis in axes))
    values[tuple(selection.positions(cells, **{axis: axis for axis in axes}))] = 1.0
    return Cube(name, "1", tuple(selection.axes[axis] for axis in axes), values)


def _followed(case: Case, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return the recorded flows of the chosen trade codes, with the content factor of each."""
    selection = evidence.narrowed(case, cell)
    if quantity == "trade_value":
        frame = _flows(selection, "trade_value").with_columns(factor=1.0, entered="value")
    elif quantity == "trade":
        sound = weighed(selection).filter(~pl.col("suspect"), pl.col("value").is_not_null())
        frame = sound.with_columns(factor="c_best", entered=pl.col("value") * pl.col("c_best"))
    else:
        frame = weightless(selection).with_columns(factor=1.0, entered="v")
    if cell.members:
        focal = list(cell.members)
        frame = frame.filter(pl.col("country").is_in(focal) | pl.col("partner").is_in(focal))
    return _published(frame, FLOWS[quantity], cell)


def _published(frame: pl.DataFrame, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return flows with what the store holds of them beside material, stage, factor and entered."""
    names = ["source", "edition", "item", "country", "partner", "year"]
    if frame.is_empty():
        return pl.DataFrame(schema=evidence.WITH)
    sources = frame["source"].unique().sort().to_list()
    chosen = frame.select(*names, "material", "stage", "factor", "entered")
    raw = store.scan(*sources).filter(
        pl.col("quantity").is_in([quantity, national_flows.QUANTITY] if quantity == "trade_value" else [quantity]),
        pl.col("year") == cell.year,
        pl.col("item").is_in(frame["item"].unique().to_list()),
    )
    return store.collect(raw.drop("material", "stage").join(chosen.lazy(), on=names, maintain_order="right"))


def _lineage(quantity: str) -> evidence.Lineage:
    """Return the lineage of a cube of flows."""
    return lambda case, cell: _followed(case, quantity, cell)


LISTED = "the codes are listed with the reference tables"
BUILDERS: dict[str, Builder] = {
    "trade": Builder(trade, _lineage("trade")),
    "trade_value": Builder(trade_value, _lineage("trade_value")),
    "trade_massless": Builder(trade_massless, _lineage("trade_massless")),
    "trade_unlisted": Builder(trade_unlisted, "trade beyond the flows listed: facts trade_mass_unlisted"),
    "trade_covered": Builder(
        partial(covered, quantity="trade_mass", name="trade_covered"),
        f"1 where a trade code of its own has data: {LISTED}",
    ),
    "trade_value_covered": Builder(
        partial(covered, quantity="trade_value", name="trade_value_covered"),
        f"1 where a trade code has data: {LISTED}",
    ),
}
"""Cubes by name, each with its lineage."""
