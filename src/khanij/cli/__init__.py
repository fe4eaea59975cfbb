"""The command line: every command asks study and draws with present."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; a problem the user can act on becomes three lines and exit code 2.

    Many small systems of equations are solved: threads inside each one only wait for each other, and add in another
    order, which moves last digits; so what the environment says of them does not count.
    """
    for library in ("OPENBLAS", "OMP", "MKL", "BLIS", "VECLIB"):
        os.environ[f"{library}_NUM_THREADS" if library != "VECLIB" else "VECLIB_MAXIMUM_THREADS"] = "1"
    from khanij.cli.app import launch

    sys.exit(launch(sys.argv[1:]))
