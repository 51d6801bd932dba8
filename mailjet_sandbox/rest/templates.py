"""/template: the templates of a key, without their content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mailjet_sandbox.access import credentials
from mailjet_sandbox.errors import object_not_found, rest_error
from mailjet_sandbox.http import Request, Response, Route
from mailjet_sandbox.records import Template
from mailjet_sandbox.rest.bodies import (
    BadBodyError,
    Reader,
    duplicate,
    filled_text,
    flag,
    one_of,
    read_body,
    require,
    some_of,
    text,
)
from mailjet_sandbox.rest.listing import Listing, Params, Test, enveloped, exact, row_id, text_filters
from mailjet_sandbox.rest.times import rfc3339
from mailjet_sandbox.sandbox import Sandbox

EDIT_MODES = {"tool": 1, "html": 2, "section": 3, "mjml": 4}
CATEGORIES = (
    "full", "basic", "newsletter", "e-commerce", "events", "travel", "sports", "welcome", "contact-property-update",
    "support", "invoice", "anniversary", "account", "activation",
)  # fmt: skip
READ_ONLY = frozenset({"id", "ownerid", "previews", "createdat", "lastupdatedat", "localelist"})
DEFAULTS: Mapping[str, Any] = {
    "Author": "",
    "Categories": [],
    "Copyright": "",
    "Description": "",
    "EditMode": 1,
    "IsStarred": False,
    "IsTextPartGenerationEnabled": True,
    "Locale": "en_US",
    "OwnerType": "apikey",
    "Presets": "",
    "Purposes": [],
}


def _edit_mode(value: object) -> int:
    number = EDIT_MODES.get(value, 0) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int) or number not in EDIT_MODES.values():
        raise ValueError("MJ06 The value must be 1 (tool), 2 (html), 3 (section) or 4 (mjml)")
    return number


READERS: Mapping[str, Reader] = {
    "Name": filled_text,
    "Author": text,
    "Categories": some_of(*CATEGORIES),
    "Copyright": text,
    "Description": text,
    "EditMode": _edit_mode,
    "IsStarred": flag,
    "IsTextPartGenerationEnabled": flag,
    "Locale": text,
    "OwnerType": one_of("apikey", "user"),
    "Presets": text,
    "Purposes": some_of("transactional", "marketing", "automation"),
}


def _property(template: Template, name: str) -> Any:  # noqa: ANN401 - string, number, flag or list
    return template.properties.get(name, DEFAULTS[name])


def _view(template: Template, _: Params) -> dict[str, Any]:
    return {
        **DEFAULTS,
        **template.properties,
        "CreatedAt": rfc3339(template.created_at),
        "ID": template.id,
        "LastUpdatedAt": rfc3339(template.updated_at),
        "LocaleList": [_property(template, "Locale")],
        "Name": template.name,
        "OwnerId": 0,
        "Previews": [],
    }


def _words_filter(name: str) -> Test[Template]:
    """A list against a list, by containsany (the default), containsall or issubset."""

    def test(template: Template, value: str, params: Params) -> bool:
        wanted, present = set(value.split(",")), set(_property(template, name))
        method = params.get(f"{name.lower()}selectionmethod", "containsany").lower()
        if method == "containsall":
            return wanted <= present
        return present <= wanted if method == "issubset" else bool(wanted & present)

    return test


TEMPLATES = Listing[Template](
    view=_view,
    filters={
        **text_filters("Name", lambda template: template.name),
        "editmode": lambda template, value, _: (
            str(EDIT_MODES.get(value, value)) == str(_property(template, "EditMode"))
        ),
        "ownertype": exact(lambda template: _property(template, "OwnerType")),
        "categories": _words_filter("Categories"),
        "purposes": _words_filter("Purposes"),
    },
    options=frozenset({"categoriesselectionmethod", "purposesselectionmethod", "apikey", "user"}),
)


def find_template(sandbox: Sandbox, request: Request, key: str) -> Template | None:
    """By ID, or by `owner type|name`."""
    api_key, number = credentials(request)[0], row_id(key)
    if number is not None:
        return sandbox.store.template_of(api_key, number)
    owner, _, name = key.partition("|")
    templates = sandbox.store.templates_of(api_key)
    return next((each for each in templates if each.name == name and _property(each, "OwnerType") == owner), None)


def list_templates(sandbox: Sandbox, request: Request) -> Response:
    return TEMPLATES.answer(sandbox, request, sandbox.store.templates_of(credentials(request)[0]))


def read_template(sandbox: Sandbox, request: Request, key: str) -> Response:
    template = find_template(sandbox, request, key)
    return object_not_found() if template is None else enveloped(_view(template, {}))


def create_template(sandbox: Sandbox, request: Request) -> Response:
    api_key, now = credentials(request)[0], sandbox.now()
    try:
        properties = _read(request)
        require(properties, "Name")
        _check_name_is_free(sandbox, api_key, properties, template_id=0)
    except BadBodyError as error:
        return rest_error(400, str(error))
    name = properties.pop("Name")
    template = Template(
        id=sandbox.store.next_template_id(),
        name=name,
        api_key=api_key,
        properties=properties,
        created_at=now,
        updated_at=now,
    )
    sandbox.store.put_template(template)
    return enveloped(_view(template, {}), status=201)


def update_template(sandbox: Sandbox, request: Request, key: str) -> Response:
    template = find_template(sandbox, request, key)
    if template is None:
        return object_not_found()
    try:
        properties = {"Name": template.name, "OwnerType": _property(template, "OwnerType")} | _read(request)
        _check_name_is_free(sandbox, credentials(request)[0], properties, template_id=template.id)
    except BadBodyError as error:
        return rest_error(400, str(error))
    name = properties.pop("Name")
    changed = replace(template, name=name, properties={**template.properties, **properties}, updated_at=sandbox.now())
    if _same(changed, template):
        return Response(status=304)
    sandbox.store.put_template(changed)
    return enveloped(_view(changed, {}))


def delete_template(sandbox: Sandbox, request: Request, key: str) -> Response:
    template = find_template(sandbox, request, key)
    if template is None:
        return object_not_found()
    sandbox.store.remove_template(template.id)
    return Response(status=204)


def _read(request: Request) -> dict[str, Any]:
    return read_body(request, type_name="TTemplate", readers=READERS, read_only=READ_ONLY)


def _same(one: Template, other: Template) -> bool:
    return _view(replace(one, updated_at=other.updated_at), {}) == _view(other, {})


def _check_name_is_free(sandbox: Sandbox, api_key: str, properties: Mapping[str, Any], *, template_id: int) -> None:
    name, owner = properties["Name"], properties.get("OwnerType", DEFAULTS["OwnerType"])
    for other in sandbox.store.templates_of(api_key):
        if other.id != template_id and other.name == name and _property(other, "OwnerType") == owner:
            raise duplicate("Template", name, "Name")


routes = (
    Route(method="GET", pattern="/v3/REST/template", endpoint=list_templates),
    Route(method="POST", pattern="/v3/REST/template", endpoint=create_template),
    Route(method="GET", pattern="/v3/REST/template/{key}", endpoint=read_template),
    Route(method="PUT", pattern="/v3/REST/template/{key}", endpoint=update_template),
    Route(method="DELETE", pattern="/v3/REST/template/{key}", endpoint=delete_template),
)
