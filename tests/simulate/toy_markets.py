"""Hand-made and random small Cases of one material: trade, output, values, and who belongs to the focus."""

from __future__ import annotations

import numpy as np

from khanij.core import case
from khanij.simulate.loss import channels as economics
from khanij.simulate.loss import losses
from khanij.simulate.loss.industries import Economy, Uses
from khanij.simulate.loss.losses import ENDS, Exposure
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE")
INDUSTRIES = ("c2", "c14", "c15")
STAGES = ("mined", "processed", "refined", "scrap")
FLOW = ("material", "stage", "exporter", "importer", "year")


def market(
    trade, output, *, material="tin", value=None, price=None, companion=None, focus=("AAA",), scale=1.0, names=CODES
):
    """Return the Case of one material; trade, output by stage: (n, n) and (n,) t; value: kUSD a tonne by stage."""
    n = len(next(iter({**trade, **output}.values())))
    codes = names[:n]
    axes = dict.fromkeys(("country", "exporter", "importer"), codes)
    axes |= {"material": (material,), "stage": STAGES, "focus": ("FOC",), "year": ("2024",)}
    flows, made = np.full((1, len(STAGES), n, n, 1), np.nan), np.full((1, len(STAGES), n, 1), np.nan)
    for stage, table in trade.items():
        table = np.asarray(table, dtype=float) * scale
        flows[0, STAGES.index(stage), :, :, 0] = np.where(table > 0, table, np.nan)
    for stage, row in output.items():
        made[0, STAGES.index(stage), :, 0] = np.asarray(row, dtype=float) * scale
    belongs = np.array([[[float(code in focus)] for code in codes]])
    cubes = {
        "trade": ("t", FLOW, flows),
        "production": ("t", ("material", "stage", "country", "year"), made),
        "membership": ("1", ("focus", "country", "year"), belongs),
    }
    if value is not None:
        per = np.array([value.get(stage, np.nan) for stage in STAGES])
        cubes["trade_value"] = ("kUSD", FLOW, flows * per[None, :, None, None, None])
    if price is not None:
        cubes["price"] = ("USD/t", ("material", "year"), [[price]])
    if companion is not None:
        shares = [[companion if stage == "mined" else np.nan for stage in STAGES]]
        cubes["companion_share"] = ("1", ("material", "stage"), shares)
    return case.from_arrays(axes, **cubes)


def random_market(seed, stages=("mined", "refined"), n=4, scale=1.0, known=True):
    """Return the Case of a random market: half of the pairs trade, some countries make nothing."""
    rng = np.random.default_rng(seed)
    trade, output = {}, {}
    for stage in stages:
        table = rng.lognormal(3, 1.5, (n, n)) * (rng.random((n, n)) < 0.6)
        np.fill_diagonal(table, 0.0)
        table[0, 1] += 1.0
        trade[stage] = table
        if known or rng.random() < 0.5:
            output[stage] = rng.lognormal(5, 1.5, n) * (rng.random(n) < 0.7)
            output[stage][0] += 50.0
    return market(trade, output, value={stage: 2.0 + at for at, stage in enumerate(stages)}, scale=scale)


def random_disruptions(seed, network, most=3):
    """Return up to `most` disruptions of sellers of a network, of every kind."""
    rng = np.random.default_rng(seed)
    sellers = [code for code in network.nodes if code != "rest"]
    found = []
    for _ in range(int(rng.integers(1, most + 1))):
        seller = str(rng.choice(sellers))
        others = [code for code in sellers if code != seller]
        acts = str(rng.choice(["exports", "output", "tariff"]))
        to = tuple(rng.choice(others, int(rng.integers(0, len(others) + 1)), replace=False).tolist())
        stages = tuple(
            rng.choice(network.stages, int(rng.integers(0, len(network.stages) + 1)), replace=False).tolist()
        )
        cut = float(rng.choice([1.0, rng.uniform(0.05, 0.95)])) * (2.0 if acts == "tariff" else 1.0)
        months = float(rng.choice([12.0, rng.uniform(1, 12)]))
        found.append(Disruption(acts, (network.material,), seller, stages, to if acts != "output" else (), cut, months))
    return found


def hand_economy():
    """Three industries of 1e7 USD: mining, electronics (buys a tenth of mining), vehicles (buys a fifth of those)."""
    total = np.zeros((3, 3))
    total[0, 1], total[1, 2], total[2, 1] = 1e6, 2e6, 5e5
    output = np.full(3, 1e7)
    return Economy(
        "FOC",
        "io",
        "2024",
        INDUSTRIES,
        INDUSTRIES,
        output,
        output - total.sum(axis=0),
        total * 0.75,
        total,
        1.0,
        (),
        (),
    )


def hand_stakes(network, members=("AAA",), used=(0.0, 1.0, 0.0)):
    """Return the stakes as losses.exposure would, without a Case."""
    economy = hand_economy()
    at = [network.nodes.index(code) for code in members]
    use, processed = network.use[:, at], network.share_processed[:, at]
    share = np.tile(used, (len(network.stages), 1))
    uses = Uses(share, np.full((ENDS, *share.shape), np.nan), ("hand",) * len(share), ())
    spending = (use * (1 - processed)).sum(axis=1) * network.value
    dependent = np.stack([economics.dependent_share(economy, uses, spending, end) for end in range(ENDS)])
    return Exposure(
        members,
        economy,
        spending,
        (use * processed).sum(axis=1) * network.value,
        network.output[:, at].sum(axis=1) * network.value,
        np.full(len(network.stages), 0.4),
        uses,
        np.clip(dependent, losses.LEAST, 1.0),
        home=losses.home_parts(network, members),
    )


def one_market(**more):
    """AAA buys all of its 60 t from BBB at 2,000 USD; BBB and CCC make."""
    trade = np.zeros((3, 3))
    trade[1, 0], trade[2, 0] = 50.0, 10.0
    (network,) = networks(market({"refined": trade}, {"refined": [0.0, 90.0, 20.0]}, value={"refined": 2.0}, **more))
    return network
