"""One sandbox process for each test process; every test finds it as fresh as at its start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from mailjet_sandbox.process import SandboxProcess, start_sandbox
from tests.integration.sandbox.caller import Api, NewApi, build_message


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with start_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxControl:
    control = SandboxControl(sandbox_process.url)
    control.reset()
    return control


@pytest.fixture
def api(sandbox_process: SandboxProcess, sandbox: SandboxControl) -> Iterator[Api]:
    caller = Api(sandbox_process.url)
    yield caller
    caller.session.close()


@pytest.fixture
def new_api() -> Iterator[NewApi]:
    """Makes callers of other sandboxes."""
    with ExitStack() as callers:

        def build(url: str) -> Api:
            caller = Api(url)
            callers.enter_context(caller.session)
            return caller

        yield build


@pytest.fixture(name="build_message")
def _build_message() -> Callable[..., dict[str, Any]]:
    """For tests that build on it in fixtures of their own."""
    return build_message
