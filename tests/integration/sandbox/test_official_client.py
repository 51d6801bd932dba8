"""Mailjet's own Python client works against the sandbox unchanged."""

from collections.abc import Callable, Iterator

import pytest
from mailjet_rest import Client
from mailjet_rest.endpoint import Endpoint
from mailjet_rest.errors import DoesNotExistError, MailjetAuthError, ValidationError

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

NewClient = Callable[[str], Client]


@pytest.fixture
def new_client(api: Api) -> Iterator[NewClient]:
    clients: list[Client] = []

    def build(version: str) -> Client:
        clients.append(Client(auth=("test-key", "test-secret"), version=version, api_url=api.url))
        return clients[-1]

    yield build
    for client in clients:
        client.close()


@pytest.fixture
def sender(new_client: NewClient) -> Endpoint:
    return new_client("v3.1").send


def test_it_sends(sender: Endpoint, sandbox: SandboxControl) -> None:
    answer = sender.create(data={"Messages": [build_message(CustomID="c", HTMLPart="<p>Hi</p>")]})

    (recipient,) = answer.json()["Messages"][0]["To"]
    assert answer.status_code == 200
    assert sandbox.message(recipient["MessageID"]).html == "<p>Hi</p>"


def test_it_sends_a_template_with_variables(sender: Endpoint, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="Hello {{var:name}}", headers={"Subject": "Hi {{var:name}}"})
    bare = {"TextPart": ..., "Subject": ...}
    message = build_message(**bare, TemplateID=7, TemplateLanguage=True, Variables={"name": "Ana"})
    sender.create(data={"Messages": [message], "AdvanceErrorHandling": True})

    assert (sandbox.messages()[0].text, sandbox.messages()[0].subject) == ("Hello Ana", "Hi Ana")


def test_it_raises_with_the_reason_when_a_message_is_refused(sender: Endpoint) -> None:
    with pytest.raises(ValidationError, match="is an invalid email address"):
        sender.create(data={"Messages": [build_message(To=[{"Email": "x"}])]})


def test_it_raises_on_a_wrong_key(sender: Endpoint, sandbox: SandboxControl) -> None:
    sandbox.register_key("other", "pair")

    with pytest.raises(MailjetAuthError, match="API key authentication/authorization failure"):
        sender.create(data={"Messages": [build_message()]})


def test_it_manages_templates_and_their_content(new_client: NewClient) -> None:
    client = new_client("v3")
    template_id = client.template.create(data={"Name": "Welcome", "EditMode": 2}).json()["Data"][0]["ID"]
    client.template_detailcontent.create(id=template_id, data={"Html-part": "<p>", "Text-part": "t"})

    (content,) = client.template_detailcontent.get(id=template_id).json()["Data"]
    assert (content["Html-part"], content["Text-part"]) == ("<p>", "t")
    assert client.template.get(filters={"Name": "Welcome"}).json()["Count"] == 1
    assert client.template.delete(id=template_id).status_code == 204
    with pytest.raises(DoesNotExistError, match="Object not found"):
        client.template.get(id=template_id)


def test_it_looks_messages_up(new_client: NewClient, api: Api) -> None:
    message_id = api.send(build_message(CustomID="c")).json()["Messages"][0]["To"][0]["MessageID"]
    client = new_client("v3")

    assert client.message.get(filters={"CustomID": "c"}).json()["Data"][0]["ID"] == message_id
    assert client.messagehistory.get(id=message_id).json()["Data"][0]["EventType"] == "sent"
