"""Figures as plain data ({data, layout}) for plotly.js: one function a figure, no import of the plotly package."""

from khanij.present.figures.bars import balance, ranked, suppliers
from khanij.present.figures.curves import exceedance, months
from khanij.present.figures.gantt import TaskBar, gantt, spans
from khanij.present.figures.lines import lines
from khanij.present.figures.matrix import Point, matrix
from khanij.present.figures.sankey import Node, Stream, sankey
from khanij.present.figures.worldmap import FLOWS, OUTLINES, Flow, largest_flows, outlines, world
from khanij.present.figures.worth import Step, dumbbell, frontier, paired

__all__ = [
    "FLOWS",
    "OUTLINES",
    "Flow",
    "Node",
    "Point",
    "Step",
    "Stream",
    "TaskBar",
    "balance",
    "dumbbell",
    "exceedance",
    "frontier",
    "gantt",
    "largest_flows",
    "lines",
    "matrix",
    "months",
    "outlines",
    "paired",
    "ranked",
    "sankey",
    "spans",
    "suppliers",
    "world",
]
