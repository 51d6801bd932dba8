"""`omnicrm webhook`: what it tells of the addresses at Mailjet, what it changes there, and what it never shows."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
from django.core.management import CommandError, call_command

from mailjet_sandbox.control import SandboxControl
from omnicrm.cli import main
from omnicrm.config import current_config
from omnicrm.mailjet.events import Kind
from omnicrm.mailjet.transport import Transport
from omnicrm.mailjet.webhooks import PATH as CALLBACKS
from omnicrm.mailjet.webhooks import Webhook, list_webhooks

T = TypeVar("T")
Capture = pytest.CaptureFixture[str]
PASSWORD = "p@ss:w/rd é%"
ENCODED = "p%40ss%3Aw%2Frd%20%C3%A9%25"
PUBLIC = "https://crm.yourcompany.com"
OURS = f"https://mailjet:{ENCODED}@crm.yourcompany.com/crm/mailjet/events"
SHOWN = "https://mailjet:•••@crm.yourcompany.com/crm/mailjet/events"
THEIRS = "https://shop:hush@shop.example.com/hook?key=hush"
WEBHOOK = f'webhook: {{username: mailjet, password: "{PASSWORD}"}}'
CONFIG = """\
mailjet:
  api_key: test-key
  api_secret: test-secret
  base_url: {base_url}
  calls_per_minute: unlimited
  {webhook}
server:
  public_url: {public_url}
"""


def text_of(*, base_url: str = "https://api.mailjet.com", webhook: str = WEBHOOK, public_url: str = PUBLIC) -> str:
    return CONFIG.format(base_url=base_url, webhook=webhook, public_url=public_url)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, and all that it said."""

    status: int
    said: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.said)


@dataclass(frozen=True)
class Operator:
    """The operator at the command line, and somebody at work in Mailjet's own pages."""

    file: Path
    sandbox_url: str
    _capture: Capture

    def configure(self, **parts: str) -> None:
        self.file.write_text(text_of(**{"base_url": self.sandbox_url, **parts}), encoding="utf-8")

    def run(self, action: str, *words: str) -> Ended:
        self._capture.readouterr()
        current_config.cache_clear()  # a command is a new process, which reads the file anew
        status, error = 0, ""
        try:
            call_command("webhook", action, *words)
        except CommandError as refused:
            status, error = 1, str(refused)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Ended(status=status, said=self._capture.readouterr().out + error)

    def webhooks(self) -> list[Webhook]:
        return self._at_mailjet(list_webhooks)

    def put(self, kind: Kind, **properties: Any) -> None:
        """Registers an address by hand, or changes the one there is."""
        found = {each.kind: each.id for each in self.webhooks() if not each.is_backup}
        number = None if properties.get("IsBackup") else found.get(kind)
        body = orjson.dumps(properties if number else {"EventType": kind, **properties})
        method, path = ("PUT", f"{CALLBACKS}/{number}") if number else ("POST", CALLBACKS)
        answer = self._at_mailjet(lambda transport: transport.request(method, path, body=body))
        assert answer.status in {200, 201}, answer.body

    def _at_mailjet(self, work: Callable[[Transport], Awaitable[T]]) -> T:
        async def run() -> T:
            async with Transport(base_url=self.sandbox_url, api_key="test-key", api_secret="test-secret") as transport:
                return await work(transport)

        return asyncio.run(run())


@pytest.fixture
def mailjet_url(transactional_db: None, sandbox: SandboxControl, sandbox_url: str) -> str:
    """An account in which nothing is registered."""
    return sandbox_url


@pytest.fixture
def operator(mailjet_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Iterator[Operator]:
    operator = Operator(tmp_path / "crm_config.yaml", mailjet_url, capsys)
    operator.configure()
    monkeypatch.setenv("OMNICRM_CONFIG", str(operator.file))
    current_config.cache_clear()
    yield operator
    monkeypatch.undo()
    current_config.cache_clear()


@pytest.fixture
def registered(operator: Operator) -> Operator:
    assert operator.run("register").status == 0
    return operator


def test_what_was_never_registered_is_missing_and_the_mend_is_named(operator: Operator) -> None:
    ended = operator.run("status")
    assert ended.status == 1
    assert ended.said.count("missing") == len(Kind)
    assert f"`omnicrm webhook register` mends this: it names {SHOWN} to Mailjet" in ended.said


def test_every_kind_of_event_is_registered_with_its_credentials(operator: Operator) -> None:
    ended = operator.run("register")
    assert ended.status == 0
    assert f"Mailjet now posts every kind of event to {SHOWN}" in ended.said
    assert {(each.kind, each.url, each.version) for each in operator.webhooks()} == {(kind, OURS, 2) for kind in Kind}


def test_a_registered_webhook_is_in_order(registered: Operator) -> None:
    ended = registered.run("status")
    assert (ended.status, ended.said.count("ours"), ended.said.count("alive")) == (0, len(Kind), len(Kind))


def test_registering_again_changes_nothing(registered: Operator, sandbox: SandboxControl) -> None:
    sandbox.clear_calls()
    assert "nothing to change" in registered.run("register").said
    assert {call.method for call in sandbox.calls()} == {"GET"}


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("register",), ("register", "--json", "--yes")])
def test_no_password_is_shown_neither_ours_nor_that_of_others(words: tuple[str, ...], operator: Operator) -> None:
    operator.put(Kind.OPEN, Url=THEIRS)
    operator.put(Kind.SENT, Url=OURS)
    ended = operator.run(*words)
    assert "mailjet:•••@" in ended.said or "shop:•••@" in ended.said or "give --yes" in ended.said
    for secret in (PASSWORD, ENCODED, "hush"):
        assert secret not in ended.said


def test_the_address_of_others_is_not_replaced_unasked(operator: Operator) -> None:
    operator.put(Kind.OPEN, Url=THEIRS)
    refused = operator.run("register")
    assert refused.status == 1
    assert "Mailjet would no longer post open to the addresses of others" in refused.said
    assert [each.url for each in operator.webhooks()] == [THEIRS]


class Keyboard(io.StringIO):
    """Somebody at a terminal, who types this."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "status", "posted_to"), [("y\n", 0, OURS), ("\n", 1, THEIRS), ("n\n", 1, THEIRS)])
def test_whoever_is_there_is_asked_before_the_address_of_others_is_replaced(
    typed: str, status: int, posted_to: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.put(Kind.OPEN, Url=THEIRS)
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    assert operator.run("register").status == status
    assert {each.url for each in operator.webhooks()} == {posted_to}


def test_the_address_of_others_is_replaced_on_request(operator: Operator) -> None:
    operator.put(Kind.OPEN, Url=THEIRS)
    assert operator.run("register", "--yes").status == 0
    assert {each.url for each in operator.webhooks()} == {OURS}


def test_a_backup_is_left_alone(operator: Operator) -> None:
    operator.put(Kind.OPEN, Url=THEIRS, IsBackup=True)
    assert operator.run("register").status == 0
    assert [each.url for each in operator.webhooks() if each.is_backup] == [THEIRS]


def test_an_address_that_mailjet_gave_up_is_dead_until_it_is_registered_again(registered: Operator) -> None:
    registered.put(Kind.BOUNCE, Status="dead")
    told = registered.run("status")
    assert told.status == 1
    assert "bounce: dead: Mailjet has given up after a day of failures" in told.said
    assert registered.run("register").status == 0
    assert registered.run("status").status == 0


def test_a_new_password_is_to_be_registered(registered: Operator) -> None:
    registered.configure(webhook="webhook: {username: mailjet, password: another}")
    told = registered.run("status")
    assert (told.status, told.said.count("not with the credentials in mailjet.webhook")) == (1, len(Kind))
    registered.run("register")
    assert {each.url for each in registered.webhooks()} == {OURS.replace(ENCODED, "another")}


def test_an_address_of_version_1_is_brought_to_version_2(operator: Operator) -> None:
    operator.put(Kind.CLICK, Url=OURS)
    assert "click: of version 1" in operator.run("register").said
    assert {each.version for each in operator.webhooks()} == {2}


def test_another_public_address_may_be_given(operator: Operator) -> None:
    words = ("--url", "https://hooks.yourcompany.com/")
    assert operator.run("register", *words).status == 0
    assert {each.url for each in operator.webhooks()} == {OURS.replace("crm.", "hooks.")}
    assert operator.run("status", *words).status == 0
    assert "somebody else" in operator.run("status").said


def test_scripts_get_what_stands_where(operator: Operator) -> None:
    operator.put(Kind.OPEN, Url=THEIRS)
    answer = operator.run("status", "--json").json
    rows = {row["event"]: row for row in answer["events"]}
    assert (answer["ok"], answer["url"]) == (False, SHOWN)
    assert rows["open"] == {
        "event": "open",
        "address": "somebody else's",
        "url": "https://shop:•••@shop.example.com/hook?•••",
        "version": 1,
        "alive": True,
        "why": "Mailjet posts it to somebody else: https://shop:•••@shop.example.com/hook?•••",
    }
    assert (rows["sent"]["address"], rows["sent"]["url"], rows["sent"]["alive"]) == ("missing", "", None)


def test_scripts_get_what_was_changed(operator: Operator) -> None:
    operator.put(Kind.SENT, Url=OURS, Version=2)
    answer = operator.run("register", "--json").json
    assert answer["ok"]
    assert set(answer["changed"]) == set(Kind) - {Kind.SENT}


def test_without_credentials_there_is_nothing_to_register(operator: Operator, sandbox: SandboxControl) -> None:
    operator.configure(webhook="")
    ended = operator.run("register")
    assert ended.status == 1
    assert ended.said.startswith("mailjet.webhook is not configured; choose a username and a password")
    assert sandbox.calls() == []


def test_a_trouble_of_mailjets_is_one_line(operator: Operator, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=500)
    ended = operator.run("status")
    assert (ended.status, ended.said) == (1, "Mailjet answered HTTP 500")


# omnicrm check


def check(monkeypatch: pytest.MonkeyPatch, file: Path, *words: str) -> int:
    monkeypatch.setenv("OMNICRM_CONFIG", str(file))  # the command sets it, and this undoes it
    monkeypatch.setattr(sys, "argv", ["omnicrm", "check", "--config", str(file), *words])
    return main()


def test_check_notes_that_nobody_would_learn_what_became_of_the_emails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "crm_config.yaml"
    file.write_text(text_of(webhook=""), encoding="utf-8")
    assert check(monkeypatch, file) == 0
    assert "note: mailjet.webhook is not configured" in capsys.readouterr().out
    assert check(monkeypatch, file, "--json") == 0
    (warning,) = orjson.loads(capsys.readouterr().out)["warnings"]
    assert "omnicrm webhook register" in warning


def test_check_has_nothing_to_note_of_a_configured_webhook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "crm_config.yaml"
    file.write_text(text_of(), encoding="utf-8")
    assert check(monkeypatch, file, "--json") == 0
    assert orjson.loads(capsys.readouterr().out)["warnings"] == []
