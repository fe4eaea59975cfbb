"""A chain drawn: who sells what into each stage, what the next takes, what leaves; and a stage's flows on the map."""

from __future__ import annotations

from dataclasses import replace

from khanij.present import figures, names, text
from khanij.present.document import Figure
from khanij.present.figures import Flow, Node, Stream
from khanij.reference.names import country_name
from khanij.simulate.supply.networks import REST, UNKNOWN, Network

LINES = 15  # flows to the focus that the map shows, and as many of those between others
LEAST = 1e-3  # part of all flows of its kind below which none is drawn
RECORDED = 0.5  # of a flow: part that customs record between the two, below which it is drawn as estimated
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

    customs  the same flows as customs record them       stage  "" = the one of which the focus buys most
    """
    known = [s for s, by in zip(network.stages, network.trade_basis, strict=True) if by != UNKNOWN and stage in ("", s)]
    if not known:
        return None
    stage, who = max(known, key=network.imports), country_name(focus)
    sent, seen = _pairs(network, focus, stage), _pairs(customs, focus, stage) if customs else {}
    bought = [(pair, t) for pair, t in sent.items() if pair[1] == focus]
    others = [(pair, t) for pair, t in sent.items() if pair[1] != focus]
    drawn = []
    for pairs, series in ((bought, f"to {who}"), (others, "between others")):
        whole = sum(t for _, t in pairs)
        for (a, b), t in sorted(pairs, key=lambda item: -item[1])[:LINES]:
            if t < LEAST * whole:
                break
            guessed = seen.get((a, b), 0.0) < RECORDED * t
            said = f"{country_name(a)} to {country_name(b)}: {text.tonnes(t)}, {text.percent(t / whole)}"
            name = f"{series}, estimated" if guessed else series
            drawn.append(Flow(a, b, t, t / whole, said, name, pairs is bought, guessed))
    if not drawn:
        return None
    output = dict(zip(network.nodes, network.output[network.stages.index(stage)].tolist(), strict=True))
    hover = {iso: f"<b>{country_name(iso)}</b><br>makes {text.tonnes(t)}" for iso, t in output.items() if iso != REST}
    own = {iso: f"<b>{who}</b><br>makes {text.tonnes(network.made(stage))}" for iso in network.members}
    name, made = names.mineral(network.material), f"{names.form(network.material, stage)}, {network.year}"
    caption = (
        f"{name}, {made}, tonnes of contained material: shade, what a country makes; lines, who sends it to whom,"
        f" from the maker. Orange: to {who}, as broad as the part of what it buys; grey: the largest flows between"
        " others, as broad as their part of all of these. Broken: estimated, since customs record less"
        f" than half of it between the two. {figures.OUTLINES}"
    )
    alt = f"World map of {text.small(name)}, {made}: {'; '.join(flow.told for flow in drawn[: LINES + 3])}."
    return Figure(
        f"flows-{network.material}",
        figures.world(output, hover, "t made", own, flows=drawn),
        caption,
        alt,
        sources,
        520,
    )


def _pairs(network: Network, focus: str, stage: str) -> dict[tuple[str, str], float]:
    """Return (maker, user) -> t of a stage between named countries; those of the focus are one."""
    codes = [focus if node in network.members else node for node in network.nodes]
    table = network.flow[network.stages.index(stage)].tolist() if stage in network.stages else []
    found: dict[tuple[str, str], float] = {}
    for a, row in zip(codes, table, strict=False):
        for b, t in zip(codes, row, strict=True):
            if t > 0 and a != b and REST not in (a, b):
                found[a, b] = found.get((a, b), 0.0) + t
    return found
