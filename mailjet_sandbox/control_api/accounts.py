"""Key pairs, senders and templates, as an account at Mailjet would have them."""

from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mailjet_sandbox.access import suspend
from mailjet_sandbox.control_api.inputs import BadInputError, build, explaining, read_json, read_number
from mailjet_sandbox.http import Request, Response, Route, json_response
from mailjet_sandbox.nesting import MAX_LEVELS, is_too_deep
from mailjet_sandbox.records import ApiKey, Sender, Template
from mailjet_sandbox.sandbox import Sandbox


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class KeyInput(_Input):
    api_key: str = Field(min_length=1, pattern="^[^:]+$")
    api_secret: str = Field(min_length=1)
    name: str = ""


class SenderInput(_Input):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    name: str = ""
    api_key: str = ""
    status: Literal["Active", "Inactive", "Deleted"] = "Active"


class TemplateInput(_Input):
    name: str = ""
    api_key: str = ""
    html: str | None = None
    text: str | None = None
    mjml: str | dict[str, Any] | None = None
    headers: dict[str, str] = Field(default_factory=dict)

    @field_validator("mjml")
    @classmethod
    def _check_depth(cls, value: object) -> object:
        if is_too_deep(value):
            raise ValueError(f"the tree is more than {MAX_LEVELS} deep")
        return value


@explaining
def register_key(sandbox: Sandbox, request: Request) -> Response:
    """From the first one on, only registered pairs are good. An already registered key gets the new secret."""
    given = build(KeyInput, read_json(request))
    known = sandbox.store.keys.get(given.api_key)
    key = ApiKey(
        id=known.id if known else sandbox.store.next_key_id(),
        api_key=given.api_key,
        api_secret=given.api_secret,
        name=given.name,
        is_registered=True,
        created_at=sandbox.now(),
    )
    sandbox.store.put_key(key)
    return json_response(_key_view(key), status=200 if known else 201)


def list_keys(sandbox: Sandbox, _: Request) -> Response:
    return json_response({"items": [_key_view(key) for key in sandbox.store.keys.values()]})


def suspend_key(sandbox: Sandbox, _: Request, api_key: str) -> Response:
    return json_response(_key_view(suspend(sandbox.store, api_key, suspended=True, now=sandbox.now())))


def resume_key(sandbox: Sandbox, _: Request, api_key: str) -> Response:
    return json_response(_key_view(suspend(sandbox.store, api_key, suspended=False, now=sandbox.now())))


def _key_view(key: ApiKey) -> dict[str, Any]:
    """Without the secret."""
    return {name: value for name, value in asdict(key).items() if name != "api_secret"}


@explaining
def put_sender(sandbox: Sandbox, request: Request) -> Response:
    """Registers an address, or a whole domain as `*@example.com`, or changes one by its email."""
    given = build(SenderInput, read_json(request))
    same = [each for each in sandbox.store.senders.values() if each.email.lower() == given.email.lower()]
    known = next((each for each in same if each.api_key == given.api_key), None)
    sender = Sender(
        id=known.id if known else sandbox.store.next_sender_id(),
        created_at=known.created_at if known else sandbox.now(),
        **given.model_dump(),
    )
    sandbox.store.put_sender(sender)
    return json_response(asdict(sender), status=200 if known else 201)


def list_senders(sandbox: Sandbox, _: Request) -> Response:
    return json_response({"items": [asdict(sender) for sender in sandbox.store.senders.values()]})


@explaining
def put_template(sandbox: Sandbox, request: Request, template_id: str) -> Response:
    """Creates the template with this ID, or replaces all of it."""
    number = _template_number(template_id)
    given = build(TemplateInput, read_json(request))
    known, now = sandbox.store.templates.get(number), sandbox.now()
    values = given.model_dump() | {"name": given.name or f"Template {number}"}
    template = Template(id=number, created_at=known.created_at if known else now, updated_at=now, **values)
    sandbox.store.put_template(template)
    return json_response(asdict(template), status=200 if known else 201)


@explaining
def remove_template(sandbox: Sandbox, _: Request, template_id: str) -> Response:
    sandbox.store.remove_template(_template_number(template_id))
    return Response(status=204)


def list_templates(sandbox: Sandbox, _: Request) -> Response:
    return json_response({"items": [asdict(template) for _, template in sorted(sandbox.store.templates.items())]})


def _template_number(text: str) -> int:
    number = read_number({"id": text}, "id", default=0, most=10**12)
    if number == 0:
        raise BadInputError("id: a template's ID is greater than 0")
    return number


routes = (
    Route(method="GET", pattern="/sandbox/keys", endpoint=list_keys),
    Route(method="POST", pattern="/sandbox/keys", endpoint=register_key),
    Route(method="POST", pattern="/sandbox/keys/{api_key}/suspend", endpoint=suspend_key),
    Route(method="POST", pattern="/sandbox/keys/{api_key}/resume", endpoint=resume_key),
    Route(method="GET", pattern="/sandbox/senders", endpoint=list_senders),
    Route(method="POST", pattern="/sandbox/senders", endpoint=put_sender),
    Route(method="GET", pattern="/sandbox/templates", endpoint=list_templates),
    Route(method="PUT", pattern="/sandbox/templates/{template_id}", endpoint=put_template),
    Route(method="DELETE", pattern="/sandbox/templates/{template_id}", endpoint=remove_template),
)
