"""What is wrong with a template as a whole: one line each, with what to do about it."""

from pathlib import Path

import pytest

from omnicrm.config import current_config
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.linting import lint_local, lint_remote
from omnicrm.mailjet.templates import EditMode
from tests.unit.emails.templates.conftest import GOOD_HTML, GOOD_TEXT, RESET, errors, remote, target

LARGE = f"{GOOD_HTML}{'x' * 2 * 1024 * 1024}"
ITSELF = f'<mjml><mj-body>\n<mj-include path="{RESET}.en.mjml" /></mj-body></mjml>'
SCRIPT = (
    "<mjml><mj-body><mj-raw>\n<script>alert(1)</script></mj-raw><mj-section><mj-column>"
    "<mj-text>{{var:user_name}} {{var:reset_url}} {{var:expiry_time}}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "it was deleted, or belongs to another key; run `omnicrm templates push --section"),
        (remote(None, None), "a draft that was never published; publish it in Mailjet, or push it"),
        (remote(edit_mode=EditMode.SECTION), "a saved section, not a template; write another number"),
        (remote(LARGE), "the HTML has 2048 KB, more than is checked or pushed; make it shorter"),
    ],
    ids=["deleted-or-of-another-key", "draft", "section", "huge"],
)
def test_a_template_that_cannot_be_sent_is_one_line(found: Remote | None, said: str) -> None:
    (finding,) = lint_remote(target(), found)
    assert said in str(finding)
    assert str(finding).startswith("template 7")


@pytest.mark.parametrize(
    ("suffix", "content", "said"),
    [
        ("html", LARGE, "has 2048 KB, at most 1024 are read; make it shorter"),
        ("mjml", ITSELF, ":2: mj-include is not supported; put what it includes in its place"),
        ("mjml", SCRIPT, ":2:1: error: mailboxes take out <script>; take it out, and link to a page instead"),
    ],
    ids=["huge", "includes-itself", "script"],
)
def test_a_design_that_cannot_be_sent_is_one_line(tmp_path: Path, suffix: str, content: str, said: str) -> None:
    (tmp_path / f"{RESET}.en.{suffix}").write_text(content, encoding="utf-8")
    (finding,) = lint_local([target()], config=current_config(), folder=tmp_path)
    assert said in str(finding)
    assert "\n" not in str(finding)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("{{var:upper}}", "this email has no variable upper; there are user_name"),
        ("{{upper}}", '"upper" is not set in this template; write Upper(…): it is a function'),
        ("{{var:user_name(1)}}", '"(" is not expected here; put an operator before it'),
    ],
)
def test_a_variable_named_like_a_function_is_one_line(tag: str, said: str) -> None:
    (error,) = errors(html=f"{GOOD_HTML}{tag}", text=GOOD_TEXT)
    assert said in error
