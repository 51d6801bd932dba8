"""The command line: what it prints, where, and its exit status."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import authenticate_api_key
from omnicrm.cli import main
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.outbox.conftest import NOW, Note, note_to, queue

Omnicrm = Callable[..., int]
BROKEN = """\
mailjet:
  api_key: key
  api_crmCommunicationCustomerWelcome:
    from_email: nobody
    from_name: Support
    template_id: many
    subject: Bienvenue
  calls_per_minuet: 200
"""


@pytest.fixture
def omnicrm(monkeypatch: pytest.MonkeyPatch) -> Omnicrm:
    """Runs the command in this process; argparse's own exits count as exit statuses."""
    for name in ("OMNICRM_CONFIG", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ[name])  # a command names its own

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["omnicrm", *words])
        try:
            return main()
        except SystemExit as ended:
            return int(ended.code or 0)

    return run


@pytest.fixture
def broken(tmp_path: Path) -> str:
    path = tmp_path / "crm_config.yaml"
    path.write_text(BROKEN)
    return str(path)


def test_check_tells_all_mistakes_with_their_lines(
    omnicrm: Omnicrm, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert omnicrm("check", "--config", broken) == 1
    out = capsys.readouterr().out
    for line, word in ((4, "from_email"), (6, "template_id"), (8, "calls_per_minute")):
        assert any(f":{line}:" in row and word in row for row in out.splitlines()), out
    assert "api_secret" in out
    assert "4 mistakes" in out


def test_check_answers_scripts_in_json(omnicrm: Omnicrm, broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert omnicrm("--config", broken, "check", "--json") == 1
    answer = orjson.loads(capsys.readouterr().out)
    assert (answer["ok"], len(answer["problems"])) == (False, 4)


def test_check_names_the_emails_a_good_config_leaves_out(
    omnicrm: Omnicrm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "crm_config.yaml"
    good.write_text("mailjet: {api_key: key, api_secret: secret}\n")
    assert omnicrm("check", "--config", str(good)) == 0
    assert "api_crmCommunicationCustomerWelcome is not configured" in capsys.readouterr().out


def test_check_tells_what_breaks_the_template_contract(
    omnicrm: Omnicrm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = "api_crmCommunicationUserPasswordReset"
    content = "{from_email: a@example.com, from_name: A, template_id: 7, subject: Reset}"
    config = tmp_path / "crm_config.yaml"
    config.write_text(f"mailjet:\n  api_key: key\n  api_secret: secret\n  {section}: {content}\n")
    designs = tmp_path / "email_templates"
    designs.mkdir()
    (designs / f"{section}.fr.html").write_text('<p>Bonjour {{var:User_name:""}}</p>')
    (designs / f"{section}.fr.txt").write_text("Bonjour")
    assert omnicrm("check", "--config", str(config)) == 1
    out = capsys.readouterr().out
    assert "var:User_name is in the wrong case; write var:user_name" in out
    assert "lacks reset_url" in out


@pytest.mark.parametrize("command", ["worker", "serve", "migrate", "messages"])
def test_a_missing_config_is_one_line(command: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.yaml")
    ended = subprocess.run(
        [sys.executable, "-m", "omnicrm", command, "--config", missing], capture_output=True, text=True, check=False
    )
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert "none.yaml" in line


@pytest.mark.parametrize("words", [[], ["wrok"]])
def test_an_unknown_command_shows_the_known_ones(
    words: list[str], omnicrm: Omnicrm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert omnicrm(*words) == 2
    assert "usage: omnicrm" in capsys.readouterr().err


def test_help_lists_the_commands(omnicrm: Omnicrm, capsys: pytest.CaptureFixture[str]) -> None:
    assert omnicrm("--help") == 0
    assert "apikey" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_new_api_key_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("apikey", "create", "webshop", "--role", "Billing")
    (key,) = capsys.readouterr().out.splitlines()
    found = authenticate_api_key(plain_key=key, now=NOW)
    assert found is not None
    assert (found.name, found.role) == ("webshop", "Billing")


@pytest.mark.django_db
def test_a_name_is_given_to_one_key_only() -> None:
    call_command("apikey", "create", "webshop")
    with pytest.raises(CommandError, match="name"):
        call_command("apikey", "create", "webshop")
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db
def test_a_revoked_key_opens_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("apikey", "create", "webshop")
    key = capsys.readouterr().out.strip()
    call_command("apikey", "revoke", "webshop")
    assert authenticate_api_key(plain_key=key, now=NOW) is None


@pytest.mark.django_db
def test_messages_are_listed_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    queue(note_to("c1@example.com"), note_to("c2@example.com"))
    call_command("messages", "list", "--to", "c2@example.com", "--json")
    (row,) = orjson.loads(capsys.readouterr().out)
    assert (row["to_email"], row["state"]) == ("c2@example.com", "queued")


@pytest.mark.django_db
def test_showing_a_message_masks_its_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    message = queue(note_to(note=Note(secrets=frozenset({"reset_url"}), content={"reset_url": "https://secret"})))[0]
    call_command("messages", "show", str(message.id), "--json")
    assert orjson.loads(capsys.readouterr().out)[0]["variables"]["reset_url"] == "•••"


@pytest.mark.django_db
def test_failed_messages_are_queued_again_all_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    queue(note_to("c1@example.com"), note_to("c2@example.com"))
    Message.objects.update(state=State.FAILED)
    call_command("messages", "retry", "--state", "failed", "--json")
    assert [row["result"] for row in orjson.loads(capsys.readouterr().out)] == ["queued", "queued"]
    assert set(Message.objects.values_list("state", flat=True)) == {State.QUEUED}


@pytest.mark.django_db
def test_stats_count_by_state_and_lane(capsys: pytest.CaptureFixture[str]) -> None:
    queue(note_to("c1@example.com"), note_to("c2@example.com"))
    call_command("messages", "stats", "--json")
    assert orjson.loads(capsys.readouterr().out) == [{"state": "queued", "lane": "transactional", "messages": 2}]


@pytest.mark.django_db
def test_a_new_staff_user_is_welcomed_by_email(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("user", "create", "ada@example.com", "--name", "Ada Lovelace", "--role", "Support", "--language", "en")
    printed = capsys.readouterr()
    welcome = Message.objects.get(section="api_crmCommunicationUserWelcome")
    assert (welcome.to_email, welcome.variables["role"]) == ("ada@example.com", "Support")
    assert User.objects.get().check_password(welcome.variables["temp_password"])
    assert printed.out == ""
    assert "Ada Lovelace (Support) may sign in as ada@example.com" in printed.err
    assert "valid for 3 days" in printed.err


@pytest.mark.django_db
def test_a_staff_user_is_welcomed_again(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("user", "create", "ada@example.com", "--name", "Ada Lovelace", "--no-welcome")
    call_command("user", "welcome", "ADA@example.com")
    assert "a welcome to ada@example.com is queued" in capsys.readouterr().err
    assert Message.objects.get().section == "api_crmCommunicationUserWelcome"


@pytest.mark.django_db
def test_without_a_welcome_the_password_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["create", "ada@example.com", "--name", "Ada Lovelace", "--role", "Support", "--no-welcome"]
    call_command("user", *words)
    (password,) = capsys.readouterr().out.splitlines()
    assert not Message.objects.exists()
    user = User.objects.get(email="ada@example.com")
    assert (user.check_password(password), user.role, user.is_staff) == (True, "Support", True)


@pytest.mark.django_db
def test_a_forgotten_password_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("user", "create", "ada@example.com", "--name", "Ada Lovelace", "--no-welcome")
    call_command("user", "password", "ADA@example.com")
    first, second = capsys.readouterr().out.splitlines()
    user = User.objects.get()
    assert (user.check_password(first), user.check_password(second)) == (False, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [["create", "ada", "--name", "Ada"], ["password", "nobody@example.com"], ["welcome", "nobody@example.com"]],
)
def test_a_user_that_cannot_be_is_one_line(words: list[str]) -> None:
    with pytest.raises(CommandError, match=words[1]):
        call_command("user", *words)
