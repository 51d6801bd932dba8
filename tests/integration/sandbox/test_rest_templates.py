"""/v3/REST/template and its detailcontent."""

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

TEMPLATES = "/v3/REST/template"


@pytest.fixture
def template_id(api: Api) -> int:
    answer = api.post(TEMPLATES, {"Name": "Welcome", "Purposes": ["transactional"], "EditMode": 2})
    return int(answer.json()["Data"][0]["ID"])


@pytest.fixture
def content(template_id: int) -> str:
    """The path of the content of a template."""
    return f"{TEMPLATES}/{template_id}/detailcontent"


def test_a_created_template_comes_back_whole(api: Api) -> None:
    answer = api.post(TEMPLATES, {"name": "Welcome", "editmode": "mjml", "Locale": "fr_FR", "IsStarred": "true"})

    assert answer.status_code == 201
    (row,) = answer.json()["Data"]
    assert (row["Name"], row["EditMode"], row["OwnerType"], row["LocaleList"]) == ("Welcome", 4, "apikey", ["fr_FR"])
    assert row["IsStarred"] is True
    assert api.get(f"{TEMPLATES}/{row['ID']}").json()["Data"] == [row]


def test_a_template_is_found_by_owner_and_name_too(api: Api, template_id: int) -> None:
    assert api.get(f"{TEMPLATES}/apikey%7CWelcome").json()["Data"][0]["ID"] == template_id
    assert api.get(f"{TEMPLATES}/apikey|Welcome/detailcontent").status_code == 200
    assert api.get(f"{TEMPLATES}/user|Welcome").status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "MJ08 Property Name is invalid: MJ03 A non-empty value is required"),
        ({"Name": "  "}, "MJ08 Property Name is invalid: MJ03 A non-empty value is required"),
        ({"Name": "Welcome"}, 'MJ18 A Template resource with value "Welcome" for Name already exists.'),
        ({"Name": "x", "Nom": "y"}, 'Invalid json input: object ""->"TTemplate" has no property "Nom"'),
        ({"Name": "x", "ID": 7}, 'MJ19 Setting a value for property "ID" is not allowed'),
        (
            {"Name": "x", "EditMode": 9},
            "MJ08 Property EditMode is invalid: MJ06 The value must be 1 (tool), 2 (html), 3 (section) or 4 (mjml)",
        ),
        (
            {"Name": "x", "Purposes": ["fun"]},
            "MJ08 Property Purposes is invalid: MJ06 An array is required, with values among: "
            "transactional, marketing, automation",
        ),
        ({"Name": "x", "IsStarred": "maybe"}, "MJ08 Property IsStarred is invalid: MJ05 A boolean is required"),
        ({"Name": 7}, "MJ08 Property Name is invalid: MJ05 A string is required"),
        (
            {"Name": "x", "OwnerType": "global"},
            "MJ08 Property OwnerType is invalid: MJ06 The value must be one of: apikey, user",
        ),
    ],
)
def test_a_bad_template_is_refused_in_mailjet_s_words(api: Api, template_id: int, body: object, message: str) -> None:
    answer = api.post(TEMPLATES, body)

    assert answer.status_code == 400
    assert answer.json() == {"ErrorInfo": "", "ErrorMessage": message, "StatusCode": 400}
    assert answer.reason == message


def test_malformed_json_is_told(api: Api) -> None:
    answer = api.call("POST", TEMPLATES, data=b"{")

    assert answer.status_code == 400
    assert answer.json()["ErrorMessage"].startswith("Invalid json input: ")


def test_put_changes_only_what_is_given(api: Api, template_id: int) -> None:
    answer = api.put(f"{TEMPLATES}/{template_id}", {"Name": "Hello"})

    assert answer.status_code == 200
    assert (answer.json()["Data"][0]["Name"], answer.json()["Data"][0]["EditMode"]) == ("Hello", 2)


def test_put_that_changes_nothing_answers_304_without_body(api: Api, template_id: int, content: str) -> None:
    api.post(content, {"Text-part": "Hi"})

    for path, body in ((f"{TEMPLATES}/{template_id}", {"Name": "Welcome"}), (content, {"Text-part": "Hi"})):
        answer = api.put(path, body)
        assert (answer.status_code, answer.content) == (304, b"")


def test_put_cannot_take_the_name_of_another(api: Api, template_id: int) -> None:
    api.post(TEMPLATES, {"Name": "Other"})

    assert api.put(f"{TEMPLATES}/{template_id}", {"Name": "Other"}).json()["ErrorMessage"].startswith("MJ18 ")


def test_delete_answers_204_and_the_template_is_gone(api: Api, template_id: int) -> None:
    answer = api.call("DELETE", f"{TEMPLATES}/{template_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(f"{TEMPLATES}/{template_id}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_absent_template_is_not_found(api: Api, method: str) -> None:
    answer = api.call(method, f"{TEMPLATES}/1", json={})

    assert (answer.status_code, answer.json()["ErrorMessage"]) == (404, "Object not found")


def test_content_never_given_is_null(api: Api, content: str) -> None:
    assert api.get(content).json()["Data"] == [
        {"Headers": {}, "Html-part": None, "MJMLContent": None, "Text-part": None},
    ]


def test_posting_content_blanks_the_parts_that_are_not_given(api: Api, content: str) -> None:
    first = api.post(
        content, {"Html-part": "<p>", "Text-part": "t", "MJMLContent": "<mjml>", "Headers": {"Subject": "S"}}
    )
    second = api.post(content, {"Html-part": "<b>"})

    assert first.status_code == second.status_code == 201
    assert second.json()["Data"] == [{"Headers": {}, "Html-part": "<b>", "MJMLContent": None, "Text-part": None}]
    assert api.get(content).json() == second.json()


def test_putting_content_keeps_the_parts_that_are_not_given(api: Api, content: str) -> None:
    api.post(content, {"Html-part": "<p>", "Text-part": "t", "Headers": {"Subject": "S"}})
    answer = api.put(content, {"Text-part": "u", "MJMLContent": {"tagName": "mjml"}})

    assert answer.status_code == 200
    assert answer.json()["Data"] == [
        {"Headers": {"Subject": "S"}, "Html-part": "<p>", "MJMLContent": {"tagName": "mjml"}, "Text-part": "u"}
    ]


@pytest.mark.parametrize(
    "body", [{"Html-part": 7}, {"Headers": {"Subject": 7}}, {"HtmlPart": "<p>"}, {"MJMLContent": []}]
)
def test_bad_content_is_refused_in_the_gateway_s_shape(api: Api, content: str, body: object) -> None:
    for answer in (api.post(content, body), api.put(content, body)):
        assert answer.status_code == 400
        assert answer.json().keys() == {"ErrorIdentifier", "StatusCode", "ErrorMessage"}


def test_content_of_an_absent_template_is_not_found_in_the_gateway_s_shape(api: Api) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = api.call(method, f"{TEMPLATES}/1/detailcontent", json={})
        assert (answer.status_code, answer.json()["StatusCode"]) == (404, 404)
        assert "ErrorIdentifier" in answer.json()


def test_a_template_made_by_the_api_can_be_sent(
    api: Api, sandbox: SandboxControl, content: str, template_id: int
) -> None:
    api.post(content, {"Text-part": "Hello {{var:name}}", "Headers": {"Subject": "Hi", "From": "A <a@example.com>"}})
    bare = {"From": ..., "Subject": ..., "TextPart": ...}
    api.send(build_message(**bare, TemplateID=template_id, TemplateLanguage=True, Variables={"name": "Ana"}))

    assert (sandbox.messages()[0].text, sandbox.messages()[0].status) == ("Hello Ana", "sent")


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"Name": "Invoice"}, ["Invoice"]),
        ({"name": "Invoice"}, ["Invoice"]),
        ({"Name": "invoice"}, []),
        ({"NameCI": "invoice"}, ["Invoice"]),
        ({"NameLike": "nvoi"}, ["Invoice", "Invoice reminder"]),
        ({"NameLLike": "Inv"}, ["Invoice", "Invoice reminder"]),
        ({"NameRLikeCI": "REMINDER"}, ["Invoice reminder"]),
        ({"EditMode": "tool"}, ["Invoice", "Invoice reminder"]),
        ({"EditMode": "4"}, ["News"]),
        ({"OwnerType": "apikey"}, ["Invoice", "Invoice reminder", "News"]),
        ({"OwnerType": "global"}, []),
        ({"Purposes": "marketing,automation"}, ["News"]),
        ({"Purposes": "marketing,automation", "PurposesSelectionMethod": "containsall"}, []),
        ({"Purposes": "transactional", "EditMode": "1"}, ["Invoice", "Invoice reminder"]),
    ],
)
def test_lists_are_filtered(api: Api, filters: dict[str, str], names: list[str]) -> None:
    api.post(TEMPLATES, {"Name": "Invoice", "Purposes": ["transactional"]})
    api.post(TEMPLATES, {"Name": "Invoice reminder", "Purposes": ["transactional"]})
    api.post(TEMPLATES, {"Name": "News", "Purposes": ["marketing"], "EditMode": 4})

    assert [row["Name"] for row in api.get(TEMPLATES, **filters).json()["Data"]] == names
