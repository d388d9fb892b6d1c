from collections.abc import Iterator

import pytest

from tests.fixtures.release import Publisher
from tests.fixtures.web_server import WebServer


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def publisher(server: WebServer) -> Publisher:
    return Publisher(server)
