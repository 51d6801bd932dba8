"""What the OpenAPI document says beyond what the routes say themselves."""

from typing import Any, Final

from omnicrm.api.callers import SIGNING_IN
from omnicrm.api.customer_schemas import CustomerIn
from omnicrm.api.idempotency import HEADER
from omnicrm.api.models import MAX_KEY_LENGTH
from omnicrm.api.problems import CONTENT_TYPE

DESCRIPTION: Final = """\
The HTTP API of OmniCRM: customers, the people to write to, and the email they get.

**Authentication:** the header `X-API-KEY` (keys are made by `omnicrm apikey create NAME --role ROLE`), or the session
of a signed-in user, which `POST /crm/auth/login` begins too; a session sends its CSRF token, the cookie `csrftoken`,
in `X-CSRFToken` with everything but GET. Customers see what is about themselves, and nothing else.

**Errors** are `application/problem+json`; `errors` names each wrong field by its path, such as `contacts[0].email`.
They are in French where `Accept-Language` asks for it.

**Lists** answer `{count, items}`, from `offset` on at most `limit` items.

**Repeating a POST:** with an `Idempotency-Key` the same request is answered once more by its first answer, and changes
nothing, for 24 hours.
"""

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, where, and how to mend it"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "contacts[0].email: Give an email address or a phone number.",
        "errors": [{"field": "contacts[0].email", "message": "Give an email address or a phone number."}],
    },
}

_ROW: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "row": {"type": "integer", "description": "Line or element of the upload, from 1"},
        "status": {"type": "string", "enum": ["created", "error"]},
        "customer_id": {"type": ["integer", "null"]},
        "errors": PROBLEM["properties"]["errors"],
        "reason": {"type": "string", "description": "Why no welcome email was queued"},
    },
    "example": {"row": 1, "status": "created", "customer_id": 42, "errors": [], "reason": ""},
}

IMPORT_DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {
                "schema": {"type": "string"},
                "example": '{"customer_name": "Boulangerie Martin"}\n',
            },
            "application/json": {
                "schema": {"type": "array", "items": {"$ref": f"#/components/schemas/{CustomerIn.__name__}"}}
            },
        },
    },
    "responses": {
        200: {
            "description": "One row for each row of the upload, in its form",
            "content": {
                "application/x-ndjson": {"schema": _ROW},
                "application/json": {"schema": {"type": "array", "items": _ROW}},
            },
        }
    },
}

WEBHOOK: Final = "/crm/mailjet/events"
"""Called by Mailjet, which signs in by basic authentication and needs no key to tell its events again."""

_IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Any text of your choice that names this request, to send it again without doing it again",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
}


def complete(document: dict[str, Any]) -> None:
    """Adds to every operation how it fails, who may call it, and for a POST how to repeat it."""
    document["components"]["schemas"]["Problem"] = PROBLEM
    document["components"]["securitySchemes"] = {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
        "Session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        "Webhook": {"type": "http", "scheme": "basic"},
    }
    for address, path in document["paths"].items():
        for method, operation in path.items():
            operation["responses"]["default"] = {
                "description": "What went wrong",
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            if address == WEBHOOK:
                operation["security"] = [{"Webhook": []}]
                continue
            if "security" in operation:
                operation["security"] = [{"ApiKey": []}, {"Session": []}]
            if method == "post" and not address.startswith(SIGNING_IN):
                operation["parameters"] = [*operation["parameters"], _IDEMPOTENCY_KEY]
