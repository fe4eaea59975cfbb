import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from khanij.web import app

sys.path.insert(0, str(Path(__file__).parent))
import browser
import database


@pytest.fixture(scope="session")
def client():
    """Return a client of a server in this process, whose worker takes no run."""
    made = app.create()
    made.state.site.worker.start = lambda: None
    with TestClient(made, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def site(client):
    return client.app.state.site


@pytest.fixture(scope="session")
def chrome():
    """Yield a browser; what needs one is skipped where there is none."""
    path = browser.chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=path, args=browser.QUIET)
        yield made
        made.close()


@pytest.fixture(scope="session")
def base(chrome):
    """Yield the address of a server that takes runs."""
    with browser.served() as address:
        yield address


@pytest.fixture
def visit(chrome, base):
    """Yield a page; afterwards nothing may have left the machine, and the console may have said nothing."""
    page = chrome.new_page(viewport={"width": 1440, "height": 900})
    seen = browser.Visit(page, base)
    yield seen
    page.close()
    assert seen.wrong == []


@pytest.fixture(scope="session")
def postgres_server():
    """Yield the address of a PostgreSQL server; what needs one is skipped where there is none."""
    with database.running() as address:
        yield address


@pytest.fixture
def postgres(postgres_server):
    """Return the address of a server without runs."""
    from khanij.jobs.postgres import PostgresConnection

    base = PostgresConnection(postgres_server)
    base.execute("SET client_min_messages = warning")
    base.execute("DROP TABLE IF EXISTS work")
    base.close()
    return postgres_server
