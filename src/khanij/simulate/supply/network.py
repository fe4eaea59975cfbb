"""One material in one year as a network of stages and countries: who makes, sells and uses what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.reference.industry.elasticities import elasticity

REST = "rest"  # the countries that no network names one by one


@dataclass(frozen=True, slots=True)
class Network:
    """One material in one year: K stages, n countries, the last one perhaps the rest of the world.

    flow    (K, n, n) t of content, maker to user, home on the diagonal: rows sum to output, columns to use
    share_processed    (K, n) part of use that becomes the next stage at home; last row 0
    input_coverage     (K, n) part of output that the recorded use of the stage before can have fed; first row 0
    cost    (K, n) share of that input in the cost of making a stage; first row 0
    value   (K,) USD/t of content in trade, nan where no value is known
    known   (K,) a source covers output      traded  (K,) trade is recorded by mass
    notes   what had to be assumed
    import_unit_value  (K, n) USD/t of content that each country's own imports cost by customs, within a band around the
            world's (assumption import_value_band), nan where none is known
    output_basis, trade_basis  (K,) how output and trade are known: MEASURED, estimated from what, or UNKNOWN
    members  countries of the focus: what imports(), exports(), share(), home() and consumption() speak of
    """

    material: str
    year: str
    stages: tuple[str, ...]
    nodes: tuple[str, ...]
    flow: Floats
    share_processed: Floats
    input_coverage: Floats
    cost: Floats
    value: Floats
    known: tuple[bool, ...]
    traded: tuple[bool, ...]
    notes: tuple[str, ...]
    import_unit_value: Floats | None = None
    members: tuple[str, ...] = ()
    output_basis: tuple[str, ...] = ()
    trade_basis: tuple[str, ...] = ()

    @property
    def output(self) -> Floats:
        """Return output (K, n) t."""
        return np.asarray(self.flow.sum(axis=2))

    @property
    def use(self) -> Floats:
        """Return use (K, n) t."""
        return np.asarray(self.flow.sum(axis=1))

    @property
    def trade(self) -> Floats:
        """Return what is sold abroad (K, n, n) t: the flow without what stays at home."""
        return np.asarray(np.where(np.eye(len(self.nodes), dtype=bool), 0.0, self.flow))

    @property
    def unit_value(self) -> Floats:
        """Return what a tonne of use costs (K, n) USD/t: what is home-made as the world trades it, imports as paid.

        nan where no value is known.
        """
        world = np.broadcast_to(self.value[:, None], self.share_processed.shape)
        if self.import_unit_value is None:
            return world
        own = np.where(np.isfinite(self.import_unit_value), self.import_unit_value, world)
        use = self.use
        home = np.divide(np.einsum("kii->ki", self.flow), use, out=np.zeros_like(use), where=use > 0)
        return np.asarray(home * world + (1.0 - home) * own)

    def place(self, country: str) -> int:
        """Return the place of a country among the nodes: its own, or that of the rest."""
        return self.nodes.index(country) if country in self.nodes else self.nodes.index(REST)

    def for_focus(self, members: Iterable[str]) -> Network:
        """Return the network that answers for these countries together; what they trade among each other is home."""
        return replace(self, members=tuple(members))

    def pooled(self, position: float = 0.5) -> Network:
        """Return the network in which goods alike everywhere are sold through one world market, in part.

        m = (1 - w) f + w (h + x ⊗ i / Σ x):  f flow, h of it at home, x exports, i imports, w part that is pooled (see
        elasticities.csv), at a position of its range: 0 low, 0.5 best, 1 high. A seller that stops leaves all importers
        short alike, not its own buyers alone. Output and use stay; what a country would sell to itself, as it sells and
        buys, is home.
        """
        ends = [elasticity("pooled", self.material, stage).range for stage in self.stages]
        part = np.array([np.interp(position, (0.0, 0.5, 1.0), tuple(end)) for end in ends])
        if not part.any():
            return self
        trade, part = self.trade, part[:, None, None]
        sold, bought = trade.sum(axis=2), trade.sum(axis=1)
        whole = np.maximum(sold.sum(axis=1), 1e-300)[:, None, None]
        market = self.flow - trade + sold[:, :, None] * bought[:, None, :] / whole
        return replace(self, flow=(1.0 - part) * self.flow + part * market)

    @property
    def at(self) -> tuple[int, ...]:
        """Return the places of the members of the focus that are told apart."""
        return tuple(self.nodes.index(code) for code in self.members if code in self.nodes)

    def consumption(self, stage: str) -> float:
        """Return what the focus uses of a stage, t; 0 where the chain has no such stage, as in what follows."""
        return float(self._bought(stage).sum())

    def home(self, stage: str) -> float:
        """Return what the focus uses of its own output of a stage, t."""
        return float(self._bought(stage)[list(self.at)].sum())

    def imports(self, stage: str) -> float:
        """Return what the focus buys of others at a stage, t."""
        return self.consumption(stage) - self.home(stage)

    def made(self, stage: str) -> float:
        """Return what the focus makes of a stage, t."""
        if stage not in self.stages:
            return 0.0
        return float(self.flow[self.stages.index(stage), list(self.at)].sum())

    def exports(self, country: str, stage: str) -> float:
        """Return what a country sells abroad of a stage, t; 0 for one that is not told apart."""
        if stage not in self.stages or country not in self.nodes:
            return 0.0
        k, i = self.stages.index(stage), self.nodes.index(country)
        return float(self.flow[k, i].sum() - self.flow[k, i, i])

    def share(self, seller: str, stage: str) -> float:
        """Return the part of what the focus uses that a seller made, 0..1; 0 where nothing is used."""
        use = self.consumption(stage)
        if seller not in self.nodes or use <= 0:
            return 0.0
        return float(self._bought(stage)[self.nodes.index(seller)].sum()) / use

    def touched(self, sellers: Callable[[str], Collection[str]], stage: str) -> float:
        """Return the part of what the focus uses of a stage that sellers made, or that was made of what they made.

        t[k, i] = 1 where i sells, else c[k, i] Σ_j f[k-1, j, i] t[k-1, j] / Σ_j f[k-1, j, i]: c the part of output that
        the stage before fed, f the flow; over the makers j of what the focus uses it is averaged by tonnes.
        sellers  stage -> countries that are cut there
        """
        used = self.consumption(stage)
        if not used > 0:
            return 0.0
        made = np.zeros(len(self.nodes))
        for k, name in enumerate(self.stages[: self.stages.index(stage) + 1]):
            if k:
                fed, use = made @ self.flow[k - 1], self.use[k - 1]
                made = self.input_coverage[k] * np.divide(fed, use, out=np.zeros_like(fed), where=use > 0)
            made[[self.nodes.index(code) for code in sellers(name) if code in self.nodes]] = 1.0
        return float(made @ self._bought(stage).sum(axis=1)) / used

    def sellers(self, stage: str) -> dict[str, float]:
        """Return seller abroad -> t of a stage that the focus buys of it, the largest first; the rest is no seller."""
        sold = self._bought(stage).sum(axis=1).tolist()
        own = {REST, *self.members}
        listed = [(node, part) for node, part in zip(self.nodes, sold, strict=True) if node not in own and part > 0]
        return dict(sorted(listed, key=lambda item: -item[1]))

    def pairs(self, stage: str, focus: str) -> dict[tuple[str, str], float]:
        """Return (maker, user) -> t of a stage between the countries that are told apart; the focus is one of them."""
        codes = [focus if node in self.members else node for node in self.nodes]
        table = self.flow[self.stages.index(stage)].tolist() if stage in self.stages else []
        found: dict[tuple[str, str], float] = {}
        for a, row in zip(codes, table, strict=False):
            for b, t in zip(codes, row, strict=True):
                if t > 0 and a != b and REST not in (a, b):
                    found[a, b] = found.get((a, b), 0.0) + t
        return found

    def _bought(self, stage: str) -> Floats:
        """Return what each member of the focus has of each maker (n, members) t."""
        if stage not in self.stages:
            return np.zeros((len(self.nodes), 0))
        return np.asarray(self.flow[self.stages.index(stage)][:, list(self.at)])
