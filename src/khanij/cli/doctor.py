"""What this installation is made of, and what of it does not work: each fault in three lines."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires, version

from khanij.core.errors import KhanijError, StudyError
from khanij.core.registry import package_version

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "firefox")
OLDEST = (3, 11)


def examine() -> int:
    """Print every check; returns how many failed."""
    failed = 0
    for name, check in CHECKS:
        try:
            print(f"ok    {name:10} {check()}")
        except KhanijError as wrong:
            failed += 1
            print(f"FAULT {name:10} {wrong.what}")
            for line in wrong.lines()[1:]:
                print(f"      {'':10} {line}")
    return failed


def _program() -> str:
    """Return the version and where it runs."""
    if sys.version_info[:2] < OLDEST:
        raise StudyError(f"Python {platform.python_version()} is too old", where=sys.prefix, hint="3.11 or newer")
    return f"khanij {package_version()}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def _packages() -> str:
    """Return the versions of what khanij needs; raises StudyError for what is not there."""
    try:
        listed = [line for line in requires("khanij") or () if "extra ==" not in line]
    except PackageNotFoundError:
        listed = []
    found, absent = [], []
    for line in listed:
        name = line.replace("(", " ").split(";")[0]
        for sign in "<>=!~[ ":
            name = name.split(sign)[0]
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        hint = "pip install -r requirements-run.lock"
        raise StudyError(f"not installed: {', '.join(absent)}", where="packages", hint=hint)
    return ", ".join(found) or "not installed from a package: nothing to compare with"


def _store() -> str:
    """Return which facts are held; a store that is absent or spoilt says so itself."""
    from khanij.analyses import asked
    from khanij.analyses.inputs.facts import fingerprint
    from khanij.analyses.question import ask

    sources = ask(asked.named("data list")).table("sources")
    own = os.environ.get("KHANIJ_STORE")
    return f"{fingerprint()[:16]}, {len(sources)} sources" + (f", from KHANIJ_STORE={own}" if own else "")


def _reading() -> str:
    """Return one answer: what was read is what was written, hash by hash."""
    from khanij import reference
    from khanij.analyses import asked
    from khanij.analyses.question import ask

    focus = reference.rows("programme_targets")[0]["focal"]
    return str(ask(asked.named("exposure", focus=focus)).findings[0])


def _drawing() -> str:
    """Return whether figures can be drawn; raises StudyError where the library is not there."""
    from khanij.present import page

    return f"plotly.js of {len(page.plotly_script()) / 1e6:.1f} MB: figures draw without a network"


def _browser() -> str:
    """Return a browser of this machine, which is needed to look at pages and to print them, not to make them."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    return found[0] if found else "none found here: pages open in the browser of any machine that gets the file"


def _machine() -> str:
    """Return how much there is to work with."""
    free = shutil.disk_usage(".").free / 1e9
    if not os.access(".", os.W_OK):
        raise StudyError("nothing can be written here", where=os.getcwd(), hint="--out FOLDER, or another folder")
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB of memory"
    return f"{os.cpu_count()} cores{memory}, {free:.0f} GB free on disk"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("program", _program),
    ("packages", _packages),
    ("store", _store),
    ("answers", _reading),
    ("drawing", _drawing),
    ("browser", _browser),
    ("machine", _machine),
)
