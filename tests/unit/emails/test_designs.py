"""How a design becomes a Mailjet template: HTML, plain text and MJML."""

import re
import time
from pathlib import Path

import pytest

from omnicrm.config import Company, current_config
from omnicrm.emails.catalogue import CATALOGUE, UnknownSection
from omnicrm.emails.designs import Design, InvalidDesign, NoDesign, compile_design, compile_mjml
from omnicrm.emails.formats import LOCALES

COMPANY = Company(
    name="Télécom & Fils",
    address="1 rue de la Paix\n75002 Paris",
    website_url="https://telecom.example.com",
    support_email="support@telecom.example.com",
)
WELCOME = "api_crmCommunicationCustomerWelcome"


def welcome(language: str, *, company: Company = COMPANY) -> Design:
    return compile_design(WELCOME, language, company=company)


def test_all_designs_together_compile_in_less_than_a_second() -> None:
    started = time.process_time()
    for section in CATALOGUE:
        for language in LOCALES:
            compile_design(section, language, company=COMPANY)
    assert time.process_time() - started < 1


def test_each_language_has_words_of_its_own() -> None:
    french, english = welcome("fr"), welcome("en")
    assert '<html lang="fr"' in french.html
    assert '<html lang="en"' in english.html
    assert "Bonjour" in french.text
    assert "Hello" not in french.text
    assert "Hello" in english.text
    assert "Bonjour" not in english.text


def test_a_link_keeps_mailjets_tag_exactly_as_written() -> None:
    assert '<a href="{{var:login_url:""}}"' in welcome("fr").html


def test_the_mjml_keeps_mailjets_tags_and_none_of_ours() -> None:
    mjml = welcome("fr").mjml
    assert mjml.startswith("<mjml")
    assert """href='{{var:login_url:""}}'""" in mjml
    assert "[=" not in mjml
    assert "[%" not in mjml
    assert "[#" not in mjml


def test_the_mjml_kept_in_mailjet_compiles_to_the_same_email() -> None:
    compiled = welcome("fr")
    assert compile_mjml(compiled.mjml, name="again") == compiled


def test_a_logo_shows_the_companys_name_when_images_are_off() -> None:
    company = COMPANY.model_copy(update={"logo_url": "https://telecom.example.com/logo.png"})
    html = welcome("fr", company=company).html
    assert re.search(r'<img [^>]*alt="Télécom &amp; Fils"[^>]*src="https://telecom.example.com/logo.png"', html)


def test_without_a_logo_the_companys_name_stands_at_the_top_and_no_image_is_missing() -> None:
    html = welcome("fr").html
    assert "<img" not in html
    assert html.index(">Télécom &amp; Fils<") < html.index("<h1")


def test_a_company_name_cannot_break_the_design() -> None:
    company = COMPANY.model_copy(update={"name": '</mj-text><script>"&'})
    compiled = welcome("fr", company=company)
    assert "<script" not in compiled.html
    assert '</mj-text><script>"&' in compiled.text


def test_a_company_without_an_address_leaves_no_empty_line_in_the_footer() -> None:
    text = welcome("en", company=COMPANY.model_copy(update={"address": ""})).text
    assert "Télécom & Fils (https://telecom.example.com)\n\nAny question?" in text


def test_the_configured_company_is_enough_for_a_design() -> None:
    assert "Votre Entreprise" in welcome("fr", company=current_config().company).text


def test_an_unknown_email_is_not_looked_for_among_the_files() -> None:
    with pytest.raises(UnknownSection):
        compile_design("../../etc/passwd", "fr", company=COMPANY)


def test_a_language_without_designs_is_refused() -> None:
    with pytest.raises(NoDesign, match='no designs in "de", only in fr and en'):
        welcome("de")


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


def test_the_documentation_shows_every_email_in_every_language() -> None:
    docs = Path(__file__).parents[3] / "docs"
    pictures = [f"images/emails/{section}.{language}.png" for section in CATALOGUE for language in LOCALES]
    shown = re.findall(r'src="([^"]+)"', (docs / "emails.md").read_text(encoding="utf-8"))
    assert shown == pictures
    assert [picture for picture in pictures if not (docs / picture).exists()] == []
