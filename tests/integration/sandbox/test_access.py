"""Who may call: key pairs, and the two engines' ways to say no."""

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

EMPTY_401 = ["/v3/REST/template", "/v3/REST/message", "/v3/REST/user"]


@pytest.mark.parametrize("path", EMPTY_401)
def test_the_old_engine_refuses_with_an_empty_401(api: Api, path: str) -> None:
    api.session.auth = None
    answer = api.get(path)

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Provide an apiKey and secretKey"'


def test_the_gateway_refuses_send_with_json_that_has_no_error_code(api: Api) -> None:
    api.session.auth = None
    answer = api.send(build_message())

    assert answer.status_code == 401
    assert answer.json().keys() == {"ErrorIdentifier", "StatusCode", "ErrorMessage"}
    assert answer.json()["ErrorMessage"].startswith("API key authentication/authorization failure.")


def test_the_gateway_serves_template_content(api: Api) -> None:
    api.session.auth = None

    assert api.get("/v3/REST/template/7/detailcontent").json()["StatusCode"] == 401


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic dGVzdA==", "Basic Og==", "Bearer abc", "Basic //8=", "basic"]
)
def test_unreadable_credentials_are_none(api: Api, header: str) -> None:
    api.session.auth = lambda request: request
    answer = api.call("POST", "/v3.1/send", json={"Messages": [build_message()]}, headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_fresh_sandbox_takes_any_pair(api: Api) -> None:
    api.session.auth = ("whoever", "whatever")

    assert api.send(build_message()).status_code == 200


@pytest.mark.parametrize("pair", [("known", "wrong"), ("unknown", "right"), ("known", "")])
def test_after_a_registration_only_registered_pairs_are_good(
    api: Api, sandbox: SandboxControl, pair: tuple[str, str]
) -> None:
    sandbox.register_key("known", "right")

    api.session.auth = pair
    assert api.send(build_message()).status_code == 401
    api.session.auth = ("known", "right")
    assert api.send(build_message()).status_code == 200


def test_a_key_seen_before_is_not_registered_by_that(api: Api, sandbox: SandboxControl) -> None:
    assert api.send(build_message()).status_code == 200
    sandbox.register_key("known", "right")

    assert api.send(build_message()).status_code == 401


def test_a_suspended_key_is_refused_until_it_is_resumed(api: Api, sandbox: SandboxControl) -> None:
    sandbox.suspend_key("test-key")
    answer = api.send(build_message())
    assert (answer.status_code, answer.json()["ErrorCode"]) == (401, "mj-0001")

    sandbox.resume_key("test-key")
    assert api.send(build_message()).status_code == 200


def test_one_key_sees_neither_messages_nor_templates_of_another(api: Api) -> None:
    message_id = api.send(build_message(CustomID="mine")).json()["Messages"][0]["To"][0]["MessageID"]
    template_id = api.post("/v3/REST/template", {"Name": "Mine"}).json()["Data"][0]["ID"]

    api.session.auth = ("another", "key")
    assert api.get("/v3/REST/message", CustomID="mine").json()["Data"] == []
    assert api.get(f"/v3/REST/message/{message_id}").status_code == 404
    assert api.get(f"/v3/REST/messagehistory/{message_id}").json()["Count"] == 0
    assert api.get(f"/v3/REST/template/{template_id}").status_code == 404
    assert api.get("/v3/REST/template").json()["Data"] == []


def test_apikey_tells_its_secret_in_clear_and_its_state(api: Api, sandbox: SandboxControl) -> None:
    sandbox.register_key("known", "right")
    api.session.auth = ("known", "right")

    (row,) = api.get("/v3/REST/apikey", APIKey="known").json()["Data"]
    assert (row["APIKey"], row["SecretKey"], row["IsActive"], row["Runlevel"]) == ("known", "right", True, "Normal")
    assert api.get(f"/v3/REST/apikey/{row['ID']}").json()["Data"] == [row]
    assert api.get("/v3/REST/apikey/999").status_code == 404


def test_user_answers_one_row(api: Api) -> None:
    answer = api.get("/v3/REST/user").json()

    assert (answer["Count"], answer["Data"][0]["Username"]) == (1, "test-key")
