"""Every page opens, in both languages, with data and without."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.customers.operations import add_service
from omnicrm.outbox.models import Suppression, SuppressionScope
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of, secret_message, staff

LISTS = [
    "customers_customer",
    "outbox_message",
    "outbox_suppression",
    "accounts_user",
    "accounts_apikey",
    "audit_entry",
    "invoices_invoice",
    "invoices_invoicerun",
    "invoices_recurringcharge",
    "balances_balance",
    "balances_alert",
    "balances_plan",
    "balances_quarantined",
]
USER_ACTIONS = (
    *("welcome", "password", "verification", "second_factor"),
    *("sessions", "deactivate", "reactivate"),
)
ENTRIES = [
    "customers_customer",
    "outbox_suppression",
    "accounts_user",
    "accounts_apikey",
    "invoices_invoice",
    "invoices_invoicerun",
    "balances_plan",
]


@pytest.fixture(params=["fr", "en"])
def screen(request: pytest.FixtureRequest, sign_in: SignIn) -> Client:
    """An administrator's browser, once in each language."""
    return sign_in(language=request.param)


def opens(screen: Client, address: str) -> str:
    response = screen.get(address)
    assert response.status_code == 200, address
    page = response.content.decode()
    assert f'lang="{response["Content-Language"]}"' in page
    return page


@pytest.mark.parametrize("model", LISTS)
def test_a_list_opens_when_there_is_nothing_to_show(screen: Client, model: str) -> None:
    opens(screen, reverse(f"admin:{model}_changelist"))


@pytest.mark.parametrize("model", ENTRIES)
def test_the_page_for_something_new_opens(screen: Client, model: str) -> None:
    opens(screen, reverse(f"admin:{model}_add"))


def test_the_dashboard_opens_when_nothing_ever_happened(screen: Client) -> None:
    opens(screen, reverse("admin:index"))
    opens_fragment = screen.get(reverse("admin:figures"))
    assert opens_fragment.status_code == 200


def test_every_page_about_a_customer_opens(screen: Client) -> None:
    owner = customer(attributes={"plan": "Fibre", "lines": 2}, tags=["vip"], sites=[{"name": "Siège"}])
    add_service(customer_id=owner.pk, now=now(), service_name="Fibre 1G")
    assert "Hélène Lefèvre" in opens(screen, reverse("admin:customers_customer_changelist"))
    for page in ("change", "welcome_page", "activate_page", "erase_page", "history"):
        assert "Hélène Lefèvre" in opens(screen, reverse(f"admin:customers_customer_{page}", args=[owner.pk]))


@pytest.mark.parametrize("state", State.values)
def test_a_message_in_any_state_is_shown(screen: Client, state: str) -> None:
    message = message_of(customer(), state=State(state), reason="some reason")
    assert "helene@example.com" in opens(screen, reverse("admin:outbox_message_changelist"))
    assert "some reason" in opens(screen, reverse("admin:outbox_message_change", args=[message.id]))
    opens(screen, reverse("admin:index"))


def test_a_message_without_a_customer_is_shown(screen: Client) -> None:
    message = secret_message()
    opens(screen, reverse("admin:outbox_message_changelist"))
    opens(screen, reverse("admin:outbox_message_change", args=[message.id]))


def test_every_page_about_a_suppression_opens(screen: Client) -> None:
    scope = SuppressionScope.EVERYTHING
    suppression = Suppression.objects.create(address="a@example.com", scope=scope, reason="asked", created_at=now())
    assert "a@example.com" in opens(screen, reverse("admin:outbox_suppression_changelist"))
    for page in ("change", "lift_page"):
        assert "a@example.com" in opens(screen, reverse(f"admin:outbox_suppression_{page}", args=[suppression.pk]))


def test_every_page_about_a_user_opens(screen: Client) -> None:
    user = staff(Role.SUPPORT, email="other@yourcompany.com")
    for page in ("change", *(f"{action}_page" for action in USER_ACTIONS)):
        assert "Support Person" in opens(screen, reverse(f"admin:accounts_user_{page}", args=[user.pk]))


def test_every_page_about_an_api_key_opens(screen: Client) -> None:
    created = create_api_key(name="Billing system", role=Role.BILLING, now=now())
    for page in ("change", "revoke_page"):
        assert "Billing system" in opens(screen, reverse(f"admin:accounts_apikey_{page}", args=[created.api_key.pk]))


@pytest.mark.parametrize("page", ["change", "queue_again_page", "cancel_page"])
@pytest.mark.parametrize("address", ["01890000-0000-7000-8000-000000000000", "nonsense", "1"])
def test_a_message_that_is_not_there_leads_back_with_a_word(admin: Client, page: str, address: str) -> None:
    response = admin.get(reverse(f"admin:outbox_message_{page}", args=[address]), follow=True)
    assert response.status_code == 200
    assert list(response.context["messages"])


def test_looking_at_pages_leaves_no_history(screen: Client) -> None:
    owner = customer()
    opens(screen, reverse("admin:customers_customer_change", args=[owner.pk]))
    assert not LogEntry.objects.exists()
