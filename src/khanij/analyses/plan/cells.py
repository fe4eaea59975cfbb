"""cells"""

from __future__ import annotations

LEVEL = "CVaR 95%"

SMALL = 1e-6
