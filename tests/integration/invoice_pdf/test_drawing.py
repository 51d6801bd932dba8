"""Invoices as their customers get them."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import structlog
from pypdf import PdfReader
from structlog.testing import capture_logs

from omnicrm.invoices import rendering
from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.rendering import Renderers
from omnicrm.invoices.samples import LANGUAGES, Language, sample_credit_note, sample_document, sample_draft
from tests.integration.invoice_pdf.conftest import PACKAGED_TEMPLATE, Written, texts


def drawn(renderers: Renderers, document: InvoiceDocument) -> bytes:
    return renderers.render(document, template=PACKAGED_TEMPLATE)


def named(name: str) -> InvoiceDocument:
    sample = sample_document("fr")
    client = replace(sample.client, name=name, address=(name,))
    return replace(sample, client=client, lines=(replace(sample.lines[0], title=name),), notes=name)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            [
                "Facture INV-2026-000042",
                "24 décembre 2026",
                "Total TTC 106,59 €",
                "Reste à payer 96,59 €",
                "Page 1 / 1",
            ],
        ),
        (
            "en",
            [
                "Invoice INV-2026-000042",
                "24 December 2026",
                "Total incl. VAT €106.59",
                "Amount due €96.59",
                "Page 1 / 1",
            ],
        ),
    ],
)
def test_an_invoice_reads_in_its_language(renderers: Renderers, language: Language, words: list[str]) -> None:
    (page,) = texts(drawn(renderers, sample_document(language)))
    assert [word for word in words if word not in page] == []


def test_an_invoice_can_be_searched_and_copied_from(renderers: Renderers) -> None:
    """Cairo takes a character back from its glyph: alternate figures, ligatures and hyphens would not come back."""
    (page,) = texts(drawn(renderers, sample_document("fr")))
    assert "Remise de fidélité 12/10/2026 – 31/10/2026 1 -5,00 € 20 % -5,00 €" in page
    assert "Appels vers l’international 127,5 0,0385 € 20 % 4,91 €" in page


def test_a_credit_note_names_what_it_corrects_and_asks_for_no_money(renderers: Renderers) -> None:
    (page,) = texts(drawn(renderers, sample_credit_note("en")))
    assert "Credit note CN-2026-000007" in page
    assert "Corrects invoice INV-2026-000042" in page
    assert "How to pay" not in page


def test_a_draft_says_that_it_is_no_invoice(renderers: Renderers) -> None:
    (page,) = texts(drawn(renderers, sample_draft("fr")))
    assert "Brouillon : ceci n’est pas une facture" in page


def test_what_was_paid_already_is_not_asked_for(renderers: Renderers) -> None:
    invoice = sample_document("en")
    paid = replace(invoice, balance_due=invoice.net_amount - invoice.net_amount)
    (page,) = texts(drawn(renderers, paid))
    assert "Paid in full. Nothing is due." in page
    assert "IBAN" not in page


def test_a_long_table_repeats_its_head_and_every_page_has_its_number(renderers: Renderers) -> None:
    pages = texts(drawn(renderers, sample_document("fr", lines=90)))
    assert len(pages) > 2
    assert all(f"Page {number} / {len(pages)}" in page for number, page in enumerate(pages, start=1))
    assert all("Désignation Quantité Prix unitaire HT" in page for page in pages)
    assert sum(page.count("Fibre 1 Gb/s") for page in pages) == 15


def test_five_thousand_lines_are_all_there(renderers: Renderers) -> None:
    reader = PdfReader(BytesIO(drawn(renderers, sample_document("en", lines=5000))))
    first, *last = (reader.pages[number].extract_text() for number in (0, -2, -1))
    assert len(reader.pages) > 100
    assert f"Page 1 / {len(reader.pages)}" in first
    assert "Total incl. VAT" in " ".join(last)


@pytest.mark.parametrize(
    "name",
    [
        "W" * 10_000,
        "ש" * 10_000,
        "mot " * 2_500,
        "شركة الاتصالات \N{RIGHT-TO-LEFT OVERRIDE}evil",
        "a" + "\u0301" * 5_000,
        "\1\x7f",
    ],
    ids=["unbroken", "right to left", "words", "override", "accents", "control"],
)
def test_a_name_of_any_kind_makes_a_right_page(renderers: Renderers, name: str) -> None:
    pages = texts(drawn(renderers, named(name)))
    assert "Total TTC" in " ".join(pages)
    assert all(f"Page {number} / {len(pages)}" in page for number, page in enumerate(pages, start=1))


def test_a_long_name_stays_within_the_margins(renderers: Renderers) -> None:
    edges: list[float] = []

    def visit(text: str, _: Any, matrix: list[float], *__: Any) -> None:
        if text.strip():
            edges.append(matrix[4])

    for page in PdfReader(BytesIO(drawn(renderers, named("W" * 2_000)))).pages:
        page.extract_text(visitor_text=visit)
        assert float(page.mediabox.width) == pytest.approx(595.3, abs=0.1)
    assert edges
    assert max(edges) < 595


def test_characters_without_a_glyph_are_told_in_the_log(renderers: Renderers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "log", structlog.get_logger())  # the module's own may be bound to an earlier set-up
    with capture_logs() as logs:
        drawn(renderers, named("Ελληνικά Кириллица עברית 😀 漢"))
    (warning,) = [log for log in logs if log["event"] == "invoice_without_glyph"]
    assert (warning["characters"], warning["invoice_number"]) == ("漢", "INV-2026-000042")


def test_the_same_invoice_makes_the_same_bytes_in_every_process(renderers: Renderers) -> None:
    with Renderers(processes=1) as others:
        assert drawn(renderers, sample_document("fr")) == drawn(others, sample_document("fr"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_tells_its_title_author_and_date(renderers: Renderers, language: Language) -> None:
    about = PdfReader(BytesIO(drawn(renderers, sample_document(language)))).metadata
    assert about is not None
    assert about.title == {"fr": "Facture", "en": "Invoice"}[language] + " INV-2026-000042"
    assert about.author == "Votre Entreprise"
    assert about.creation_date == about.modification_date
    assert f"{about.creation_date:%Y-%m-%d}" == "2026-11-24"


def test_all_fonts_are_embedded_and_are_ours(renderers: Renderers) -> None:
    reader = PdfReader(BytesIO(drawn(renderers, named("Ελληνικά Кириллица עברית"))))
    fonts = list(fonts_of(reader))
    assert {name.partition("+")[2] for name, _ in fonts} == {"Roboto-Regular", "Roboto-Bold", "DejaVuSans"}
    assert all(is_embedded for _, is_embedded in fonts)


def fonts_of(reader: PdfReader) -> Iterator[tuple[str, bool]]:
    for page in reader.pages:
        for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]  # a PDF's dictionaries
            font = reference.get_object()
            font = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            yield str(font["/BaseFont"])[1:], bool({"/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"]))


def test_the_link_to_pay_is_one(renderers: Renderers) -> None:
    page = PdfReader(BytesIO(drawn(renderers, sample_document("fr")))).pages[0]
    links = [annotation.get_object()["/A"]["/URI"] for annotation in page["/Annots"]]  # type: ignore[attr-defined]
    assert links == ["https://crm.yourcompany.com/self-care/invoices/42/pay/"]


def test_a_logo_beside_the_template_takes_the_place_of_the_name(renderers: Renderers, written: Written) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'
    template = written('{% include "invoice.html" %}', **{"logo.svg": logo})
    (page,) = texts(renderers.render(sample_document("fr"), template=template))
    assert "12 rue des Lilas" in page
    assert page.count("Votre Entreprise") == 1  # in the footer
