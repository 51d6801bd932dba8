"""Designs: what is pushed to Mailjet as a template."""

import re
from datetime import UTC, datetime

import pytest

from mailjet_sandbox.language import render
from omnicrm.config import Company, current_config
from omnicrm.emails.catalogue import CATALOGUE, UnknownSection
from omnicrm.emails.designs import DESIGNS, Design, InvalidDesign, NoDesign, compile_design, compile_mjml

COMPANY = Company(
    name="Télécom & Fils",
    address="1 rue de la Paix\n75002 Paris",
    website_url="https://telecom.example.com",
    support_email="support@telecom.example.com",
)
WELCOME = "api_crmCommunicationCustomerWelcome"
DESIGNED = [section for section in CATALOGUE if (DESIGNS / f"{section}.mjml").exists()]
every_design = pytest.mark.parametrize("section", DESIGNED)
every_language = pytest.mark.parametrize("language", ["fr", "en"])

_TAG = re.compile(r"\{\{.*?\}\}")
_TAG_WITH_DEFAULT = re.compile(r'\{\{var:(\w+):"[^"]*"\}\}')


def design(section: str, language: str, *, company: Company = COMPANY) -> Design:
    return compile_design(section, language, company=company)


def test_the_customer_welcome_has_a_design() -> None:
    assert WELCOME in DESIGNED


@every_design
@every_language
def test_a_design_uses_only_its_emails_variables_and_each_with_a_default(section: str, language: str) -> None:
    compiled = design(section, language)
    tags = [tag for tag in _TAG.findall(compiled.html + compiled.text) if tag != "{{mj:unsub_link}}"]
    names = [match[1] for tag in tags if (match := _TAG_WITH_DEFAULT.fullmatch(tag))]
    assert len(names) == len(tags)
    assert set(names) <= set(CATALOGUE[section].template_variables)


@every_design
@every_language
def test_mailjets_language_finds_nothing_wrong_with_a_design(section: str, language: str) -> None:
    compiled = design(section, language)
    variables = CATALOGUE[section].sample(language).variables(language)
    for part in (compiled.html, compiled.text):
        rendered = render(part, variables=variables, now=datetime(2026, 11, 24, tzinfo=UTC))
        assert (rendered.errors, rendered.unresolved) == ((), ())
        assert "{{" not in rendered.output
        assert all(value in rendered.output for value in variables.values())


@every_design
@every_language
def test_the_plain_text_says_what_the_html_says(section: str, language: str) -> None:
    compiled = design(section, language)
    assert set(_TAG.findall(compiled.text)) == set(_TAG.findall(compiled.html))
    assert "<" not in compiled.text


@every_design
@every_language
def test_a_design_is_ready_for_phones_dark_mode_and_images_off(section: str, language: str) -> None:
    html = design(section, language).html
    assert 'name="viewport"' in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "<img" not in html


@every_design
@every_language
def test_a_design_loads_nothing_from_anywhere(section: str, language: str) -> None:
    html = design(section, language).html
    assert not re.search(r"<link\b|@import|<script|url\(", html)


@every_design
@every_language
def test_a_design_stays_under_the_size_at_which_mail_clients_cut(section: str, language: str) -> None:
    assert len(design(section, language).html.encode()) < 102_000


@every_design
@every_language
def test_the_footer_has_the_address_the_support_contact_and_the_way_out(section: str, language: str) -> None:
    compiled = design(section, language)
    for part in (compiled.html, compiled.text):
        assert "75002 Paris" in part
        assert "support@telecom.example.com" in part
        assert "{{mj:unsub_link}}" in part


def test_each_language_has_words_of_its_own() -> None:
    french, english = design(WELCOME, "fr"), design(WELCOME, "en")
    assert '<html lang="fr"' in french.html
    assert '<html lang="en"' in english.html
    assert "Bonjour" in french.text
    assert "Hello" not in french.text
    assert "Hello" in english.text
    assert "Bonjour" not in english.text


def test_a_link_keeps_mailjets_tag_exactly_as_written() -> None:
    assert '<a href="{{var:login_url:""}}"' in design(WELCOME, "fr").html


def test_the_mjml_keeps_mailjets_tags_and_none_of_ours() -> None:
    mjml = design(WELCOME, "fr").mjml
    assert mjml.startswith("<mjml")
    assert """href='{{var:login_url:""}}'""" in mjml
    assert "[=" not in mjml
    assert "[%" not in mjml


def test_the_plain_text_is_laid_out_for_reading() -> None:
    text = design(WELCOME, "en").text
    assert "- view and pay your invoices;\n- follow your services" in text
    assert 'Go to my customer area\n{{var:login_url:""}}\n' in text
    assert 'our support page ({{var:support_url:""}}).' in text
    assert "\n\n\n" not in text


def test_a_logo_shows_the_companys_name_when_images_are_off() -> None:
    company = COMPANY.model_copy(update={"logo_url": "https://telecom.example.com/logo.png"})
    html = design(WELCOME, "fr", company=company).html
    assert re.search(r'<img [^>]*alt="Télécom &amp; Fils"[^>]*src="https://telecom.example.com/logo.png"', html)


def test_a_company_name_cannot_break_the_design() -> None:
    company = COMPANY.model_copy(update={"name": '</mj-text><script>"&'})
    compiled = design(WELCOME, "fr", company=company)
    assert "<script" not in compiled.html
    assert '</mj-text><script>"&' in compiled.text


def test_the_configured_company_is_enough_for_a_design() -> None:
    assert "Votre Entreprise" in design(WELCOME, "fr", company=current_config().company).text


def test_an_email_without_a_design_says_which_file_to_write() -> None:
    undesigned = next(section for section in CATALOGUE if section not in DESIGNED)
    with pytest.raises(NoDesign, match=rf"{undesigned} has no design yet: write .*{undesigned}\.mjml"):
        design(undesigned, "fr")


def test_an_unknown_email_is_not_mistaken_for_an_undesigned_one() -> None:
    with pytest.raises(UnknownSection):
        design("../../etc/passwd", "fr")


def test_a_language_without_designs_is_refused() -> None:
    with pytest.raises(NoDesign, match='no designs in "de", only in fr and en'):
        design(WELCOME, "de")


@pytest.mark.parametrize("mistake", ["", "<p>", "<mjml>", "<mjml><mj-body><mj-text>x</mj-body></mjml>", "{{var:x"])
def test_mjml_with_a_mistake_is_reported_with_its_name(mistake: str) -> None:
    with pytest.raises(InvalidDesign, match=r"welcome\.mjml is not valid MJML"):
        compile_mjml(mistake, name="welcome.mjml")


def test_mailjets_statements_reach_the_html_untouched() -> None:
    source = """<mjml><mj-body><mj-section><mj-column>
      <mj-raw>{% if var:ip_address:"" != "" %}</mj-raw>
      <mj-text>From {{var:ip_address:""}}</mj-text>
      <mj-raw>{% endif %}</mj-raw>
    </mj-column></mj-section></mj-body></mjml>"""
    html = compile_mjml(source, name="statements").html
    order = [html.index(tag) for tag in ('{% if var:ip_address:"" != "" %}', '{{var:ip_address:""}}', "{% endif %}")]
    assert order == sorted(order)
