"""The command line: every command asks study and draws with present."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a problem the user can act on becomes three lines and exit code 2."""
    from khanij.cli.app import launch

    sys.exit(launch(sys.argv[1:]))
