"""A small document with every kind of cell and figure, its numbers made up for the tests."""

from khanij.core.number import Number
from khanij.core.table import Column, Table
from khanij.present import figures
from khanij.present.document import Chapter, Citation, Dossier, Figure, Sentence

MINE, TRADE = "mine@1", "trade@2"
POINTS = [
    figures.Point("Copper", 3e6, 0.2, ("Imports",), 0.15, 0.3),
    figures.Point("Gallium", 900.0, 0.9, (), marked=True),
    figures.Point("Tin", 8e5, 0.21),
]


def drawings() -> dict[str, dict]:
    nodes = [
        figures.Node("Chile", "supplier", 0.0),
        figures.Node("Ore", "stage", 0.5),
        figures.Node("Use", "use", 1.0),
        figures.Node("Idle"),
    ]
    links = [
        figures.Stream("Chile", "Ore", 5.0),
        figures.Stream("Ore", "Use", 5.0, uncertain=True),
        figures.Stream("Idle", "Use", 0.0),
    ]
    return {
        "matrix": figures.matrix(POINTS, "x", "y", 1e5, 0.3, x_log=True),
        "suppliers": figures.suppliers([("Copper", [("Japan", 0.6), ("Chile", 0.4)]), ("Tin", [("Others", 1.0)])]),
        "balance": figures.balance("Copper", ["ore", "cathode"], {"Output": [1.0, None], "Imports": [2.0, 3.0]}),
        "ranked": figures.ranked([("a", 0.5, "half"), ("b", 0.2, "")], "share", ".0%", ["a"]),
        "world": figures.world({"CHL": 1e6, "ZZZ": 3.0, "BRA": 0.0}, {"CHL": "Chile"}, "kUSD", {"IND": "India"}),
        "sankey": figures.sankey(nodes, links),
        "gantt": figures.gantt(
            [
                figures.TaskBar("A plant of a mineral with a name that is long", "plants", 2025, 2028, "told"),
                figures.TaskBar("A stock", "stockpile", 2026, 2026),
                figures.TaskBar("A mine", "mines", 2030, 2050),
            ],
            2031,
            2042,
        ),
        "paired": figures.paired([("plants", 10.0, 4.0, 2.0, 9.0, "told")], "loss"),
        "dumbbell": figures.dumbbell([("copper", 0.1, 0.3, "told"), ("tin", 0.2, 0.1, "")], "part of use"),
        "frontier": figures.frontier([("none", 9.0, 1.0, 20.0, ""), ("all", 5.0, 0.5, None, "")], "loss"),
        "free": figures.sankey([figures.Node("a"), figures.Node("b")], [figures.Stream("a", "b", 1.0)]),
        "lines": figures.lines(
            [2020, 2021, 2022], {"HHI": [0.1, None, 0.3]}, "HHI", breaks={2021: "new edition", 1990: "never"}
        ),
    }


def grid() -> Table:
    columns = (
        Column("mineral", "Mineral", "text"),
        Column("year", "Year", "year"),
        Column("output", "Output", meaning="own output"),
        Column("part", "First supplier"),
    )
    rows = (
        ("Copper", 2023, Number(27404.2, "t", (MINE,)), Number(0.62, "1", (TRADE,), label="Japan")),
        (
            "=1+1",
            2023,
            Number(1.5, "t", (MINE, TRADE), 1.0, 3.0, "low"),
            Number(None, "1", note="no code </script> of its own"),
        ),
        ("Tin", 2023, Number(None, "t"), Number(0.0004, "1", (TRADE,))),
    )
    return Table("minerals", "Minerals", columns, rows, ("A note.",), long=True)


def dossier(figured: bool = True) -> Dossier:
    shown = tuple(Figure(id, figure, f"Caption {id}", f"Alt {id}", (TRADE,)) for id, figure in drawings().items())
    said = Sentence("is bought </script><b>.", (MINE,), "Copper")
    chapter = Chapter("glance", "At a glance", ((said,),), shown if figured else (), (grid(),), (Sentence("The end."),))
    entry = Citation(MINE, "World mines 1.", "CC-BY-4.0", "https://example.org/mines", "2026-01-01")
    return Dossier("Land: minerals", "whom", {"Year": "2023"}, (said,), (chapter,), {MINE: entry})
