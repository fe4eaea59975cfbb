"""A new kind of lever is a class, rows of the catalogue and nothing else: it is sized, moved, counted and paid for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOY = '''
"""Metal from the sea, in a module that nobody imports by name."""

# ruff: noqa: RUF009
from dataclasses import dataclass

from khanij.plan.levers.base import Lever, SupplyClass, lever
from khanij.plan.levers.declarations import Amount, amount, named
from khanij.plan.levers.supply import add_output

SEA = SupplyClass("from the sea", at_home=True)


@lever("seawater", changes=("production", "world_production", "added_output", "trade", "trade_value"),
       purpose="plants", counts_as=SEA, sized_by="imports")
@dataclass(frozen=True, kw_only=True)
class Seawater(Lever):
    """Metal from the sea."""

    country: str = named("country", "whose coast")
    brine: Amount = amount("tonnes a year in the water", "t/yr", "more", scales=True)
    fouling: Amount = amount("part that is lost", "1", "less", (0.1, 0.2, 0.4), 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced first", ())

    def act(self, ledger, settle, year):
        """Add what is won."""
        won = settle.amount(self, "brine") * (1.0 - settle.amount(self, "fouling"))
        return add_output(self, self.country, ledger, won, year, "nothing is built")
'''
ASKED = """
from pathlib import Path
import sys
import khanij
assert Path(khanij.__file__).is_relative_to(sys.argv[1])
sys.path.insert(0, sys.argv[2])
import worlds
from khanij.plan import levers
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measure
from khanij.plan.planner import goals

base = worlds.ground(years=20)
(measure,) = [one for one in size_measures(base, None, "NCMM") if one.kind == "seawater"]
bought = base.networks["copper"].imports("refined")
assert abs(measure.size - 0.5 * bought) < 1e-6, "sized"
assert (measure.component, measure.lead, measure.cost.best) == ("plants", 3, 1000 * measure.size), "paid for"
assert measure.levers[0].country == base.focus
low, high = (measure.at_end(end).levers[0] for end in ("low", "high"))
assert (low.brine.best, low.fouling.best) == (measure.levers[0].brine.low, 0.4), "moved"
assert (high.brine.best, high.fouling.best) == (measure.levers[0].brine.high, 0.1), "moved"
assert measure.ranged() == ("brine", "fouling")
(twice,) = measure.resized_levers(2.0)
assert (twice.brine.best, twice.fouling.best) == (2 * measure.levers[0].brine.best, 0.2), "scaled"
value = value_measure(base, measure)
assert abs(value.tonnes - 0.8 * measure.size) < 1e-6
home, secured = (goals.read(text, base, "copper:refined") for text in ("50%", "50% secured"))
assert home.is_served_by(measure) and home.tonnes_from(value) == secured.tonnes_from(value) == value.tonnes, "counted"
assert "from the sea" in [one.name for one in levers.supply_classes()]
own = dict(kind="seawater", id="a", material="copper", stage="refined", country="JPN", brine=1)
read = levers.read(own)
assert read.fouling.high == 0.4
print("all of it")
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the package with the toy lever and its rows."""
    folder = tmp_path / "src" / "khanij"
    shutil.copytree(ROOT / "src" / "khanij", folder, ignore=shutil.ignore_patterns("*.parquet", "__pycache__"))
    (folder / "plan" / "levers" / "seawater.py").write_text(TOY, encoding="utf-8")
    rows = {
        "measures": "sea-copper,seawater,Copper from the sea,copper,refined,,\n",
        "measure_figures": "sea-copper,capital,500,1000,2000,USD/t,1,,,khanij-priors,low,made up\n"
        "sea-copper,lead,1,2.5,4,yr,1,,,khanij-priors,low,made up\n",
    }
    for name, text in rows.items():
        with (folder / "reference" / "tables" / f"{name}.csv").open("a", encoding="utf-8", newline="") as table:
            table.write(text)
    return folder.parent


def test_a_new_lever_needs_a_class_and_rows_alone(package):
    found = subprocess.run(
        [sys.executable, "-c", ASKED, str(package), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": str(package)}, capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout.strip() == "all of it", found.stderr
