"""Somebody to tell events to."""

from collections.abc import Iterator

import pytest

from tests.integration.sandbox.events.receiver import Receiver, serve


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.gate.set()
    server = serve(receiver)
    yield receiver
    receiver.gate.set()
    server.shutdown()
    server.server_close()
