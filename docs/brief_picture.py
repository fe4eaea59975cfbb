"""Draw docs/brief.png: the first page of the brief of one country, by a headless Chromium that must be installed.

python docs/brief_picture.py [COUNTRY]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from khanij.analyses.question import ask, request

TARGET = Path(__file__).with_name("brief.png")
WIDTH, HEIGHT, LIMIT = 900, 1250, 300_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def shoot(page: Path, target: Path) -> None:
    """Write the first screen of a page as PNG; raises SystemExit without a browser."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise SystemExit(f"none of {', '.join(BROWSERS)} is installed")
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        options += ["--disable-background-networking", f"--user-data-dir={profile}", "--virtual-time-budget=8000"]
        options += [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={target}", page.as_uri()]
        subprocess.run([browser, *options], check=True, capture_output=True)


def main() -> None:
    """Write the picture and check its size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("country", nargs="?", default="IND")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "brief.html"
        page.write_bytes(ask(request("brief", focus=asked.country)).files["brief.html"])
        shoot(page, TARGET)
    size = TARGET.stat().st_size
    if size > LIMIT:
        sys.exit(f"{TARGET.name} has {size:,} bytes, more than {LIMIT:,}")
    print(f"{TARGET.name}: {WIDTH} x {HEIGHT}, {size:,} bytes")


if __name__ == "__main__":
    main()
