"""The API under /crm: its routes, each behind the gate, and a plain answer for everything else."""

from collections.abc import Callable
from typing import Any, NoReturn, cast

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.errors import ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.params.models import ParamModel
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from omnicrm.accounts.roles import Permission
from omnicrm.api import (
    auth,
    balance,
    balance_event,
    cgrates,
    contact,
    customer,
    health,
    invoice,
    invoice_charge,
    invoice_import,
    invoice_payment,
    invoice_reminder,
    invoice_run,
    mailjet_events,
    message,
    service,
    site,
    user,
)
from omnicrm.api.callers import Needs
from omnicrm.api.field_errors import InvalidRequest, field_errors
from omnicrm.api.gate import gated
from omnicrm.api.json import parsed
from omnicrm.api.openapi import DESCRIPTION, complete
from omnicrm.api.problems import answer_to, nothing_here
from omnicrm.customers.errors import FieldError

TAKES_UPLOADS = {
    customer.import_customers.__name__,
    balance_event.accept_balance_events.__name__,
    invoice_import.import_invoice.__name__,
    mailjet_events.take_mailjet_events.__name__,
}
INVOICES = (invoice, invoice_payment, invoice_import, invoice_charge, invoice_run, invoice_reminder)
UNMETERED = {balance_event.accept_balance_events.__name__, cgrates.accept_cgrates.__name__}


class OrjsonParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401 - JSON may be anything
        return parsed(request.body)


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, _request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ANN401, ARG002 - ninja's signature
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class CrmApi(NinjaAPI):
    """ninja's API, whose errors and documentation are ours."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        routes, app_name, namespace = super().urls
        behind_gate: list[URLResolver | URLPattern] = [
            URLPattern(route.pattern, _behind_gate(route), name=route.name)
            for route in routes
            if isinstance(route, URLPattern)
        ]
        return [*behind_gate, re_path("", gated(_nowhere))], app_name, namespace

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:  # noqa: ANN401 - ninja's signature
        return answer_to(exc, request)

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[ParamModel]]
    ) -> ValidationError:
        return InvalidRequest([error for context in error_contexts for error in _field_errors(context)])

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:  # noqa: ANN401 - ninja's signature
        document = super().get_openapi_schema(**kwargs)
        complete(document)
        return document


def _field_errors(context: ValidationErrorContext[ParamModel]) -> list[FieldError]:
    """ninja wraps a body and a set of filters in one field more, which callers know nothing of."""
    model = cast(type[ParamModel], context.model)  # ninja's annotation says an instance
    wraps = model.__ninja_param_source__ in {"body", "query"}
    return field_errors(context.pydantic_validation_error, model, skip=1 if wraps else 0)


def _behind_gate(route: URLPattern) -> Callable[..., HttpResponseBase]:
    return gated(route.callback, takes_uploads=route.name in TAKES_UPLOADS, is_metered=route.name not in UNMETERED)


def _nowhere(request: HttpRequest) -> NoReturn:
    raise nothing_here(request)


api = CrmApi(
    title="OmniCRM",
    version="1",
    description=DESCRIPTION,
    urls_namespace="crm",
    auth=Needs(Permission.MANAGE_ACCOUNTS),  # for a route that should forget to name its permission
    parser=OrjsonParser(),
    renderer=OrjsonRenderer(),
)
ROOMS = (customer, contact, site, service, message, mailjet_events, user, auth, health, balance_event, cgrates, balance)
for room in (*ROOMS, *INVOICES):
    api.add_router("", room.router)
