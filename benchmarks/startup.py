"""How long a person waits before anything happens: `import khanij` and `khanij --help`.

Each command is started 15 times as a new process and its median taken; the time of an interpreter that does nothing is
taken in turn with them, so that the three see the same machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
IMPORT, HELP = 0.020, 0.300  # seconds; design, section 6


def seconds(command: list[str]) -> float:
    """Return the wall time of one run of a command; raises if it fails."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "100"})
    return time.perf_counter() - start


def medians(commands: dict[str, list[str]], runs: int = RUNS) -> dict[str, float]:
    """Return the median wall time of each command, run in turn after one run each that only fills the file cache."""
    for command in commands.values():
        seconds(command)
    taken = [{name: seconds(command) for name, command in commands.items()} for _ in range(runs)]
    return {name: statistics.median(row[name] for row in taken) for name in commands}


def main() -> int:
    """Print each number beside its target; return 1 if one is missed."""
    script = Path(sys.executable).parent / "khanij"
    measured = medians(
        {
            "interpreter": [sys.executable, "-c", "pass"],
            "import": [sys.executable, "-c", "import khanij"],
            "help": [str(script), "--help"],
        }
    )
    found = {
        "import khanij, beyond the interpreter": (measured["import"] - measured["interpreter"], IMPORT),
        "khanij --help": (measured["help"], HELP),
    }
    print(f"median of {RUNS} runs; an interpreter that does nothing takes {measured['interpreter'] * 1e3:.1f} ms")
    for name, (took, target) in found.items():
        verdict = "holds" if took <= target else "MISSED"
        print(f"{name:<40} {took * 1e3:7.1f} ms   target {target * 1e3:5.0f} ms   {verdict}")
    return int(any(took > target for took, target in found.values()))


if __name__ == "__main__":
    sys.exit(main())
