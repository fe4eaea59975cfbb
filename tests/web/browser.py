"""A browser for tests: headless Chromium of the system; where there is none, a test is skipped with one sentence."""

import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT

from khanij.web import app

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """Return where Chromium is; skips the test where it is not, and fails it where CI says that it must be there."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("KHANIJ_NEEDS_BROWSER"):
        pytest.fail("Chromium is not installed, and CI may not skip this")
    if found is None:
        pytest.skip("Chromium is not installed: pages are tested without a browser only")
    return found


@contextmanager
def served(state=None):
    """Yield the address of a server in a thread of this process."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.create(state), access_log=False, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)
        taken.close()


def violations(page):
    """Return what a page does against WCAG 2.1 AA and good practice by axe-core, and its links that lead nowhere."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        """async tags => {
          const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
          const said = found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}`));
          const dead = [...document.querySelectorAll('a[href^="#"]')]
            .filter(a => a.hash.length > 1 && !document.getElementById(decodeURIComponent(a.hash.slice(1))));
          return [...said, ...dead.map(a => `dead-link: ${a.hash}`)];
        }""",
        RULES,
    )


class Visit:
    """A page of the browser that notes what leaves the machine and what the console complains of."""

    def __init__(self, page, base):
        """Watch a page."""
        self.page, self.base, self.wrong = page, base, []
        page.on("console", lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((base, "data:", "blob:")) else self.wrong.append(r.url))

    def open(self, path):
        """Open an address and wait until every part of the page is there."""
        self.page.goto(self.base + path)
        self.settle()

    def settle(self):
        """Wait until every part is there."""
        self.page.wait_for_selector("[aria-busy]", state="detached", timeout=30_000)
