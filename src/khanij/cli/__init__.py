"""The command line: every command asks study and draws with present."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; a problem the user can act on becomes three lines and exit code 2.

    Many small systems of equations are solved: threads inside each one only wait for each other.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy loads, which is later
    from khanij.cli.app import launch

    sys.exit(launch(sys.argv[1:]))
