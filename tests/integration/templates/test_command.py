"""The command as a whole: questions, answers and exit statuses."""

import io
import sys

import pytest

from omnicrm.cli import main
from omnicrm.config import current_config
from tests.integration.templates.conftest import RESET, Mailjet, Operator


class Keyboard(io.StringIO):
    """Somebody at a terminal, who types this."""

    def isatty(self) -> bool:
        return True


def exit_status(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    current_config.cache_clear()  # a command is a new process, which reads the file anew
    monkeypatch.setattr(sys, "argv", ["omnicrm", "templates", *words])
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    try:
        return main()
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize(("typed", "status", "pushed"), [("y\n", 0, 3), ("\n", 1, 0), ("n\n", 1, 0)])
def test_a_push_asks_first(  # noqa: PLR0917 - fixtures and cases
    typed: str, status: int, pushed: int, operator: Operator, mailjet: Mailjet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exit_status(monkeypatch, "push", typed=typed) == status
    assert len(mailjet.names()) == pushed


@pytest.mark.parametrize("action", ["lint", "diff"])
def test_scripts_can_go_by_the_exit_status(
    action: str, pushed: Operator, mailjet: Mailjet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exit_status(monkeypatch, action) == 0
    pushed.write_design(f"{RESET}.fr.html", "<p>{{var:nope}}</p>")
    assert exit_status(monkeypatch, action) == 1


def test_a_mistake_is_one_line_and_no_trace(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(monkeypatch, "diff", "--section", "nothing") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert 'there is no email "nothing"' in line
