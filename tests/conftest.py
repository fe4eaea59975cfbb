"""Settings of every test: properties are drawn the same way each time, and a slow machine is no failure.

Tests of a file with fixtures of its own for the whole file stay on one worker, so that a brief is written once.
"""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("khanij", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("khanij")


@cache
def stays_together(path: Path) -> bool:
    """Tell whether a file makes something once for all of its tests."""
    return path.is_file() and 'scope="module"' in path.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Return a scheduler that sends such files whole to one worker, the largest first, and other tests one by one."""
    from xdist.scheduler import LoadScopeScheduling

    class FilesWithFixtures(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return file if stays_together(config.rootpath / file) else nodeid

    return FilesWithFixtures(config, log)
