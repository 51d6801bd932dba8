"""Reminders from the pages about an invoice and its customer: sent by hand, paused, resumed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry, TargetKind
from omnicrm.customers.models import Customer
from omnicrm.invoices.reminder_models import ReminderPause
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.invoice_pages import offered, page, words
from tests.integration.backoffice.test_invoice_list import late
from tests.integration.invoices.conftest import TODAY, TOMORROW, files, fresh, issue, martin

__all__ = ["files", "martin"]


class TestReminding:
    def test_is_offered_once_the_invoice_is_overdue(self, admin: Client, martin: Customer) -> None:
        assert "reminder" not in offered(admin, issue(martin))
        assert "reminder" in offered(admin, late(martin, 5))

    def test_queues_a_reminder_that_stands_in_the_timeline(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        response = admin.post(page(invoice, "reminder_page"), {}, follow=True)
        assert "Email queued for helene@example.com." in words(response)
        shown = admin.get(page(invoice)).content.decode()
        assert "reminded" in shown
        assert "Invoice reminder queued" in shown

    def test_a_second_one_on_a_day_needs_a_reason(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        admin.post(page(invoice, "reminder_page"), {})
        again = admin.post(page(invoice, "reminder_page"), {"force_reason": ""}).content.decode()
        assert "The customer was reminded today." in again
        admin.post(page(invoice, "reminder_page"), {"force_reason": "They asked for it"})
        assert "They asked for it" in admin.get(page(invoice)).content.decode()

    def test_of_what_is_not_overdue_says_so(self, admin: Client, martin: Customer) -> None:
        assert "It is not overdue." in admin.post(page(issue(martin), "reminder_page"), {}).content.decode()


class TestPausing:
    def test_a_dispute_stands_on_the_page_until_it_is_resumed(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        admin.post(page(invoice, "pause_page"), {"reason": "dispute", "until": "", "note": "Wrong plan"})
        shown = admin.get(page(invoice)).content.decode()
        assert "disputed by the customer · Wrong plan" in shown
        assert "reminders paused" in shown
        admin.post(page(invoice, "resume_page"))
        assert "Wrong plan" not in admin.get(page(invoice)).content.decode()

    def test_a_promise_needs_a_day_to_come(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        for until in ("", (TODAY - timedelta(days=2)).isoformat()):
            response = admin.post(page(invoice, "pause_page"), {"reason": "promise", "until": until, "note": ""})
            assert response.context["form"].errors["until"], until
        assert fresh(invoice).pause_reason == ""


class TestPausingACustomer:
    def test_is_seen_on_its_page_and_on_those_of_its_invoices(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        promise = {"reason": "promise", "until": TOMORROW.isoformat(), "note": "Rang on Monday"}
        response = admin.post(customer_page(martin, "pause_page"), promise, follow=True)
        assert words(response) == "No reminders are sent to Boulangerie Martin for now."
        for shown in (response.content.decode(), admin.get(page(invoice)).content.decode()):
            assert "No reminders to this customer:" in shown
            assert "promised to be paid · until" in shown
            assert "Rang on Monday" in shown
        entry = Entry.objects.get(action=Action.REMINDERS_PAUSED)
        assert (entry.target_kind, entry.target_id) == (TargetKind.CUSTOMER, martin.pk)

    def test_begins_and_ends_on_the_page_of_an_invoice_too(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        paused = admin.post(page(invoice, "pause_customer_page"), {"reason": "dispute"}, follow=True)
        assert paused.redirect_chain[-1][0] == page(invoice)
        assert "disputed by the customer" in paused.content.decode()
        assert page(invoice, "resume_customer_page") in paused.content.decode()
        assert page(invoice, "pause_customer_page") not in paused.content.decode()
        resumed = admin.post(page(invoice, "resume_customer_page"), follow=True)
        assert words(resumed) == "Reminders are sent to Boulangerie Martin again."
        assert "No reminders to this customer:" not in resumed.content.decode()
        assert not ReminderPause.objects.exists()

    def test_is_offered_or_its_end_is(self, admin: Client, martin: Customer) -> None:
        def offered() -> set[str]:
            shown = admin.get(customer_page(martin)).content.decode()
            return {name for name in ("pause_page", "resume_page") if f'href="{customer_page(martin, name)}"' in shown}

        assert offered() == {"pause_page"}
        admin.post(customer_page(martin, "pause_page"), {"reason": "other"})
        assert offered() == {"resume_page"}
        admin.post(customer_page(martin, "resume_page"))
        assert offered() == {"pause_page"}

    @pytest.mark.parametrize("until", ["", (TODAY - timedelta(days=2)).isoformat()], ids=["no day", "a past day"])
    def test_for_a_promise_needs_a_day_to_come(self, until: str, admin: Client, martin: Customer) -> None:
        response = admin.post(customer_page(martin, "pause_page"), {"reason": "promise", "until": until})
        assert response.context["form"].errors["until"]
        assert not ReminderPause.objects.exists()

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY, Role.MARKETING])
    def test_is_for_who_may_write_invoices(self, role: Role, sign_in: SignIn, martin: Customer) -> None:
        invoice, browser = late(martin, 5), sign_in(role)
        for address in (customer_page(martin, "pause_page"), page(invoice, "pause_customer_page")):
            assert browser.post(address, {"reason": "dispute"}).status_code == 403
        assert not ReminderPause.objects.exists()


def customer_page(customer: Customer, name: str = "change") -> str:
    return reverse(f"admin:customers_customer_{name}", args=[customer.pk])
