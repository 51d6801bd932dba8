"""Each page and action asks one permission of the user's role; hidden buttons are no protection."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import create_api_key, create_user
from omnicrm.accounts.roles import PERMISSIONS, STAFF_ROLES, Permission, Role
from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, record
from omnicrm.backoffice.site import site
from omnicrm.balances.models import Alert, Balance, Quarantined
from omnicrm.balances.operations import create_plan
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import add_service
from omnicrm.invoices.charges import add_charge
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.run_models import InvoiceRun
from omnicrm.outbox.models import Message, Suppression
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of, signed_in, staff
from tests.integration.balances.conftest import accept, event

READ_CUSTOMERS, WRITE_CUSTOMERS, ERASE = (
    Permission.READ_CUSTOMERS,
    Permission.WRITE_CUSTOMERS,
    Permission.ERASE_CUSTOMERS,
)
READ_INVOICES, WRITE_INVOICES = Permission.READ_INVOICES, Permission.WRITE_INVOICES
READ_BALANCES, WRITE_BALANCES = Permission.READ_BALANCES, Permission.WRITE_BALANCES
READ_MESSAGES, WRITE_MESSAGES, ACCOUNTS, AUDIT = (
    Permission.READ_MESSAGES,
    Permission.WRITE_MESSAGES,
    Permission.MANAGE_ACCOUNTS,
    Permission.READ_AUDIT,
)

PAGES = {
    "index": READ_MESSAGES,
    "figures": READ_MESSAGES,
    "customers_customer_changelist": READ_CUSTOMERS,
    "customers_customer_add": WRITE_CUSTOMERS,
    "customers_customer_change": READ_CUSTOMERS,
    "customers_customer_history": READ_CUSTOMERS,
    "customers_customer_welcome_page": WRITE_CUSTOMERS,
    "customers_customer_activate_page": WRITE_CUSTOMERS,
    "customers_customer_consent_page": WRITE_CUSTOMERS,
    "customers_customer_pause_page": WRITE_INVOICES,
    "customers_customer_resume_page": WRITE_INVOICES,
    "customers_customer_erase_page": ERASE,
    "custom_messages": WRITE_MESSAGES,
    "invoices_invoice_changelist": READ_INVOICES,
    "invoices_invoice_add": WRITE_INVOICES,
    "invoices_invoice_change": READ_INVOICES,
    "invoices_invoice_pdf_page": READ_INVOICES,
    "invoices_invoice_edit_page": WRITE_INVOICES,
    "invoices_invoice_issue_page": WRITE_INVOICES,
    "invoices_invoice_discard_page": WRITE_INVOICES,
    "invoices_invoice_payment_page": WRITE_INVOICES,
    "invoices_invoice_credit_page": WRITE_INVOICES,
    "invoices_invoice_send_page": WRITE_INVOICES,
    "invoices_invoice_pause_page": WRITE_INVOICES,
    "invoices_invoice_resume_page": WRITE_INVOICES,
    "invoices_invoice_pause_customer_page": WRITE_INVOICES,
    "invoices_invoice_resume_customer_page": WRITE_INVOICES,
    "invoices_invoice_reminder_page": WRITE_INVOICES,
    "invoices_recurringcharge_changelist": READ_INVOICES,
    "invoices_recurringcharge_change": READ_INVOICES,
    "invoices_recurringcharge_history": READ_INVOICES,
    "invoices_recurringcharge_edit_page": WRITE_INVOICES,
    "invoices_recurringcharge_end_page": WRITE_INVOICES,
    "invoices_recurringcharge_remove_page": WRITE_INVOICES,
    "invoices_invoicerun_changelist": READ_INVOICES,
    "invoices_invoicerun_add": WRITE_INVOICES,
    "invoices_invoicerun_change": READ_INVOICES,
    "invoices_invoicerun_history": READ_INVOICES,
    "invoices_invoicerun_progress": READ_INVOICES,
    "invoices_invoicerun_cancel_page": WRITE_INVOICES,
    "balances_balance_changelist": READ_BALANCES,
    "balances_balance_history": READ_BALANCES,
    "balances_service": READ_BALANCES,
    "balances_service_thresholds": WRITE_BALANCES,
    "balances_alert_changelist": READ_BALANCES,
    "balances_alert_history": READ_BALANCES,
    "balances_plan_changelist": READ_BALANCES,
    "balances_plan_add": WRITE_BALANCES,
    "balances_plan_change": READ_BALANCES,
    "balances_plan_remove_page": WRITE_BALANCES,
    "balances_quarantined_changelist": READ_BALANCES,
    "balances_quarantined_change": READ_BALANCES,
    "balances_quarantined_replay": WRITE_BALANCES,
    "balances_quarantined_replay_page": WRITE_BALANCES,
    "balances_quarantined_discard_page": WRITE_BALANCES,
    "templates": READ_MESSAGES,
    "template": READ_MESSAGES,
    "template_customers": READ_MESSAGES,
    "template_sample": READ_MESSAGES,
    "outbox_message_changelist": READ_MESSAGES,
    "outbox_message_change": READ_MESSAGES,
    "outbox_message_history": READ_MESSAGES,
    "outbox_message_queue_again_page": WRITE_MESSAGES,
    "outbox_message_cancel_page": WRITE_MESSAGES,
    "outbox_suppression_changelist": READ_MESSAGES,
    "outbox_suppression_add": WRITE_MESSAGES,
    "outbox_suppression_change": READ_MESSAGES,
    "outbox_suppression_history": READ_MESSAGES,
    "outbox_suppression_lift_page": WRITE_MESSAGES,
    "accounts_user_changelist": ACCOUNTS,
    "accounts_user_add": ACCOUNTS,
    "accounts_user_change": ACCOUNTS,
    "accounts_user_password_page": ACCOUNTS,
    "accounts_user_welcome_page": ACCOUNTS,
    "accounts_user_verification_page": ACCOUNTS,
    "accounts_user_second_factor_page": ACCOUNTS,
    "accounts_user_sessions_page": ACCOUNTS,
    "accounts_user_deactivate_page": ACCOUNTS,
    "accounts_user_reactivate_page": ACCOUNTS,
    "accounts_apikey_changelist": ACCOUNTS,
    "accounts_apikey_add": ACCOUNTS,
    "accounts_apikey_change": ACCOUNTS,
    "accounts_apikey_revoke_page": ACCOUNTS,
    "audit_entry_changelist": AUDIT,
    "audit_entry_change": AUDIT,
    "audit_entry_history": AUDIT,
}
"""What each page asks. Every page of the site stands here (the last test of this module sees to it)."""

TO_THE_LOG = {
    "accounts_user_history": AUDIT,
    "accounts_apikey_history": AUDIT,
    "invoices_invoice_history": AUDIT,
    "invoices_invoice_log_page": AUDIT,
    "balances_plan_history": AUDIT,
    "balances_quarantined_history": AUDIT,
}
"""Pages that lead to the audit log."""
TO_A_SERVICE = {"balances_balance_change": READ_BALANCES, "balances_alert_change": READ_BALANCES}
"""Pages that lead to the one about a service's balances."""
TO_CUSTOM_EMAILS = {
    "customers_customer_email_page": WRITE_MESSAGES,
    "custom_message": WRITE_MESSAGES,
}
"""Pages that lead to the custom emails: one of them always, the other because there is no such email here."""
BY_POST = {"audit_entry_export": AUDIT, "invoices_invoice_export": READ_INVOICES}
FOR_REAL = "invoices_invoicerun_for_real_page"
ELSEWHERE = {
    *("invoices_invoice_reverse_page", "invoices_invoice_totals", "invoices_recurringcharge_add", "template_compared"),
    FOR_REAL,
}
"""Pages that need more than a record; the tests of invoices, charges and comparing templates open them."""

FOR_ALL_STAFF = {
    "app_list",
    "jsi18n",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "search",
    "view_on_site",
    "autocomplete",
}
NOBODYS = {
    *("outbox_message_add", "audit_entry_add"),
    *("balances_balance_add", "balances_alert_add", "balances_quarantined_add"),
}
MODELS = (
    *("customers_customer", "outbox_message", "outbox_suppression"),
    *("accounts_user", "accounts_apikey", "audit_entry", "invoices_invoice", "invoices_invoicerun"),
    "invoices_recurringcharge",
    *("balances_balance", "balances_alert", "balances_plan", "balances_quarantined"),
)
DELETIONS = {f"{model}_delete" for model in MODELS}


@pytest.fixture
def records(db: None) -> dict[str, object]:
    """One record behind each page, by the page's model."""
    owner = customer()
    service = add_service(customer_id=owner.pk, now=now(), service_name="Fibre 1G")
    welcome = message_of(owner)
    accept(event(service, 10), event(uuid4(), 10))
    return {
        "balances_service": service,
        "balances_balance": Balance.objects.get(),
        "balances_alert": Alert.objects.get(),
        "balances_plan": create_plan(name="Prepaid", steps={}, now=now()),
        "balances_quarantined": Quarantined.objects.get(),
        "customers_customer": owner,
        "invoices_invoice": create_draft(customer_id=owner.pk, now=now()),
        "invoices_invoicerun": InvoiceRun.objects.create(
            start_date=date(2026, 11, 1), end_date=date(2026, 11, 30), currency="EUR", created_at=now()
        ),
        "invoices_recurringcharge": add_charge(
            service_id=service.pk, amount=Decimal(30), start_date=date(2026, 11, 1), now=now()
        ),
        "outbox_message": welcome,
        "outbox_suppression": Suppression.objects.create(
            address="a@example.com", scope="everything", reason="asked", created_at=now()
        ),
        "accounts_user": staff(Role.SUPPORT, email="someone@yourcompany.com"),
        "accounts_apikey": create_api_key(name="Billing", role=Role.BILLING, now=now()).api_key,
        "audit_entry": record(action=Action.LOG_EXPORTED, by=SYSTEM, now=now()),
    }


ABOUT_AN_EMAIL = {
    "custom_message": ["once_there_was"],
    "template": ["api_crmCommunicationCustomerWelcome"],
    "template_customers": ["api_crmCommunicationCustomerWelcome"],
    "template_sample": ["api_crmCommunicationCustomerWelcome", "fr"],
}


def address_of(page: str, records: dict[str, object]) -> str:
    if page in ABOUT_AN_EMAIL:
        return reverse(f"admin:{page}", args=ABOUT_AN_EMAIL[page])
    model = "_".join(page.split("_")[:2])
    needs_no_record = page.endswith(("_changelist", "_add", "_export", "_replay")) or model not in records
    return reverse(f"admin:{page}", args=[] if needs_no_record else [records[model].pk])  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_opens_exactly_the_pages_it_may(role: Role, sign_in: SignIn, records: dict[str, object]) -> None:
    browser = sign_in(role)
    opened = {page for page in PAGES if browser.get(address_of(page, records)).status_code == 200}
    assert opened == {page for page, permission in PAGES.items() if permission in PERMISSIONS[role]}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_who_may_read_it_is_led_to_the_audit_log(role: Role, sign_in: SignIn, records: dict[str, object]) -> None:
    browser = sign_in(role)
    led = {page for page in TO_THE_LOG if browser.get(address_of(page, records)).status_code == 302}
    assert led == {page for page, permission in TO_THE_LOG.items() if permission in PERMISSIONS[role]}
    exported = browser.post(reverse("admin:audit_entry_export")).status_code == 200
    assert exported == (AUDIT in PERMISSIONS[role])


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_who_may_read_balances_is_led_to_a_services(
    role: Role, sign_in: SignIn, records: dict[str, object]
) -> None:
    browser = sign_in(role)
    led = {page for page in TO_A_SERVICE if browser.get(address_of(page, records)).status_code == 302}
    assert led == {page for page, permission in TO_A_SERVICE.items() if permission in PERMISSIONS[role]}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_who_may_send_is_led_to_custom_emails(role: Role, sign_in: SignIn, records: dict[str, object]) -> None:
    browser = sign_in(role)
    led = {page for page in TO_CUSTOM_EMAILS if browser.get(address_of(page, records)).status_code == 302}
    assert led == {page for page, permission in TO_CUSTOM_EMAILS.items() if permission in PERMISSIONS[role]}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_refusal_is_explained(role: Role, sign_in: SignIn, records: dict[str, object]) -> None:
    if role == Role.ADMIN:
        return
    response = sign_in(role).get(address_of("accounts_user_changelist", records))
    assert response.status_code == 403
    assert str(role.label) in response.content.decode()


ACTIONS = (
    *("welcome_page", "activate_page", "erase_page", "queue_again_page", "cancel_page", "lift_page", "revoke_page"),
    *("password_page", "verification_page", "second_factor_page", "sessions_page", "deactivate_page"),
)


@pytest.mark.parametrize("page", [page for page in PAGES if page.endswith(ACTIONS) or page.endswith("_add")])
def test_read_only_changes_nothing_by_posting(page: str, sign_in: SignIn, records: dict[str, object]) -> None:
    before = everything()
    response = sign_in(Role.READ_ONLY).post(address_of(page, records), {"customer_name": "X", "reason": "x"})
    assert response.status_code == 403
    assert everything() - before == {("user", "readonly-en@yourcompany.com")}


def test_read_only_sees_a_customer_but_cannot_save_it(sign_in: SignIn, records: dict[str, object]) -> None:
    browser = sign_in(Role.READ_ONLY)
    page = address_of("customers_customer_change", records)
    shown = browser.get(page).content.decode()
    assert "Hélène Lefèvre" in shown
    assert 'name="_save"' not in shown
    assert browser.post(page, {"customer_name": "Changed"}).status_code == 403
    assert Customer.objects.get().customer_name == "Hélène Lefèvre"


def test_read_only_cannot_run_an_action_of_a_list(sign_in: SignIn, records: dict[str, object]) -> None:
    message = records["outbox_message"]
    assert isinstance(message, Message)
    browser = sign_in(Role.READ_ONLY)
    choice = {"action": "cancel", "_selected_action": [str(message.id)], "confirmed": "yes", "reason": ""}
    browser.post(reverse("admin:outbox_message_changelist"), choice)
    message.refresh_from_db()
    assert message.state == State.QUEUED


def test_support_may_care_for_a_customer_but_not_erase_it(sign_in: SignIn, records: dict[str, object]) -> None:
    page = sign_in(Role.SUPPORT).get(address_of("customers_customer_change", records)).content.decode()
    assert "Send welcome again" in page
    assert "erase/" not in page


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_sidebar_offers_what_the_role_may_open(role: Role, sign_in: SignIn) -> None:
    page = sign_in(role).get(reverse("admin:index")).content.decode()
    offered = f'href="{reverse("admin:accounts_apikey_changelist")}"' in page
    assert offered == (Permission.MANAGE_ACCOUNTS in PERMISSIONS[role])


@pytest.mark.parametrize("page", sorted(DELETIONS))
def test_nobody_deletes_a_record_but_by_an_action_that_says_what_goes(
    page: str, admin: Client, records: dict[str, object]
) -> None:
    assert admin.post(address_of(page, records), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", sorted(NOBODYS))
def test_nobody_writes_a_message_or_the_audit_log_by_hand(page: str, admin: Client) -> None:
    assert admin.get(reverse(f"admin:{page}")).status_code == 403


@pytest.mark.parametrize("page", sorted({*PAGES, *TO_THE_LOG, *TO_A_SERVICE, *TO_CUSTOM_EMAILS, *BY_POST}))
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(page: str, records: dict[str, object]) -> None:
    response = Client().get(address_of(page, records))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize(("change", "status"), [({"is_staff": False}, 403), ({"is_active": False}, 302)])
def test_who_is_no_active_staff_stays_outside(change: dict[str, bool], status: int, db: None) -> None:
    user = create_user(email="a@example.com", full_name="A", role=Role.ADMIN, now=now())
    browser = signed_in(user)
    User.objects.filter(pk=user.pk).update(**change)
    assert browser.get(reverse("admin:index")).status_code == status


def test_this_module_knows_every_page() -> None:
    pages = {pattern.name for pattern in every_pattern(site.get_urls()) if pattern.name}
    assert pages == {
        *PAGES,
        *TO_THE_LOG,
        *TO_A_SERVICE,
        *TO_CUSTOM_EMAILS,
        *BY_POST,
        *FOR_ALL_STAFF,
        *NOBODYS,
        *DELETIONS,
        *ELSEWHERE,
    }


def every_pattern(patterns: list[object]) -> list[object]:
    return [
        found
        for pattern in patterns
        for found in (every_pattern(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern])
    ]


def everything() -> set[tuple[str, str]]:
    """What actions may change, told apart by what they may change in it."""
    return {
        *(("customer", str(each.pk)) for each in Customer.objects.all()),
        *(("service", each.state) for owner in Customer.objects.all() for each in owner.services.all()),
        *((f"message {each.state}", str(each.id)) for each in Message.objects.all()),
        *(("suppression", each.address) for each in Suppression.objects.all()),
        *(("user", each.email) for each in User.objects.all()),
        *(("key", f"{each.name} {each.revoked_at}") for each in ApiKey.objects.all()),
    }
