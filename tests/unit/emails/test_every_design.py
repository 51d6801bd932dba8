"""What holds for the design of every email, in French and in English."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace
from datetime import UTC, datetime
from html import unescape

import pytest

from mailjet_sandbox.language import Rendered, render
from omnicrm.config import Company
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.designs import DARK, LIGHT, Design, Palette, compile_design
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.users import EmailVerification, UserPasswordResetSuccess, UserWelcome
from omnicrm.outbox.email import TemplateValue

COMPANY = Company(
    name="Télécom & Fils",
    address="1 rue de la Paix\n75002 Paris",
    website_url="https://telecom.example.com",
    logo_url="https://telecom.example.com/logo.png",
    support_email="support@telecom.example.com",
)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
every_design = pytest.mark.parametrize("section", CATALOGUE)
every_language = pytest.mark.parametrize("language", LOCALES)

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_PRINTED = re.compile(r"\{\{.*?\}\}")
_VARIABLE = re.compile(r'\{\{var:(\w+):""\}\}')
_STATEMENT = re.compile(r'\{% (if (var:\w+:"\w?"|each\.\w+) != "\w?"|else|for each in var:\w+|endfor|endif) %\}')
_LOOP = re.compile(r"\{% for each in var:(\w+) %\}")
_FIELD = re.compile(r"\{\{each\.(\w+)\}\}")


def design(section: str, language: str) -> Design:
    return compile_design(section, language, company=COMPANY)


def rendered(part: str, variables: Mapping[str, TemplateValue]) -> Rendered:
    return render(part, variables=variables, now=NOW)


def received_text(email: CatalogueEmail, language: str) -> str:
    return rendered(design(email.section, language).text, email.variables(language)).output


def texts_of(values: Iterable[TemplateValue]) -> list[str]:
    """Those of the items of lists included."""
    return [
        text
        for value in values
        for text in ([value] if isinstance(value, str) else (text for item in value for text in item.values()))
    ]


def visible(html: str) -> str:
    """The words of the HTML, preheader included, with Mailjet's tags still in them."""
    bare = re.sub(r"<style.*?</style>|<!--.*?-->|<xml>.*?</xml>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "\n", bare))


@every_design
@every_language
def test_both_parts_use_every_variable_of_the_email_and_no_other(section: str, language: str) -> None:
    compiled = design(section, language)
    for part in (compiled.html, compiled.text):
        assert {*_VARIABLE.findall(part), *_LOOP.findall(part)} == set(CATALOGUE[section].template_variables)


@every_design
@every_language
def test_both_parts_show_every_field_of_a_list_and_no_other(section: str, language: str) -> None:
    compiled = design(section, language)
    fields = {name for variable in CATALOGUE[section].template_variables.values() for name in variable.fields}
    for part in (compiled.html, compiled.text):
        assert set(_FIELD.findall(part)) == fields


@every_design
@every_language
def test_every_tag_but_a_lists_has_a_default(section: str, language: str) -> None:
    compiled = design(section, language)
    tags = _TAG.findall(compiled.html + compiled.text)
    known = (_VARIABLE, _STATEMENT, _FIELD)
    assert [tag for tag in tags if not any(pattern.fullmatch(tag) for pattern in known)] == []


@every_design
@every_language
def test_a_message_without_any_variable_is_not_blocked(section: str, language: str) -> None:
    compiled = design(section, language)
    for part in (compiled.html, compiled.text):
        assert rendered(part, {}).errors == ()


@every_design
@every_language
def test_mailjets_language_puts_every_value_into_both_parts(section: str, language: str) -> None:
    compiled = design(section, language)
    variables = CATALOGUE[section].sample(language).variables(language)
    for part in (compiled.html, compiled.text):
        result = rendered(part, variables)
        assert (result.errors, result.unresolved) == ((), ())
        assert not _TAG.search(result.output)
        assert [text for text in texts_of(variables.values()) if text not in result.output] == []


@every_design
@every_language
def test_the_preheader_gives_no_secret_to_a_locked_screen(section: str, language: str) -> None:
    preheader = re.search(r'<div style="display:none;[^>]*>(.+?)</div>', design(section, language).html)
    assert preheader
    assert len(preheader[1]) > 20
    assert not CATALOGUE[section].secrets & set(_VARIABLE.findall(preheader[1]))


@every_design
def test_the_two_languages_have_a_preheader_each(section: str) -> None:
    french, english = (visible(design(section, language).html).split() for language in ("fr", "en"))
    assert french[:8] != english[:8]


@every_design
@every_language
def test_a_design_is_marked_with_its_language(section: str, language: str) -> None:
    html = design(section, language).html
    assert set(re.findall(r'\blang="(\w+)"', html)) == {language}


@every_design
@every_language
def test_a_design_is_ready_for_phones_and_dark_mode(section: str, language: str) -> None:
    html = design(section, language).html
    assert 'name="viewport"' in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html


@every_design
@every_language
def test_a_design_can_be_read_with_images_off_and_by_a_screen_reader(section: str, language: str) -> None:
    html = design(section, language).html
    assert re.findall(r"<img(?![^>]* alt=\"[^\"]+\")", html) == []
    assert re.findall(r'<table(?![^>]* role="presentation")', html) == []
    assert html.count("<h1") == 1


@every_design
@every_language
def test_a_design_loads_nothing_but_the_logo(section: str, language: str) -> None:
    html = design(section, language).html
    assert not re.search(r"<link\b|@import|<script|url\(", html)
    assert re.findall(r'src="([^"]*)"', html) == [COMPANY.logo_url]


@every_design
@every_language
def test_a_design_stays_far_below_the_size_at_which_mail_programs_cut(section: str, language: str) -> None:
    assert len(design(section, language).html.encode()) < 20_000


@every_design
@every_language
def test_nothing_is_smaller_than_14_pixels(section: str, language: str) -> None:
    sizes = {int(size) for size in re.findall(r"font-size: ?(\d+)px", design(section, language).html)}
    assert min(sizes - {0, 1}) >= 14  # 0 closes the gaps between cells, 1 is the hidden preheader's


@every_design
@every_language
def test_a_button_is_high_enough_for_a_thumb_and_keeps_its_shape_in_outlook(section: str, language: str) -> None:
    html = design(section, language).html
    for cell, link in re.findall(r'class="action".*?(<td [^>]*>)(<a .*?>)', html):
        assert re.search(r"font-size:16px;.*line-height:120%;.*padding:14px 28px;", link)
        assert f'bgcolor="{LIGHT.action}"' in cell
        assert "mso-padding-alt:14px 28px" in cell
    assert html.count('class="action"') == ("_url" in html)


@every_design
@every_language
def test_a_design_takes_its_colours_from_the_palettes(section: str, language: str) -> None:
    used = set(re.findall(r"#[0-9a-f]{3,6}\b", design(section, language).html))
    assert used <= {*astuple(LIGHT), *astuple(DARK)}


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("words", "ground"),
    [
        ("text", "page"),
        ("text", "card"),
        ("text", "box"),
        ("muted", "page"),
        ("muted", "card"),
        ("link", "page"),
        ("link", "card"),
        ("link", "box"),
        ("on_action", "action"),
    ],
)
def test_words_stand_out_from_their_ground(palette: Palette, words: str, ground: str) -> None:
    lighter, darker = sorted((luminance(getattr(palette, words)), luminance(getattr(palette, ground))), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """WCAG's relative luminance of "#rrggbb"."""
    shares = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@every_design
@every_language
def test_the_footer_has_the_address_and_the_email_says_whom_to_ask(section: str, language: str) -> None:
    compiled = design(section, language)
    for part in (compiled.html, compiled.text):
        assert "75002 Paris" in part
        assert COMPANY.support_email in part or '{{var:support_email:""}}' in part


@every_design
@every_language
def test_what_cannot_be_unsubscribed_from_does_not_offer_it(section: str, language: str) -> None:
    assert "unsub" not in design(section, language).html.lower()


@every_design
@every_language
def test_the_plain_text_has_neither_markup_nor_gaps(section: str, language: str) -> None:
    text = received_text(CATALOGUE[section].sample(language), language)
    assert not re.search(r"<|&\w+;|\n{3}| {2}| \n(?<!\n-- \n)|^\s", text)
    assert text.startswith({"fr": "Bonjour ", "en": "Hello "}[language])


@every_design
def test_french_is_set_with_no_break_spaces_and_typographic_signs(section: str) -> None:
    compiled = design(section, "fr")
    for part in (visible(compiled.html), compiled.text):
        words = re.sub(r"https?://\S+", "", _PRINTED.sub("x", re.sub(r"\{%.*?%\}", "", part)))
        assert re.findall(r""".{,20}[ \n\w][:;!?»€%].*|.{,20}«[^\N{NO-BREAK SPACE}].*|.*['"].*""", words) == []


@every_design
def test_english_is_set_without_no_break_spaces_and_with_typographic_signs(section: str) -> None:
    compiled = design(section, "en")
    for part in (visible(compiled.html), compiled.text):
        words = _PRINTED.sub("x", re.sub(r"\{%.*?%\}", "", part))
        assert re.findall(r""".{,20}\s[:;!?].*|.*['"].*|.*\N{NO-BREAK SPACE}.*""", words) == []


@every_language
def test_the_verification_code_is_large_and_selected_as_a_whole(language: str) -> None:
    cell = re.search(
        r'<td [^>]*style="([^"]*)">\{\{var:verification_code:""\}\}', design_of(EmailVerification, language)
    )
    assert cell
    assert "font-size: 32px" in cell[1]
    assert "user-select: all" in cell[1]


@every_language
def test_the_verification_link_is_there_as_a_button_and_as_text(language: str) -> None:
    html = design_of(EmailVerification, language)
    assert html.count('href="{{var:verification_url:""}}"') == 2
    assert '>{{var:verification_url:""}}</a>' in html


def design_of(email: type[CatalogueEmail], language: str) -> str:
    return design(email.section, language).html


@pytest.mark.parametrize(
    ("language", "warning"), [("fr", "changé à votre première"), ("en", "changed at first sign-in")]
)
def test_a_temporary_password_comes_with_the_word_that_it_must_be_changed(language: str, warning: str) -> None:
    text = received_text(UserWelcome.sample(language), language)
    assert "\n\nexample-only\n\n" in text
    assert warning in text


@pytest.mark.parametrize(
    ("language", "advice"),
    [("fr", "«\N{NO-BREAK SPACE}Mot de passe oublié\N{NO-BREAK SPACE}»"), ("en", "“Forgot password”")],
)
def test_a_staff_user_without_a_temporary_password_learns_how_to_get_one(language: str, advice: str) -> None:
    text = received_text(replace(UserWelcome.sample(language), temp_password=None), language)
    assert advice in text
    assert {"fr": "temporaire", "en": "temporary"}[language] not in text
    assert "\n\n\n" not in text


@every_language
def test_an_unknown_ip_address_is_not_mentioned(language: str) -> None:
    text = received_text(replace(UserPasswordResetSuccess.sample(language), ip_address=None), language)
    assert "IP" not in text
    assert "\n\n\n" not in text
