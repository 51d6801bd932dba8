"""/template/{key}/detailcontent: a template's content. The new gateway serves it: its errors have that shape."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mailjet_sandbox.errors import gateway_error
from mailjet_sandbox.http import Request, Response, Route
from mailjet_sandbox.nesting import MAX_LEVELS, is_too_deep
from mailjet_sandbox.records import Template
from mailjet_sandbox.rest.bodies import BadBodyError, Reader, read_body
from mailjet_sandbox.rest.listing import enveloped
from mailjet_sandbox.rest.templates import find_template
from mailjet_sandbox.sandbox import Sandbox


def _part(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("a string is required")
    return value


def _mjml(value: object) -> object:
    if value is not None and not isinstance(value, str | dict):
        raise ValueError("a string or an MJML tree is required")
    if is_too_deep(value):
        raise ValueError(f"the tree is more than {MAX_LEVELS} deep")
    return value


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("an object of strings is required")
    return dict(value)


READERS: Mapping[str, Reader] = {"Html-part": _part, "Text-part": _part, "MJMLContent": _mjml, "Headers": _headers}
FIELDS = {"Html-part": "html", "Text-part": "text", "MJMLContent": "mjml", "Headers": "headers"}
BLANK: Mapping[str, Any] = {"html": None, "text": None, "mjml": None, "headers": {}}


def read_content(sandbox: Sandbox, request: Request, key: str) -> Response:
    template = find_template(sandbox, request, key)
    return _not_found(key) if template is None else enveloped(_view(template))


def replace_content(sandbox: Sandbox, request: Request, key: str) -> Response:
    """POST: a part that is not given is blanked."""
    template = find_template(sandbox, request, key)
    if template is None:
        return _not_found(key)
    try:
        changed = replace(template, **{**BLANK, **_read(request)}, updated_at=sandbox.now())
    except BadBodyError as error:
        return gateway_error(400, str(error))
    sandbox.store.put_template(changed)
    return enveloped(_view(changed), status=201)


def update_content(sandbox: Sandbox, request: Request, key: str) -> Response:
    """PUT: a part that is not given is kept."""
    template = find_template(sandbox, request, key)
    if template is None:
        return _not_found(key)
    try:
        changed = replace(template, **_read(request), updated_at=sandbox.now())
    except BadBodyError as error:
        return gateway_error(400, str(error))
    if _view(changed) == _view(template):
        return Response(status=304)
    sandbox.store.put_template(changed)
    return enveloped(_view(changed))


def _read(request: Request) -> dict[str, Any]:
    parts = read_body(request, type_name="TTemplateContent", readers=READERS, read_only=frozenset())
    return {FIELDS[name]: value for name, value in parts.items()}


def _view(template: Template) -> dict[str, Any]:
    return {
        "Headers": dict(template.headers),
        "Html-part": template.html,
        "MJMLContent": template.mjml,
        "Text-part": template.text,
    }


def _not_found(key: str) -> Response:
    return gateway_error(404, f'Template "{key}" not found.')


PATTERN = "/v3/REST/template/{key}/detailcontent"

routes = (
    Route(method="GET", pattern=PATTERN, endpoint=read_content),
    Route(method="POST", pattern=PATTERN, endpoint=replace_content),
    Route(method="PUT", pattern=PATTERN, endpoint=update_content),
)
