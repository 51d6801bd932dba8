"""The outbox as its rules are told: emails go in, time passes, the sandbox shows what came out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import Config, current_config
from omnicrm.outbox import reconcile
from omnicrm.outbox.budget import Wait
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Outgoing, enqueue_many
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.states import Lane

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Note:
    """An email of the outbox's own tests: any section, lane and variables."""

    section: str = "api_crmCommunicationCustomerInvoice"
    lane: Lane = Lane.TRANSACTIONAL
    secrets: frozenset[str] = frozenset()
    is_marketing: bool = False
    subject_line: str = "Votre Facture - INV-1"
    content: Mapping[str, str] = field(default_factory=lambda: {"customer_name": "Hélène"})

    def subject(self, language: str) -> str:
        return f"{self.subject_line} ({language})"

    def variables(self, language: str) -> Mapping[str, str]:
        return {**self.content, "language": language}


def note_to(email: str = "c1@example.com", *, note: Note | None = None, key: str = "", **more: Any) -> Outgoing:
    to = Recipient(email=email, name="Hélène Lefèvre", language="fr")
    return Outgoing(email=note or Note(), to=to, key=key or f"note:{email}", **more)


def queue(*outgoing: Outgoing, now: datetime = NOW) -> list[Message]:
    """Enqueues and returns the messages in the order given."""
    enqueue_many(outgoing, now=now)
    by_key = {message.key: message for message in Message.objects.filter(key__in=[item.key for item in outgoing])}
    return [by_key[item.key] for item in outgoing]


def queue_notes(count: int, *, note: Note | None = None, prefix: str = "c") -> list[Message]:
    return queue(*(note_to(f"{prefix}{number}@example.com", note=note) for number in range(count)))


def config_for(url: str, *, calls_per_minute: int | None = None) -> Config:
    """The tests' config with its Mailjet at `url`."""
    config = current_config()
    mailjet = config.mailjet.model_copy(update={"base_url": url, "calls_per_minute": calls_per_minute})
    return config.model_copy(update={"mailjet": mailjet})


Act = Callable[..., None]
"""Of a worker process: `act()`, `act(now=…)`, `act(config=…)`."""


@pytest.fixture
def config(sandbox: SandboxControl, sandbox_url: str) -> Config:
    return config_for(sandbox_url)


@pytest.fixture
def drain(config: Config) -> Act:
    """Runs one drain as a worker process would at the moment `now`."""

    async def act(now: datetime, config: Config) -> None:
        async with running_outbox(config, clock=lambda: now) as outbox:
            await outbox.dispatcher.drain()

    return lambda now=NOW, config=config: asyncio.run(act(now, config))


@pytest.fixture
def drain_until_pause(config: Config) -> Act:
    """Drains until trouble has brought about a pause, then stops as a worker stops."""

    async def act(now: datetime, config: Config) -> None:
        async with running_outbox(config, clock=lambda: now) as outbox:
            draining = asyncio.create_task(outbox.dispatcher.drain())
            while not isinstance(await outbox.budget.ask(), Wait):  # noqa: ASYNC110 - it lies in the database
                await asyncio.sleep(0.02)
            outbox.stop()
            await draining

    return lambda now=NOW, config=config: asyncio.run(act(now, config))


@pytest.fixture
def look_after(monkeypatch: pytest.MonkeyPatch, config: Config) -> Act:
    """What a worker does each minute: end leases, reconcile, drain.

    The sandbox tells the real time, which is minutes past NOW when the run has been long.
    """
    monkeypatch.setattr(reconcile, "CLOCKS_APART", timedelta(hours=2))

    async def act(now: datetime, config: Config) -> None:
        async with running_outbox(config, clock=lambda: now) as outbox:
            await outbox.look_after()

    return lambda now=NOW, config=config: asyncio.run(act(now, config))


def states(messages: Sequence[Message]) -> list[str]:
    """The messages' states as they are in the database now."""
    found = Message.objects.in_bulk([message.id for message in messages])
    return [found[message.id].state for message in messages]
