"""A custom email from the operation that queues it to the inbox."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from mailjet_sandbox.control import Message as Received
from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.config.variable_types import Value
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.operations import update_contact
from omnicrm.emails.catalogue import custom_kinds
from omnicrm.emails.custom_values import read_values
from omnicrm.emails.guards import NO_CONTACT, customer_has_the_address
from omnicrm.emails.operations import send_custom_email
from omnicrm.emails.recipients import Addressee
from omnicrm.outbox.consent import unsubscribe, unsubscribe_url
from omnicrm.outbox.guards import Reasons
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Enqueued
from omnicrm.outbox.runtime import conninfo, running_outbox
from omnicrm.outbox.states import Lane, State
from tests.integration.custom_emails.conftest import GIVEN, NOW, registered

pytestmark = pytest.mark.django_db
ADDRESS = Addressee(to_email="somebody@example.com")
AGREED = Addressee(to_email="somebody@example.com", consent_given=True)


def send(to: Addressee = ADDRESS, *, section: str = "planned_maintenance", **more: Any) -> Enqueued:
    variables = more.pop("variables", GIVEN if section == "planned_maintenance" else {})
    return send_custom_email(section=section, variables=variables, to=to, now=NOW, **more)


def wrong(to: Addressee = ADDRESS, **more: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        send(to, **more)
    assert not Message.objects.exists()
    return {error.field: error.message for error in refused.value.errors}


def drain() -> None:
    async def act() -> None:
        async with running_outbox(current_config(), clock=lambda: NOW) as outbox:
            await outbox.dispatcher.drain()

    asyncio.run(act())


def received(mailjet: SandboxControl) -> Received:
    drain()
    (message,) = mailjet.messages()
    return message


def test_it_reaches_the_customer_in_their_language(mailjet: SandboxControl) -> None:
    customer = registered(language="fr")
    send(
        Addressee(customer_id=customer.pk), variables={**GIVEN, "fee": "1250.5", "places": ["Lyon", "Bron", "Dardilly"]}
    )
    arrived = received(mailjet)
    assert arrived.recipient == "helene@example.com"
    assert arrived.subject == "Maintenance : Fibre 1 Gb/s"
    assert arrived.text.split("|")[1:4] == [
        "1 décembre 2026 à 22:00 CET",
        "1\N{NARROW NO-BREAK SPACE}250,50\N{NO-BREAK SPACE}€",
        "Lyon, Bron et Dardilly",
    ]


def test_it_reaches_an_address_in_the_language_asked_for(mailjet: SandboxControl) -> None:
    send(Addressee(to_email="Ada@Example.COM ", language="en"), variables={**GIVEN, "is_on_site": True})
    arrived = received(mailjet)
    assert (arrived.recipient, arrived.subject) == ("Ada@example.com", "Maintenance: Fibre 1 Gb/s")
    assert arrived.text.strip() == "Fibre 1 Gb/s|1 December 2026 at 22:00 CET|||yes"


def test_an_address_gets_the_companys_language_unless_told(mailjet: SandboxControl) -> None:
    send()
    assert Message.objects.get().language == current_config().company.language


def test_it_goes_to_the_primary_contact_or_the_one_asked_for(folder: object) -> None:
    customer = registered()
    billing = customer.contacts.get(contact_type="billing")
    send(Addressee(customer_id=customer.pk))
    send(Addressee(contact_id=billing.pk))
    assert set(Message.objects.values_list("to_email", "to_name", "customer_id")) == {
        ("helene@example.com", "Hélène Martin", customer.pk),
        ("billing.helene@example.com", "Boulangerie Martin", customer.pk),
    }


def test_a_notice_waits_until_all_that_is_urgent_has_left(folder: object) -> None:
    send()
    message = Message.objects.get()
    assert (Lane(message.lane), message.is_marketing) == (Lane.BULK, False)


def test_the_same_key_again_answers_the_first_message(folder: object) -> None:
    first, second = send(key="works-17"), send(key="works-17", variables={**GIVEN, "service_name": "Mobile"})
    assert (first.created, second.created) == (True, False)
    assert first.message_id == second.message_id
    assert Message.objects.get().key == "custom:planned_maintenance:works-17"


def test_without_a_key_each_is_a_message_of_its_own(folder: object) -> None:
    assert send().message_id != send().message_id


def test_a_secret_is_masked_and_marked_for_erasure(folder: object) -> None:
    send(variables={**GIVEN, "access_code": "4711"})
    message = Message.objects.get()
    assert message.secrets == ["access_code"]
    assert message.shown_variables["access_code"] == "•••"


def test_everything_that_is_wrong_is_told_at_once(folder: object) -> None:
    told = wrong(
        Addressee(),
        variables={"servce_name": "x", "starts_at": "2026-12-01T22:00", "fee": "much", "places": "Lyon"},
        not_before=NOW + timedelta(days=500),
        expires_at=NOW,
        key="\n".join("ab"),
    )
    assert told == {
        "to_email": "Give exactly one of to_email, customer_id and contact_id.",
        "variables.servce_name": "This email has no such variable; did you mean “service_name”?",
        "variables.service_name": "This field is required.",
        "variables.starts_at": "Give a date and time with its time zone, such as 2026-12-24T18:00:00+01:00.",
        "variables.fee": "Give a number such as 1250 or 12.5.",
        "variables.places": "Give a list of texts.",
        "not_before": "Give a time within one year from now.",
        "expires_at": "Give a time to come that is later than not_before.",
        "key": "Remove the control character U+000A.",
    }


@pytest.mark.parametrize(
    ("to", "field", "message"),
    [
        (Addressee(to_email="nobody"), "to_email", "is not an email address"),
        (Addressee(to_email="a@example.com\r\nBcc: b@example.com"), "to_email", "is not an email address"),
        (Addressee(customer_id=987654), "customer_id", "There is no such customer."),
        (Addressee(customer_id=10**30), "customer_id", "There is no such customer."),
        (Addressee(contact_id=987654), "contact_id", "There is no such contact."),
        (Addressee(to_email="a@example.com", contact_id=1), "contact_id", "Give exactly one of"),
    ],
)
def test_a_recipient_who_is_none_is_refused(to: Addressee, field: str, message: str, folder: object) -> None:
    assert message in wrong(to)[field]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("api_crmCommunicationUserPasswordReset", "OmniCRM sends this email by itself, and only then: A user clicks"),
        ("planed_maintenance", "did you mean “planned_maintenance”?"),
        ("zzz", "the custom emails are: autumn_offer, draft, planned_maintenance."),
        ("draft", "run “omnicrm templates push --section draft”, then restart OmniCRM."),
    ],
)
def test_only_custom_emails_with_a_template_can_be_sent(section: str, message: str, folder: object) -> None:
    assert message in wrong(section=section, variables={})["section"]


HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{var:access_code}}",
    "{% for a in b %}",
    "[[var:access_code]]",
    "{{{{",
    "{" * 400,
]


def test_what_looks_like_code_in_a_value_stays_text(mailjet: SandboxControl) -> None:
    for value in HOSTILE:
        send(variables={**GIVEN, "service_name": value, "access_code": "4711"})
    drain()
    assert len(mailjet.messages()) == len(HOSTILE)
    for arrived in mailjet.messages():
        assert (arrived.status, arrived.errors) == ("sent", ())
        assert "4711" not in arrived.subject + arrived.html
        assert "<script" not in arrived.html
        assert '"' not in arrived.html
        assert arrived.subject.startswith("Maintenance : ")
        assert len(arrived.subject) <= 255


@pytest.mark.parametrize(
    "value", ["x" * 1_000_000, "a\0b", "\ud800", float("nan"), True, 12, ["a"], {"a": 1}, "a\nb"], ids=range(9)
)
def test_what_is_no_line_of_text_is_refused(value: object, folder: object) -> None:
    assert list(wrong(variables={**GIVEN, "service_name": value})) == ["variables.service_name"]


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), True, "NaN", "1e400", "٣", "1,5", 10**20, [1]], ids=range(9)
)
def test_what_is_no_number_is_refused(value: object, folder: object) -> None:
    assert list(wrong(variables={**GIVEN, "fee": value})) == ["variables.fee"]


def values_or_errors(variables: dict[str, object]) -> tuple[dict[str, Value], tuple[FieldError, ...]]:
    try:
        return read_values(custom_kinds()["planned_maintenance"], variables), ()
    except InvalidInput as refused:
        return {}, refused.errors


@given(variables=st.dictionaries(
    st.sampled_from(["service_name", "starts_at", "fee", "places", "access_code", "is_on_site", "other"]),
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
                 lambda inner: st.lists(inner, max_size=3), max_leaves=4),
))  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_are_taken_as_they_are_meant_or_refused(variables: dict[str, object], folder: object) -> None:
    kind = custom_kinds()["planned_maintenance"]
    values, errors = values_or_errors(variables)
    assert all(error.field.startswith("variables.") and error.message for error in errors)
    assert bool(errors) or {"service_name", "starts_at"} <= set(values) <= set(variables) & set(kind.variables)
    assert bool(errors) or read_values(kind, values) == values


def untrue(message: Message) -> Reasons:
    async def ask() -> Reasons:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return await customer_has_the_address(connection, [message.pk])

    return asyncio.run(ask())


def test_it_does_not_leave_to_an_address_the_customer_no_longer_has(transactional_db: None, folder: object) -> None:
    customer = registered()
    send(Addressee(customer_id=customer.pk))
    message = Message.objects.get()
    assert untrue(message) == {}
    contact = customer.contacts.get(email="helene@example.com")
    update_contact(contact_id=contact.pk, email="h.martin@example.com", now=NOW)
    assert untrue(message) == {message.pk: NO_CONTACT}


def test_an_email_to_an_address_alone_needs_no_customer(transactional_db: None, folder: object) -> None:
    send()
    assert untrue(Message.objects.get()) == {}


def test_marketing_carries_the_recipients_own_link_to_unsubscribe(mailjet: SandboxControl) -> None:
    send(AGREED, section="autumn_offer")
    arrived = received(mailjet)
    assert arrived.text.strip() == unsubscribe_url("somebody@example.com")
    assert Message.objects.get().is_marketing


def test_marketing_does_not_leave_to_whoever_unsubscribed(mailjet: SandboxControl) -> None:
    token = unsubscribe_url("somebody@example.com").rstrip("/").rpartition("/")[2]
    unsubscribe(token, now=NOW)
    send(AGREED, section="autumn_offer")
    send(section="planned_maintenance")
    drain()
    assert [message.template_id for message in mailjet.messages()] == [801]
    assert Message.objects.filter(Q(section="autumn_offer", state=State.SUPPRESSED)).exists()


def test_a_message_whose_email_was_taken_away_fails_alone(mailjet: SandboxControl) -> None:
    send()
    Message.objects.update(section="once_there_was")
    send()
    drain()
    assert sorted(Message.objects.values_list("state", flat=True)) == ["accepted", "failed"]
