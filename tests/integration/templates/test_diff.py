"""diff: who changed what since the two sides were in step."""

import pytest
from django.db import connection

from mailjet_sandbox.control import SandboxControl
from tests.integration.templates.conftest import RESET, WELCOME, Mailjet, Operator, number_of


def state(operator: Operator, section: str = RESET) -> str:
    rows = operator.run("diff", "--json", "--section", section, "--language", "fr").json
    assert [row["section"] for row in rows] == [section]
    return str(rows[0]["state"])


def test_what_was_just_pushed_is_in_step(pushed: Operator) -> None:
    ended = pushed.run("diff")
    assert (ended.status, ended.out.count("in step")) == (0, 3)


def test_a_change_here_is_told_as_such(pushed: Operator) -> None:
    pushed.reconfigure("subject: Demande", "subject: Nouvelle demande")
    ended = pushed.run("diff", "--section", RESET)
    assert ended.status == 1
    assert "changed here since it was last pushed" in ended.out
    assert "-Demande de réinitialisation" in ended.out
    assert "+Nouvelle demande de réinitialisation" in ended.out


def test_an_edit_in_mailjet_is_told_as_such(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), text="Autre chose")
    assert state(pushed) == "edited_in_mailjet"


def test_both_are_a_conflict(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), text="Autre chose")
    pushed.reconfigure("subject: Demande", "subject: Nouvelle demande")
    assert state(pushed) == "conflict"


def test_the_same_change_on_both_sides_is_in_step(pushed: Operator, mailjet: Mailjet) -> None:
    headers = mailjet.content(number_of(WELCOME)).headers
    mailjet.edit(number_of(WELCOME), headers={**headers, "Subject": "Bonjour"})
    pushed.reconfigure("subject: Bienvenue chez Votre Entreprise", "subject: Bonjour")
    assert state(pushed, WELCOME) == "same"


def test_a_template_that_mailjet_does_not_know_is_missing(operator: Operator) -> None:
    assert state(operator) == "missing"


def test_a_deleted_template_is_missing(pushed: Operator, empty_mailjet: SandboxControl) -> None:
    empty_mailjet.remove_template(number_of(RESET))
    assert state(pushed) == "missing"


def test_a_template_made_by_hand_was_never_pushed(operator: Operator, mailjet: Mailjet) -> None:
    number = mailjet.create("ours", html="<p>By hand</p>")
    operator.reconfigure("template_id: 5977511", f"template_id: {number}")
    assert state(operator) == "never_pushed"


@pytest.mark.parametrize("ends", ["\r\n", "\n\n"])
def test_other_line_ends_are_no_difference(ends: str, pushed: Operator, mailjet: Mailjet) -> None:
    text = mailjet.content(number_of(RESET)).text or ""
    mailjet.edit(number_of(RESET), text=text.replace("\n", "\r\n") if ends == "\r\n" else text + ends)
    assert state(pushed) == "same"


def test_enormous_html_is_compared_by_its_size(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), html="\n".join("<p>x</p>" for _ in range(200_000)))
    (row,) = pushed.run("diff", "--json", "--section", RESET).json
    assert row["state"] == "edited_in_mailjet"
    assert "1799999 characters become" in row["diff"]


def test_every_call_counts_in_the_accounts_budget(pushed: Operator, empty_mailjet: SandboxControl) -> None:
    pushed.reconfigure("calls_per_minute: unlimited", "calls_per_minute: 3000")
    empty_mailjet.clear_calls()
    assert pushed.run("diff").status == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_call")
        assert cursor.fetchone() == (len(empty_mailjet.calls()),)
