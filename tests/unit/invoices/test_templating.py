"""What a template sees of an invoice, and how it is told what is wrong with it."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from omnicrm.emails.formats import LOCALES as LOCALES_OF_EMAILS
from omnicrm.emails.formats import Count, Money, Percentage, formatted
from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.samples import LANGUAGES, Language, sample_credit_note, sample_document, sample_draft
from omnicrm.invoices.template_files import PACKAGED, InvalidTemplate, Template
from omnicrm.invoices.templating import LOCALES, write_html

SAMPLE = sample_document("fr")
PACKAGED_TEMPLATE = Template(folders=(PACKAGED,), name="invoice.html")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "invoice_templates"


def written(folder: Path, text: str, *, document: InvoiceDocument = SAMPLE) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "own.html").write_text(text, encoding="utf-8")
    return write_html(document, template=Template(folders=(folder,), name="own.html"))


def refused(folder: Path, text: str, *, document: InvoiceDocument = SAMPLE) -> str:
    """What is said of a template, without its folder."""
    with pytest.raises(InvalidTemplate) as error:
        written(folder, text, document=document)
    return str(error.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("name", [field.name for field in fields(InvoiceDocument)])
def test_every_field_of_the_document_is_a_variable(folder: Path, name: str) -> None:
    assert written(folder, f"{{{{ {name} is defined }}}}") == "True"


def test_lines_are_called_transactions_too(folder: Path) -> None:
    assert written(folder, "{{ transactions == lines }} {{ transactions|length }}") == "True 6"


@pytest.mark.parametrize("language", LANGUAGES)
def test_amounts_dates_and_numbers_read_as_they_do_in_emails(folder: Path, language: Language) -> None:
    document = replace(sample_document(language), total_amount=Decimal("1234.5"))
    text = "{{ total_amount|money }}|{{ date|date }}|{{ lines[2].quantity|number }}|{{ taxes[1].tax_rate|percent }}"
    assert written(folder, text, document=document).split("|") == [
        formatted(Money(amount=Decimal("1234.5"), currency="EUR"), language),
        formatted(date(2026, 11, 24), language),
        formatted(Count(number=Decimal("127.5")), language),
        formatted(Percentage(percent=Decimal("2.1")), language),
    ]
    assert LOCALES == LOCALES_OF_EMAILS


def test_a_price_keeps_the_decimals_it_has_and_at_least_those_of_the_currency(folder: Path) -> None:
    text = "{{ lines[2].unit_price|price }} {{ lines[3].unit_price|price }}"
    assert written(folder, text, document=sample_document("en")) == "€0.0385 €3.00"


@pytest.mark.parametrize(("currency", "shown"), [("EUR", "1.50"), ("JPY", "2"), ("KWD", "1.500")])
def test_a_currency_has_its_own_decimals(folder: Path, currency: str, shown: str) -> None:
    document = replace(sample_document("en"), currency=currency, total_amount=Decimal("1.5"))
    assert re.sub(r"[^\d.]", "", written(folder, "{{ total_amount|money }}", document=document)) == shown


def test_dates_come_short_when_asked(folder: Path) -> None:
    assert written(folder, '{{ date|date("short") }}') == "24/11/2026"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src="file:///etc/passwd">',
        "</style><style>@import url(http://127.0.0.1:9/x.css)</style>",
        "<svg><image href='http://127.0.0.1:9/x'/></svg>",
    ],
    ids=["script", "image", "style", "svg"],
)
def test_a_customer_s_text_adds_no_element_to_the_page(name: str) -> None:
    assert elements(named(name)) == elements(named("Boulangerie"))


def named(name: str) -> InvoiceDocument:
    """An invoice with this wherever a customer's own text can stand."""
    client = replace(SAMPLE.client, name=name, address=(name,), tax_number=name, registration_number=name)
    return replace(SAMPLE, client=client, lines=(replace(SAMPLE.lines[0], title=name, unit=name),), notes=name)


def elements(document: InvoiceDocument) -> list[tuple[str, list[tuple[str, str | None]]]]:
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, attrs))

    Reader().feed(write_html(document, template=PACKAGED_TEMPLATE))
    return found


def test_a_customer_s_braces_are_no_template(folder: Path) -> None:
    document = replace(SAMPLE, notes="{{ 7 * 7 }}{% include 'x' %}")
    assert written(folder, "{{ notes }}", document=document) == "{{ 7 * 7 }}{% include &#39;x&#39; %}"


def test_characters_that_no_page_can_hold_become_replacement_characters(folder: Path) -> None:
    document = replace(SAMPLE, notes="a\0b\ud800c")
    assert written(folder, "{{ notes }}", document=document) == "a\N{REPLACEMENT CHARACTER}b?c"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n{{ client.nme }}", "own.html:2: there is no nme; did you mean name?"),
        ("\n\n{{ invoice_numbr }}", "own.html:3: there is no invoice_numbr; did you mean invoice_number?"),
        ("{{ star_date|date }}", "own.html:1: there is no star_date; did you mean start_date?"),
        ("\n{% if %}", "own.html:2: Expected an expression, got 'end of statement block'"),
        ("{{ client.name|safe }}", "own.html:1: No filter named 'safe'."),
        ("\n{{ 1 / 0 }}", "own.html:2: division by zero"),
        ("{{ client.name|money }}", "own.html:1: the filter money needs a number or a date, and this is 'Boul"),
        ("{{ client.__class__ }}", "own.html:1: there is no __class__; there are: name, account_number,"),
        ("{{ ().__class__.__bases__ }}", "own.html:1: access to attribute '__class__' of 'tuple' object is unsafe."),
        ("{{ lines.append(1) }}", "own.html:1: 'tuple object' has no attribute 'append'"),
        ("{% for x in range(10**9) %}{% endfor %}", "own.html:1: templates cannot use **"),
        ("{% for x in range(1000000000) %}{% endfor %}", "own.html:1: Range too big."),
        ("\n{% include 'nothing.html' %}", "own.html:2: there is no nothing.html in "),
        ("\n{% include '../x.html' %}", "own.html:2: ../x.html is not the name of a file in "),
        ("{% extends 'own.html' %}", "own.html:1: maximum recursion depth exceeded"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_reason(folder: Path, text: str, said: str) -> None:
    assert refused(folder, text).startswith(said)


def test_a_date_that_may_be_missing_has_to_be_asked_for_first(folder: Path) -> None:
    said = refused(folder, "{{ due_date|date }}", document=sample_draft("fr"))
    assert said == "own.html:1: the filter date needs a number or a date, and this is empty; ask {% if %} first"


def test_a_loop_that_writes_without_end_is_told_with_its_line(folder: Path) -> None:
    loops = '\n{% for a in range(99999) %}{% for b in range(99999) %}{{ "x" * 100000 }}{% endfor %}{% endfor %}'
    assert refused(folder, loops).startswith("own.html:2: this writes more than 50,000,000 characters; look for a loop")


def test_a_mistake_in_an_included_file_is_told_of_that_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "part.html").write_text("\n\n{{ nobody }}")
    assert refused(folder, "{% include 'part.html' %}").startswith("part.html:3: there is no nobody")


def test_an_edited_template_is_taken_up_at_once(folder: Path) -> None:
    assert [written(folder, text) for text in ("one", "the other")] == ["one", "the other"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", [sample_document, sample_credit_note, sample_draft])
def test_the_packaged_template_asks_for_nothing_unknown(
    sample: Callable[[Language], InvoiceDocument], language: Language
) -> None:
    html = write_html(sample(language), template=PACKAGED_TEMPLATE)
    assert f'<html lang="{language}">' in html
