"""Staff send a custom email: choose, fill in, look, send."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.config import current_config
from omnicrm.outbox.models import Message, Suppression, SuppressionScope
from tests.integration.backoffice.scene import signed_in, staff
from tests.integration.custom_emails.conftest import NOW, registered

SEND = "/backoffice/send/"
TOKEN = "6a1b7e0e-4d0c-4b4e-9d8e-0c9a0f6a4b11"
FILLED = {
    "token": TOKEN,
    "to_email": "ada@example.com",
    "language": "en",
    "var_service_name": "Fibre",
    "var_starts_at": "2026-12-01T22:00",
    "var_fee": "12.50",
    "var_places": "Lyon\r\nBron",
    "var_access_code": "4711",
    "var_is_on_site": "yes",
    "not_before": "",
}
PAGE = f"{SEND}planned_maintenance/"


@pytest.fixture
def support(db: None, folder: Path) -> Client:
    return browser(Role.SUPPORT)


def browser(role: Role, *, language: str = "en") -> Client:
    client = signed_in(staff(role, language=language))
    client.cookies["omnicrm_timezone"] = "America/New_York"
    return client


def page(client: Client, address: str, data: dict[str, str] | None = None) -> str:
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_every_custom_email_can_be_chosen(support: Client) -> None:
    shown = page(support, SEND)
    assert "Planned maintenance" in shown
    assert "Before work on the network" in shown
    assert f'href="{PAGE}"' in shown


def test_staff_read_them_in_their_own_language(support: Client) -> None:
    assert "Maintenance planifiée" in page(browser(Role.SUPPORT, language="fr"), SEND)


def test_without_custom_emails_the_page_tells_how_to_add_one(support: Client, folder: Path) -> None:
    for file in folder.glob("*.yaml"):
        file.unlink()
    current_config.cache_clear()
    assert "docs/custom-emails.md" in page(support, SEND)


def test_the_form_has_a_field_for_each_variable_and_says_what_it_means(support: Client) -> None:
    shown = page(support, PAGE)
    for kind in (
        'type="datetime-local" name="var_starts_at"',
        'type="number" name="var_fee"',
        '<textarea name="var_places"',
    ):
        assert all(word in shown for word in kind.split())
    assert "Beginning" in shown
    assert "In EUR." in shown
    assert 'placeholder="Fibre"' in shown


def test_a_preview_shows_the_email_and_sends_nothing(support: Client) -> None:
    shown = page(support, PAGE, {**FILLED, "step": "preview"})
    assert "Maintenance: Fibre" in shown
    assert "2 December 2026 at 04:00 CET" in shown
    assert "£" not in shown
    assert "€12.50" in shown
    assert "noc@yourcompany.com" in shown
    assert not Message.objects.exists()


def test_what_was_previewed_is_sent_once_however_often_one_clicks(support: Client) -> None:
    preview = page(support, PAGE, {**FILLED, "step": "preview"})
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview))
    for _ in range(2):
        response = support.post(PAGE, {**hidden, "step": "send"})
    message = Message.objects.get()
    assert response["Location"] == reverse("admin:outbox_message_change", args=[message.pk])
    assert message.key == f"custom:planned_maintenance:{TOKEN}"
    assert message.variables["places"] == "Lyon and Bron"
    assert message.variables["is_on_site"] == "yes"


def test_going_back_from_the_preview_keeps_what_was_entered(support: Client) -> None:
    shown = page(support, PAGE, {**FILLED, "step": "edit"})
    assert 'value="ada@example.com"' in shown
    assert "Lyon\r\nBron" in shown
    assert not Message.objects.exists()


def test_a_customers_contact_is_chosen_and_the_name_is_filled_in(support: Client) -> None:
    customer = registered(language="fr")
    shown = page(support, f"{PAGE}?customer={customer.pk}")
    contacts = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)<', shown)
    assert [label for _, label in contacts] == [
        "Hélène Martin &lt;helene@example.com&gt; · Primary",
        "billing.helene@example.com · Billing",
    ]
    filled = {name: value for name, value in FILLED.items() if name != "to_email"}
    support.post(f"{PAGE}?customer={customer.pk}", {**filled, "contact": contacts[1][0], "step": "send"})
    message = Message.objects.get()
    assert (message.to_email, message.customer_id) == ("billing.helene@example.com", customer.pk)


def test_the_customers_page_leads_here(support: Client) -> None:
    customer = registered()
    address = reverse("admin:customers_customer_change", args=[customer.pk])
    assert "Send an email" in page(support, address)
    assert support.get(f"{address}email").status_code in (301, 302)


def test_a_contact_of_somebody_else_cannot_be_chosen(support: Client) -> None:
    customer, other = registered(), registered("eve@example.com")
    foreign = other.contacts.first()
    assert foreign
    filled = {**FILLED, "contact": str(foreign.pk), "step": "send"}
    assert support.post(f"{PAGE}?customer={customer.pk}", filled).status_code == 200
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"var_service_name": " "}, "This field is required."),
        ({"var_starts_at": "tomorrow"}, "Give a date and time with its time zone"),
        ({"var_fee": "much"}, "Give a number such as 1250 or 12.5."),
        ({"var_places": "x\n" * 60}, "Give at most 50 items"),
        ({"to_email": "nobody"}, "is not an email address"),
        ({"not_before": "tomorrow"}, "Give a date and a time."),
        ({"not_before": "2999-01-01T00:00"}, "Give a time within one year from now."),
        ({"token": "x"}, "Please correct"),
    ],
)
def test_what_cannot_be_sent_is_told_at_its_field(changed: dict[str, str], said: str, support: Client) -> None:
    assert said in page(support, PAGE, {**FILLED, **changed, "step": "send"})
    assert not Message.objects.exists()


def test_a_preview_warns_of_an_address_that_gets_nothing(support: Client) -> None:
    Suppression.objects.create(
        address="ada@example.com", scope=SuppressionScope.EVERYTHING, reason="Left for good.", created_at=NOW
    )
    assert "Left for good." in page(support, PAGE, {**FILLED, "step": "preview"})


def test_a_design_that_cannot_be_read_does_not_stop_the_sending(support: Client, folder: Path) -> None:
    (folder / "planned_maintenance.en.mjml").write_text("hello", encoding="utf-8")
    assert "The design here cannot be shown" in page(support, PAGE, {**FILLED, "step": "preview"})


def test_an_email_that_is_no_longer_there_leads_back(support: Client) -> None:
    assert support.get(f"{SEND}once_there_was/")["Location"] == SEND
    assert support.get(f"{SEND}api_crmCommunicationUserPasswordReset/")["Location"] == SEND


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "x", "٣"])
def test_a_customer_who_is_none_is_passed_over(number: str, support: Client) -> None:
    assert "To any address." in page(support, f"{PAGE}?customer={number}")


def test_who_may_not_send_sees_no_page_and_no_button(support: Client) -> None:
    customer, reader = registered(), browser(Role.READ_ONLY)
    assert reader.get(SEND).status_code == 403
    assert reader.post(PAGE, {**FILLED, "step": "send"}).status_code == 403
    assert "/email" not in page(reader, reverse("admin:customers_customer_change", args=[customer.pk]))
    assert not Message.objects.exists()


def test_templates_pages_and_filters_know_custom_emails(support: Client) -> None:
    assert "Planned maintenance" in page(support, "/backoffice/templates/")
    shown = page(support, "/backoffice/templates/planned_maintenance/")
    assert "var:service_name" in shown
    assert "never pushed" in page(support, "/backoffice/templates/draft/")
    assert "?section=planned_maintenance" in page(support, reverse("admin:outbox_message_changelist"))


def test_the_message_page_tells_what_each_variable_means(support: Client) -> None:
    support.post(PAGE, {**FILLED, "step": "send"})
    shown = page(support, reverse("admin:outbox_message_change", args=[Message.objects.get().pk]))
    assert "Planned maintenance" in shown
    assert "Beginning" in shown
    assert "4711" not in shown
