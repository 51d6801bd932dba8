"""Route of invoices issued elsewhere: a form with their fields and their PDF."""

import hashlib
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import ValidationError

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs, caller_of
from omnicrm.api.field_errors import InvalidRequest, field_errors
from omnicrm.api.idempotency import once
from omnicrm.api.invoice_resources import InvoiceCreated
from omnicrm.api.invoice_schemas import ImportIn
from omnicrm.api.limits import announced_length
from omnicrm.api.problems import Problem
from omnicrm.customers.errors import FieldError
from omnicrm.invoices import importing
from omnicrm.invoices.importing import MAX_PDF_BYTES

router = Router(tags=["Invoices"])

FORM: Final = "multipart/form-data"
FILE: Final = "pdf"
MAX_FORM_BYTES: Final = MAX_PDF_BYTES + 100_000
_FIELDS: Final = ImportIn.model_json_schema()
DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    **_FIELDS,
                    "required": [*_FIELDS["required"], FILE],
                    "properties": {**_FIELDS["properties"], FILE: {"type": "string", "format": "binary"}},
                }
            }
        },
    },
}


@router.post(
    "/invoice/import",
    auth=Needs(Permission.WRITE_INVOICES),
    response={201: InvoiceCreated},
    openapi_extra=DOCUMENTATION,
)
def import_invoice(request: HttpRequest) -> HttpResponseBase:
    """Takes an invoice in that was issued elsewhere, and queues its email with the PDF.

    From then on it is paid, sent again and reminded of like any other. 409 if there is an invoice with this number.
    """
    form, file = _received(request)
    return once(
        request,
        caller_of(request),
        now=timezone.now(),
        run=lambda: _imported(request, form, file),
        body_digest=lambda: _digest(request, file),
    )


def _received(request: HttpRequest) -> tuple[ImportIn, bytes]:
    """The form's fields and its file. Raises Problem for what is no such form, InvalidRequest for wrong fields."""
    length = announced_length(request)
    if length is None or request.content_type != FORM:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            _("Send a form (multipart/form-data) with a Content-Length, the fields of the invoice and the file pdf."),
        )
    if length > MAX_FORM_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            _("The body has %(size)d bytes; send at most %(limit)d.") % {"size": length, "limit": MAX_FORM_BYTES},
        )
    file = request.FILES.get(FILE)
    if not isinstance(file, UploadedFile):
        raise InvalidRequest([FieldError(field=FILE, message=_("This field is required."))])
    try:
        # What a form leaves empty is not given.
        return ImportIn.model_validate({name: value for name, value in request.POST.items() if value}), file.read()
    except ValidationError as error:
        raise InvalidRequest(field_errors(error, ImportIn)) from None


def _imported(request: HttpRequest, form: ImportIn, file: bytes) -> HttpResponse:
    now, fields = timezone.now(), form.given()
    issued = importing.import_invoice(pdf=file, by=actor_of(request), now=now, **fields)
    answer = InvoiceCreated.of_issued(issued, now=now).model_dump(mode="json")
    return HttpResponse(orjson.dumps(answer), status=HTTPStatus.CREATED, content_type="application/json")


def _digest(request: HttpRequest, file: bytes) -> bytes:
    """Of what the form says: its boundaries differ each time it is sent."""
    fields = orjson.dumps(sorted(request.POST.items()))
    return hashlib.sha256(fields + b"\n" + file).digest()
