"""Figures without a browser: their points as a table, as SVG, and as PNG (module raster, which needs Pillow)."""

from khanij.present.vectors.drawing import draw
from khanij.present.vectors.points import points

__all__ = ["draw", "points"]
