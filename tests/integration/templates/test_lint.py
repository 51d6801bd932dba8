"""lint: our designs and Mailjet's templates, told apart, with an exit status for scripts."""

from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.templates.conftest import RESET, WELCOME, Mailjet, Operator, number_of


def errors(operator: Operator, *words: str) -> list[Any]:
    ended = operator.run("lint", "--json", *words)
    found = [finding for finding in ended.json["findings"] if finding["level"] == "error"]
    assert (ended.status, ended.json["ok"]) == (1 if found else 0, not found)
    return found


def test_what_was_pushed_has_no_errors(pushed: Operator) -> None:
    ended = pushed.run("lint")
    assert ended.status == 0
    assert "3 templates: 0 errors, 1 warning, 0 notes" in ended.out


def test_a_language_without_a_template_is_told(pushed: Operator) -> None:
    line = f'{RESET}: warning: there is no template in "en", so its recipients get the one in "fr"; add languages.en'
    assert line in pushed.run("lint").out


def test_a_wrong_variable_in_a_live_template_is_told_with_its_place(pushed: Operator, mailjet: Mailjet) -> None:
    html = '<p>\n{{var:User_Name}} <a href="{{var:reset_url}}">Suivre</a></p>'
    mailjet.edit(number_of(RESET), html=html)
    ended = pushed.run("lint")
    place = f"template {number_of(RESET)}, HTML:2:3"
    assert f"{place}: error: var:User_Name is in the wrong case; write var:user_name: names are case-s" in ended.out
    assert ended.status == 1


def test_a_number_mailjet_does_not_know_is_one_error(operator: Operator, mailjet: Mailjet) -> None:
    (error,) = errors(operator, "--section", RESET)
    assert error["where"] == "template 5977511"
    assert "deleted, or belongs to another key" in error["what"]


def test_a_template_of_another_key_is_one_error(operator: Operator, empty_mailjet: SandboxControl) -> None:
    empty_mailjet.put_template(5977511, name="theirs", html="<p>Theirs</p>", api_key="another-key")
    (error,) = errors(operator, "--section", RESET)
    assert "belongs to another key" in error["what"]


def test_an_unpublished_draft_is_one_error(operator: Operator, mailjet: Mailjet) -> None:
    number = mailjet.create("draft")
    operator.reconfigure("template_id: 5977511", f"template_id: {number}")
    (error,) = errors(operator, "--section", RESET)
    assert (error["where"], "draft" in error["what"]) == (f"template {number}", True)


def test_two_megabytes_of_html_are_one_error(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), html="{{" * 1_000_000)
    (error,) = errors(pushed, "--section", RESET)
    assert "1953 KB" in error["what"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("mjml", "<mjml>\n<mj-include path='a.mjml'/></mjml>", ":2: mj-include is not supported"),
        ("mjml", "<mjml><mj-body>" + "<mj-wrapper>" * 50_000, "nested more than 100 deep"),
        ("mjml", "<mjml>\n" + "{{" * 500_000, ":2: {{ is not closed; close it with }}"),
        ("mjml", "hello", "is not valid MJML"),
        ("mjml", "x" * 2_000_000, "has 1953 KB, at most 1024 are read"),
        ("txt", "alone", "there is neither"),
    ],
)
def test_a_file_that_is_no_design_is_one_error(name: str, text: str, what: str, operator: Operator) -> None:
    path = operator.write_design(f"{WELCOME}.en.{name}", text)
    (error,) = errors(operator, "--local")
    assert str(path) in error["what"]
    assert what in error["what"]


def test_two_designs_for_one_template_are_one_error(operator: Operator) -> None:
    for suffix in ("mjml", "html"):
        operator.write_design(f"{WELCOME}.en.{suffix}", "<p>x</p>")
    (error,) = errors(operator, "--local")
    assert error["what"].endswith("keep one of the two")


def test_our_own_designs_need_no_mailjet(operator: Operator, empty_mailjet: SandboxControl) -> None:
    empty_mailjet.clear_calls()
    assert operator.run("lint", "--local").status == 0
    assert empty_mailjet.calls() == []
