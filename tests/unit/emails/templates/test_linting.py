"""What lint says of a template, each mistake with its place and its mend."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.config import Company, LocalisedTemplate, current_config
from omnicrm.config.writing import TemplateSlot
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.templates.findings import Level
from omnicrm.emails.templates.linting import lint_local, lint_remote
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.templates import EditMode
from tests.unit.emails.templates.conftest import (
    GOOD_HTML,
    GOOD_TEXT,
    INVOICE,
    REMINDER,
    VERIFICATION,
    errors,
    findings,
    remote,
    target,
)

COMPANY = Company(
    name="Télécom & Fils",
    website_url="https://telecom.example.com",
    logo_url="https://telecom.example.com/logo.png",
    support_email="support@telecom.example.com",
)


def all_twenty() -> list[Target]:
    template = LocalisedTemplate(template_id=7, subject="x", from_email="a@example.com", from_name="A")
    return [
        Target(slot=TemplateSlot(section, language), section=section, language=language, template=template)
        for section in CATALOGUE
        for language in LOCALES
    ]


BY_HAND = """\
<!DOCTYPE html>
<html>
<head>
<style>
body { font-family: Arial, sans-serif; }
.button { background-color: #4CAF50; color: white; padding: 14px 28px; }
</style>
</head>
<body>
<img src="https://yourcompany.com/logo.png" alt="Logo" width="200">
<h2>Demande de réinitialisation de mot de passe</h2>
<p>Bonjour {{ var:user_name }},</p>
<p>Nous avons reçu une demande pour réinitialiser votre mot de passe. Cliquez sur le bouton ci-dessous pour créer un
nouveau mot de passe :</p>
<a href="{{ var:reset_url }}" class="button">Réinitialiser le mot de passe</a>
<p>Ce lien expire dans {{ var:expiry_time }}.</p>
<hr>
<p style="font-size: 12px; color: #666;">
Votre Entreprise | support@yourcompany.com<br/>
123 Business St, City, Country
</p>
</body>
</html>
"""


def test_a_template_written_by_hand_with_spaces_in_its_tags_has_no_error() -> None:
    """As the original description of the product shows one: HTML alone, and `{{ var:name }}` with spaces."""
    assert errors(html=BY_HAND, text=None) == []


@pytest.mark.parametrize("space", ["\N{NO-BREAK SPACE}", "&nbsp;"])
def test_a_no_break_space_in_a_tag_is_an_error(space: str) -> None:
    (error,) = errors(html=f"{GOOD_HTML}{{{{{space}var:user_name }}}}")
    assert "{{ var:user_name }}" in error


def test_a_good_template_has_nothing_against_it() -> None:
    assert findings() == []


def test_the_packaged_designs_have_nothing_against_them(tmp_path: Path) -> None:
    config = current_config().model_copy(update={"company": COMPANY})
    assert [str(each) for each in lint_local(all_twenty(), config=config, folder=tmp_path)] == []


def test_all_twenty_are_compiled_and_checked_in_less_than_a_second(tmp_path: Path) -> None:
    config = current_config().model_copy(update={"company": COMPANY})
    before = time.process_time()
    lint_local(all_twenty(), config=config, folder=tmp_path)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (
            "{{var:User_Name}}",
            "HTML:2:3: error: var:User_Name is in the wrong case; write var:user_name: names are case-s",
        ),
        ("{{var:usr_name}}", "HTML:2:3: error: this email has no variable usr_name; did you mean var:user_name?"),
        ("{{var:zzz}}", "HTML:2:3: error: this email has no variable zzz; there are user_name, reset_url, expiry_time"),
        ("{{var:upper}}", "HTML:2:3: error: this email has no variable upper; "),
        ("{{var:user_name.first}}", "error: var:user_name.first does not exist: user_name is one text without parts"),
        ('{{var:amount:"0"}}', "error: this email has no variable amount"),
        ("[[var:amount]]", "error: this email has no variable amount"),
        ("{% if var:user_name %}", "HTML:2:1: error: if is never closed"),
        ("{{ var:user_name ", "HTML:2:1: error: {{ is not closed"),
        ("{{user_name}}", "write var:user_name"),
        ("{{Upper}}", 'HTML:2:3: error: "Upper" is not set in this template; write Upper(…): it is a function'),
        ("{{user_name(1)}}", 'HTML:2:3: error: there is no function "user_name"; '),
    ],
)
def test_a_wrong_tag_is_told_with_its_place_and_its_mend(tag: str, said: str) -> None:
    found = errors(html=f"<h1>x</h1>\n{tag}\n{GOOD_HTML}")
    assert any(said in error for error in found), found
    assert all("\n" not in error for error in found)


def test_an_unknown_variable_is_told_once_however_often_it_is_used() -> None:
    assert len(errors(html=GOOD_HTML + "{{var:nope}}" * 500)) == 1


def test_the_plain_text_is_checked_too() -> None:
    (error,) = errors(text=f"{GOOD_TEXT}\n  {{{{var:nope}}}}")
    assert error.startswith("template 7, text:2:5: error: this email has no variable nope")


def test_a_required_variable_must_be_in_both_parts() -> None:
    html, text = errors(html="<p>{{var:user_name}}</p>", text="{{var:user_name}}")
    assert "the HTML lacks reset_url, without which the email is useless; put {{var:reset_url}} into it" in html
    assert "the plain text lacks reset_url" in text


@pytest.mark.parametrize("enough", ["verification_url", "verification_code"])
def test_either_the_link_or_the_code_is_enough(enough: str) -> None:
    tag = f"{{{{var:{enough}}}}}"
    assert errors(html=f"<p>{tag}</p>", text=tag, section=VERIFICATION) == []
    assert len(errors(html="<p>x</p>", text="x", section=VERIFICATION)) == 2


def test_what_need_not_be_used_is_only_a_warning() -> None:
    (finding,) = findings(html='<a href="{{var:reset_url}}">Go</a>', text="{{var:reset_url}}")
    assert finding.level is Level.WARNING
    assert "does not use user_name, expiry_time" in finding.what


def test_a_missing_text_part_is_a_warning() -> None:
    (finding,) = findings(text=None)
    assert (finding.level, "it has no plain text" in finding.what) == (Level.WARNING, True)


@pytest.mark.parametrize("link", ["pay_url", "invoice_url"])
def test_an_invoice_needs_one_of_its_links(link: str) -> None:
    used = f"{{{{var:invoice_number}}}} {{{{var:total_amount}}}} {{{{var:{link}}}}}"
    assert errors(html=f"<p>{used}</p>", text=used, section=INVOICE) == []
    (without,) = errors(html="<p>{{var:invoice_number}} {{var:total_amount}}</p>", text=used, section=INVOICE)
    assert "the HTML lacks pay_url" in without
    assert "put {{var:pay_url}} or {{var:invoice_url}} into it" in without


def test_a_reminder_needs_no_link_to_pay_online() -> None:
    used = "{{var:invoice_number}} {{var:total_amount}}"
    assert errors(html=f"<p>{used}</p>", text=used, section=REMINDER) == []


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<a href="http://example.com/">x</a>', '"http://example.com/" is not https; write https://'),
        ('<a href="/self-care">x</a>', '"/self-care" leads nowhere from a mailbox'),
        ('<a href="javascript:alert(1)">x</a>', "mailboxes take out javascript: addresses"),
        ("<script>alert(1)</script>", "mailboxes take out <script>"),
        ("<SCRIPT src=//evil>", "mailboxes take out <script>"),
        ("<iframe src='https://example.com'></iframe>", "mailboxes take out <iframe>"),
        ('<img src="http://example.com/a.png" alt="">', "is not https"),
        ('<table background="http://example.com/a.png">', "is not https"),
    ],
)
def test_markup_that_mailboxes_do_not_take_is_an_error(markup: str, said: str) -> None:
    (error,) = [each for each in errors(html=f"{GOOD_HTML}\n  {markup}") if said in each]
    assert "template 7, HTML:3:3: error: " in error


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://example.com/">x</a>',
        '<a href="mailto:help@example.com">x</a>',
        '<a href="tel:+33123456789">x</a>',
        '<a href="#top">x</a>',
        """<a href='{{var:reset_url:""}}'>x</a>""",
        '<a href="{{var:reset_url:""}}">x</a>',
        '<a href="[[var:reset_url]]">x</a>',
        '<img src="https://example.com/a.png" alt="Logo">',
        '<img src="https://example.com/dot.png" alt="">',
    ],
)
def test_good_links_and_images_are_not_errors(markup: str) -> None:
    assert errors(html=f"{GOOD_HTML}{markup}") == []


def test_an_image_without_alt_is_a_warning() -> None:
    (finding,) = findings(html=f'{GOOD_HTML}<img src="https://example.com/a.png">')
    assert (finding.level, finding.what) == (Level.WARNING, "an image has no alt text")


def test_a_link_to_this_very_machine_is_a_warning() -> None:
    (finding,) = findings(html=f'{GOOD_HTML}<a href="http://localhost:8000/">x</a>')
    assert finding.level is Level.WARNING


def test_html_that_big_mailboxes_clip_is_a_warning() -> None:
    (finding,) = findings(html=f"{GOOD_HTML}{'é' * 60_000}")
    assert (finding.level, "clip it at 100" in finding.what) == (Level.WARNING, True)


def test_marketing_must_offer_to_unsubscribe() -> None:
    marketing = lint_remote(target(), remote(purposes=("marketing",)))
    assert [each.what for each in marketing] == ["marketing without a link to unsubscribe"]
    html = f'{GOOD_HTML}<a href="{{{{mj:unsub_link}}}}">x</a>'
    assert lint_remote(target(), remote(html, purposes=("marketing",))) == []


def test_a_saved_section_is_not_a_template() -> None:
    (finding,) = lint_remote(target(), remote(edit_mode=EditMode.SECTION))
    assert "saved section" in finding.what


@given(html=st.text(alphabet='<>{}[]%:"=-/ !\n\x00éa', max_size=300), text=st.text(alphabet="{}%:a\n", max_size=100))
def test_whatever_a_template_holds_it_is_told_line_by_line(html: str, text: str) -> None:
    assert all("\n" not in str(finding) for finding in lint_remote(target(), remote(html, text)))


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", '<a href="', "<a b='", "<a\n", "{{", "{{var:x ", "<", "[[var:", "<a href='x:\n' ", "{%if"]
)
def test_hostile_html_takes_no_more_time_than_its_length_asks_for(piece: str) -> None:
    html = (piece * 300_000)[:300_000]
    before = time.process_time()
    errors(html=html)
    assert time.process_time() - before < 5


def test_a_comment_is_not_checked() -> None:
    assert errors(html=f'{GOOD_HTML}<!--[if mso]><a href="http://example.com">x</a><![endif]-->') == []
