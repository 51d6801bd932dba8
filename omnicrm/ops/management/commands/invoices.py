import webbrowser
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from omnicrm.config import current_config
from omnicrm.invoices.composing import company_details
from omnicrm.invoices.document import DocumentKind
from omnicrm.invoices.rendering import render_invoice
from omnicrm.invoices.samples import LANGUAGES, sample_credit_note, sample_document
from omnicrm.invoices.template_choice import configured_template, template_at
from omnicrm.invoices.template_files import RenderError
from omnicrm.ops.invoice_run import add_run_arguments, run_invoices

_MOST_LINES = 10_000
_SAMPLES = {DocumentKind.INVOICE: sample_document, DocumentKind.CREDIT_NOTE: sample_credit_note}


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Issues the invoices of a period, and shows what a template makes of invoices."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        preview = actions.add_parser(
            "preview", help="draw an invoice with sample data, to see what a template makes of it"
        )
        preview.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="the template; default: the configured one"
        )
        preview.add_argument("--language", choices=LANGUAGES, help="default: the company's")
        preview.add_argument("--kind", choices=list(map(str, DocumentKind)), default="invoice", help="default: invoice")
        preview.add_argument("--lines", type=_lines, default=6, metavar="N", help="of the invoice; default: 6")
        preview.add_argument("--out", type=Path, metavar="FILE.pdf", help="default: invoice-preview.pdf")
        preview.add_argument("--open", action="store_true", help="open the PDF")
        add_run_arguments(actions.add_parser("run", help="invoice what services cost in a period"))

    def handle(self, *_args: Any, action: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        with override("en"):  # as all that the command line says
            getattr(self, f"_{action}")(options)

    def _run(self, options: dict[str, Any]) -> None:
        run_invoices(options, out=self.stdout)

    def _preview(self, options: dict[str, Any]) -> None:
        language = options["language"] or current_config().company.language
        sample, company = _SAMPLES[DocumentKind(options["kind"])], company_details(current_config())
        document = sample(language, lines=options["lines"], company=company)
        out = (options["out"] or Path("invoice-preview.pdf")).absolute()
        try:
            template = template_at(options["file"]) if options["file"] else configured_template()
            out.write_bytes(render_invoice(document, template=template))
        except RenderError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from None
        self.stdout.write(str(out))
        if options["open"]:
            webbrowser.open(out.as_uri())


def _lines(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_LINES:
        raise ArgumentTypeError(f"{text} is not a number of lines; write 1 to {_MOST_LINES}")
    return int(text)
