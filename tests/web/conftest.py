import pytest
from fastapi.testclient import TestClient

from khanij.web import app


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
