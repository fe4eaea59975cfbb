"""A chain drawn: who sells what into each stage, what the next takes, what leaves; and a stage's flows on the map."""

from __future__ import annotations

from dataclasses import replace

from khanij.present import figures, names, text
from khanij.present.document import Figure
from khanij.present.figures import Node, Stream
from khanij.reference.names import country_name
from khanij.simulate.supply.networks import MEASURED, REST, UNKNOWN, Network

TOLD = 18  # flows of a map that its text names
SELLERS = 5  # named at each stage; the others are one box
TINY = 2e-4  # streams below this part of the diagram's largest stream cannot be seen and are left out


def chain(network: Network, focus: str, sources: tuple[str, ...]) -> Figure | None:
    """Return the stages of a mineral as the network has them, None where the focus has nothing to draw."""
    nodes: dict[str, Node] = {}
    links: list[Stream] = []
    for k in range(len(network.stages)):
        boxes, streams = _stage(network, focus, k)
        nodes |= {node.name: node for node in boxes}
        links += streams
    least = TINY * max((link.value for link in links), default=0.0)
    links = [link for link in links if link.value > least]
    if len(links) < 2:
        return None
    name = names.mineral(network.material)
    top = sorted(links, key=lambda link: -link.value)[:3]
    told = text.joined(f"{link.hover} {text.tonnes(link.value)}" for link in top)
    caption = (
        f"{name}: into and through {country_name(focus)}, {network.year}, tonnes of contained material. Blue-green"
        " streams are flows of trade and output; orange ones follow from the balance, since what passes from one stage"
        " to the next is not reported."
    )
    touched = {end for link in links for end in (link.source, link.target)}
    kept = _spread([node for node in nodes.values() if node.name in touched])
    drawn = figures.sankey(kept, links, "t", min(max(170 + 18 * len(kept), 280), 480))
    alt = f"Sankey diagram of {text.small(name)}: {told}."
    return Figure(f"chain-{network.material}", drawn, caption, alt, sources, 640)


def _spread(nodes: list[Node]) -> list[Node]:
    """Return the boxes over the whole width: stages of which nothing is drawn leave no blank at the sides."""
    at = [node.x for node in nodes if node.x is not None]
    low, wide = min(at), max(at) - min(at)
    return [replace(node, x=(node.x - low) / wide) if node.x is not None and wide else node for node in nodes]


def _stage(network: Network, focus: str, k: int) -> tuple[list[Node], list[Stream]]:
    """Return the boxes and streams of one stage: bought, made, used at home, sold abroad, passed to the next stage."""
    stage, last = network.stages[k], 2 * len(network.stages) - 1
    left, right = 2 * k / last, (2 * k + 1) / last
    form, who = names.form(network.material, stage), country_name(focus)
    mark = " " * k  # boxes of one name at two stages are told apart by blanks
    use, made, abroad = f"{text.capital(form)} used", f"{text.capital(form)} made", f"Exports{mark}"
    sellers = {country_name(iso) + mark: part for iso, part in list(network.sellers(stage).items())[:SELLERS]}
    sellers[f"Others{mark}"] = network.imports(stage) - sum(sellers.values())
    links = [Stream(seller, use, part, f"{seller.strip()} to use of {form}") for seller, part in sellers.items()]
    links.append(Stream(made, use, network.home(stage), f"{form} made and used in {who}"))
    links.append(Stream(made, abroad, network.made(stage) - network.home(stage), f"{form} made in {who} and sold"))
    boxes = [Node(seller, "supplier", left) for seller in sellers]
    boxes += [Node(made, "home", left), Node(use, "stage", right), Node(abroad, "use", right)]
    if k + 1 < len(network.stages) and network.known[k + 1]:
        at = list(network.at)
        passed = float((network.use[k][at] * network.share_processed[k][at]).sum())
        following = f"{text.capital(names.form(network.material, network.stages[k + 1]))} made"
        links.append(Stream(use, following, passed, f"{form} turned into the next stage", uncertain=True))
    return boxes, links


def flows(network: Network, customs: Network | None, focus: str, stage: str, sources: tuple[str, ...]) -> Figure | None:
    """Return who makes a stage and who sends it to whom on the map, None where no trade of it is known.

    customs  the same flows as customs record them       stage  "" = of those in trade records the one bought most
    """
    basis = dict(zip(network.stages, network.trade_basis, strict=True))
    known = [s for s, by in basis.items() if by != UNKNOWN and stage in ("", s)]
    if not known:
        return None
    stage, who = max(known, key=lambda s: (basis[s] == MEASURED, network.imports(s))), country_name(focus)
    sent, seen = network.pairs(stage, focus), customs.pairs(stage, focus) if customs is not None else {}
    bought = {pair: t for pair, t in sent.items() if pair[1] == focus}
    others = {pair: t for pair, t in sent.items() if pair[1] != focus}
    drawn = figures.largest_flows(bought, seen, f"to {who}", is_main=True)
    drawn += figures.largest_flows(others, seen, "between others")
    if not drawn:
        return None
    output = dict(zip(network.nodes, network.output[network.stages.index(stage)].tolist(), strict=True))
    hover = {iso: f"<b>{country_name(iso)}</b><br>makes {text.tonnes(t)}" for iso, t in output.items() if iso != REST}
    own = {iso: f"<b>{who}</b><br>makes {text.tonnes(network.made(stage))}" for iso in network.members}
    name, made = names.mineral(network.material), f"{names.form(network.material, stage)}, {network.year}"
    caption = f"{name}, {made}, tonnes of contained material. {figures.FLOWS} {figures.OUTLINES}"
    alt = f"World map of {text.small(name)}, {made}: {'; '.join(flow.told for flow in drawn[:TOLD])}."
    figure = figures.world(output, hover, "t made", own, flows=drawn)
    return Figure(f"flows-{network.material}", figure, caption, alt, sources, 520)
