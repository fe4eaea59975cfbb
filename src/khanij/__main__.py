"""Run the command line as `python -m khanij`."""

from khanij.cli import main

main()
