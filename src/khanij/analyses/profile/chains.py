"""Chains as Sankey diagrams: who sends what into each stage, what the next stage takes, what leaves."""

from __future__ import annotations

from dataclasses import replace

from khanij.analyses.profile.forms import RAW, form
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, total
from khanij.core.number import Number
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.present.figures import Node, Stream
from khanij.present.names import mineral

ALWAYS = (
    "copper",
    "titanium",
    "lithium",
    "rare-earths",
)  # the chains that every brief shows where there is anything to show
ALSO = ("nickel", "cobalt", "graphite", "aluminium", "zinc", "manganese")
MOST = 5
TINY = 2e-4  # streams below this part of the diagram's largest stream cannot be seen and are left out


def chosen(profile: CountryProfile) -> tuple[str, ...]:
    """Return the materials whose chain is drawn: the standing four, then others of the country's list."""
    return (*ALWAYS, *(m for m in ALSO if m in profile.listed))


class SankeyChain:
    """The diagram of one material: boxes, streams, and the numbers in them."""

    def __init__(self, profile: CountryProfile, material: str) -> None:
        """Collect the stages of the material on which any tonnage is known."""
        self.profile, self.material = profile, material
        self.links: list[Stream] = []
        self.nodes: dict[str, Node] = {}
        self.used: list[Number] = []
        self.box: Node | None = None
        self.left = 0.0
        self.stages = [s for s in RAW if self.bought(s) or self.home(s) or self.sold(s)]
        for k, stage in enumerate(self.stages):
            self.stage(k, stage)

    def bought(self, stage: str) -> dict[str, Number]:
        """Return supplier -> contained tonnes of one stage."""
        return dict(self.profile.import_tonnes.get((self.material, stage), {}))

    def sold(self, stage: str) -> float:
        """Return contained tonnes exported at one stage."""
        numbers = self.profile.export_tonnes.get((self.material, stage), {})
        self.used += numbers.values()
        return total(numbers.values()).value or 0.0

    def home(self, stage: str) -> float:
        """Return own output of a stage."""
        number = self.profile.own_output((self.material, stage))
        self.used += [number] if number else []
        return (number.value if number else None) or 0.0

    def add(self, source: Node, target: Node, value: float, hover: str, uncertain: bool = False) -> None:
        """Add a stream and its two boxes."""
        self.nodes.setdefault(source.name, source)
        self.nodes.setdefault(target.name, target)
        self.links.append(Stream(source.name, target.name, value, hover, uncertain))

    def stage(self, k: int, stage: str) -> None:
        """Add one stage: what comes in from abroad and at home, what leaves, what the next stage can take."""
        steps = 2 * len(self.stages)
        left, at, right = (2 * k / steps, (2 * k + 1) / steps, (2 * k + 2) / steps)
        mark = " " * k  # boxes of the same name at different stages are told apart by blanks
        box = Node(text.capital(form((self.material, stage))), "stage", at)
        parts = self.bought(stage)
        self.used += parts.values()
        abroad = total(parts.values()).value or 0.0
        own, before = self.home(stage), self.left
        fed = min(own, before)
        if self.box:
            way = Node(f"turned {stage}", "pass", left)
            self.add(self.box, way, fed, f"Turned into {box.name.lower()} in {self.profile.name}", uncertain=True)
            self.add(way, box, fed, f"Turned into {box.name.lower()} in {self.profile.name}", uncertain=True)
        name = f"Mines in {self.profile.name}" if stage == "mined" else f"Other feed in {self.profile.name}"
        told = (
            name
            if stage == "mined"
            else f"Output of {box.name.lower()} in {self.profile.name} from scrap, stocks or unrecorded feed"
        )
        self.add(Node(name + mark, "home", left), box, own - fed, told, uncertain=stage != "mined")
        named = largest(parts, MOST)
        for iso, number in named:
            self.add(
                Node(country_name(iso) + mark, "supplier", left),
                box,
                number.value or 0.0,
                f"{country_name(iso)} → {box.name.lower()}, imports",
            )
        rest = abroad - sum(n.value or 0.0 for _, n in named)
        others = text.count(len(parts) - len(named), "other supplier")
        self.add(Node("Others" + mark, "supplier", left), box, rest, f"{others} → {box.name.lower()}, imports")
        if self.box:
            self.add(
                self.box,
                Node("Not followed" + mark, "unknown", left),
                before - fed,
                "What the next stage's recorded output does not take up: losses, stocks, other uses, gaps in the"
                " records",
                uncertain=True,
            )
        out = min(self.sold(stage), abroad + own)
        self.add(box, Node("Exports" + mark, "use", right), out, f"{box.name} → exports")
        self.box, self.left = box, abroad + own - out
        if k == len(self.stages) - 1:
            self.add(
                box,
                Node("Use at home", "use", right),
                self.left,
                "Supply less exports; stock changes are not known",
                uncertain=True,
            )

    def placed(self, links: list[Stream]) -> list[Node]:
        """Return the boxes that the streams touch, moved so that the diagram fills its width."""
        touched = {end for link in links for end in (link.source, link.target)}
        nodes = [node for node in self.nodes.values() if node.name in touched]
        left, right = min(node.x or 0.0 for node in nodes), max(node.x or 0.0 for node in nodes)
        return [replace(node, x=((node.x or 0.0) - left) / (right - left)) for node in nodes]

    def figure(self) -> Figure | None:
        """Return the diagram, or None where there is too little to draw."""
        drawn = [link for link in self.links if link.value > 0]
        if len(drawn) < 2:
            return None
        size = max(link.value for link in drawn)
        kept = [link for link in drawn if link.value > TINY * size]
        known = [n for n in self.used if n.value]
        sources = tuple(sorted({s for n in known for s in n.sources}))
        weak = any(n.confidence == "low" for n in known)
        caption = (
            f"{mineral(self.material)}: into and through {self.profile.name}, {self.profile.year}, tonnes of"
            " contained material."
            " Blue-green streams are recorded; orange ones follow from the balance, since what passes from one stage"
            " to the next is not reported."
        )
        if weak:
            caption += " Some contents of traded goods are of low confidence."
        entering = [link for link in kept if link.target == kept[0].target]
        top = sorted(entering, key=lambda link: -link.value)[:3]
        alt = f"Sankey diagram of {mineral(self.material).lower()}: " + text.joined(
            f"{link.source.strip()} to {link.target.strip().lower()} {text.tonnes(link.value)}" for link in top
        )
        height = 170 + 18 * len(self.nodes)
        return Figure(
            f"chain-{self.material}",
            figures.sankey(self.placed(kept), kept, "t", min(max(height, 280), 480)),
            caption,
            alt + ".",
            sources,
        )


def diagrams(profile: CountryProfile) -> tuple[Figure, ...]:
    """Return the diagrams of the chosen chains on which enough is known."""
    drawn = (SankeyChain(profile, material).figure() for material in chosen(profile))
    return tuple(figure for figure in drawn if figure)


def undrawn(profile: CountryProfile) -> list[str]:
    """Return the names of the standing chains of which too little is recorded to draw them."""
    return [mineral(m).lower() for m in ALWAYS if SankeyChain(profile, m).figure() is None]
