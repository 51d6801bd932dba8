"""Recurring charges on screen: seen with the customer's services, added, changed, ended, removed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Entry
from omnicrm.backoffice.audit.wording import details
from omnicrm.customers.models import Customer, ServiceState
from omnicrm.invoices.run_models import RecurringCharge
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.invoice_pages import words
from tests.integration.invoices.conftest import files, martin
from tests.integration.invoices.test_runs import FIRST, LAST, a_service, charged, start, work

__all__ = ["files", "martin"]

LIST = reverse("admin:invoices_recurringcharge_changelist")
NEW = {"title": "Fibre 1 Gb/s", "amount": "39,99", "tax_rate": "20", "start_date": "2026-11-17", "end_date": ""}


def add(service_id: object) -> str:
    return f"{reverse('admin:invoices_recurringcharge_add')}?service={service_id}"


def page(charge: RecurringCharge, name: str = "change") -> str:
    return reverse(f"admin:invoices_recurringcharge_{name}", args=[charge.pk])


def of_customer(browser: Client, customer: Customer) -> str:
    return browser.get(reverse("admin:customers_customer_change", args=[customer.pk])).content.decode()


def fresh(charge: RecurringCharge) -> RecurringCharge:
    return RecurringCharge.objects.get(pk=charge.pk)


def billed(customer: Customer) -> RecurringCharge:
    charge = charged(customer)
    work(start())
    return charge


class TestOnTheCustomersPage:
    def test_each_service_shows_what_it_costs(self, admin: Client, martin: Customer) -> None:
        charge = charged(martin, "30", end_date=date(2099, 1, 31))
        shown = of_customer(admin, martin)
        assert page(charge) in shown
        assert "30.00 EUR a month, without tax" in shown
        assert "from 1 Jan 2026 up to and including 31 Jan 2099" in shown
        assert "tax 20%" in shown

    def test_a_service_without_a_charge_leads_to_its_first(self, admin: Client, martin: Customer) -> None:
        service = a_service(martin)
        shown = of_customer(admin, martin)
        assert "Nothing is charged for this service" in shown
        assert add(service.pk) in shown

    @pytest.mark.parametrize(
        ("state", "fields", "told"),
        [
            (ServiceState.ACTIVE, {}, "charged"),
            (ServiceState.ACTIVE, {"start_date": date(2099, 1, 1)}, "to come"),
            (ServiceState.ACTIVE, {"end_date": date(2026, 1, 31)}, "ended"),
            (ServiceState.SUSPENDED, {}, "service not active"),
        ],
        ids=["now", "later", "before", "suspended"],
    )
    def test_says_whether_it_is_charged(
        self, state: ServiceState, fields: Any, told: str, admin: Client, martin: Customer
    ) -> None:
        charge = charged(martin, service=a_service(martin, state=state), **fields)
        assert told in admin.get(page(charge)).context["badge"]

    def test_who_may_not_see_invoices_sees_no_charge(self, sign_in: SignIn, martin: Customer) -> None:
        charge, browser = charged(martin), sign_in(Role.MARKETING)
        assert page(charge) not in of_customer(browser, martin)
        assert browser.get(LIST).status_code == 403


class TestAdding:
    def test_proposes_the_service_and_the_usual_tax(self, admin: Client, martin: Customer) -> None:
        form = admin.get(add(a_service(martin).pk)).context["form"]
        assert (form["title"].value(), form["tax_rate"].value()) == ("Fibre", "20")

    def test_takes_numbers_as_people_write_them(self, admin: Client, martin: Customer) -> None:
        service = a_service(martin)
        response = admin.post(add(service.pk), NEW, follow=True)
        charge = RecurringCharge.objects.get()
        assert words(response) == "“Fibre 1 Gb/s” is charged."
        assert response.redirect_chain[-1][0] == reverse("admin:customers_customer_change", args=[martin.pk])
        assert (charge.service, charge.amount, charge.end_date) == (service, Decimal("39.99"), None)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("amount", "x"), ("tax_rate", "101"), ("start_date", ""), ("end_date", "2026-11-16"), ("title", "")],
        ids=["no number", "tax", "no start", "backwards", "no title"],
    )
    def test_wrong_input_charges_nothing(self, field: str, value: str, admin: Client, martin: Customer) -> None:
        response = admin.post(add(a_service(martin).pk), {**NEW, field: value})
        assert response.context["form"].errors[field]
        assert not RecurringCharge.objects.exists()

    def test_needs_a_service_that_there_is(self, admin: Client) -> None:
        for service_id in ("0", "x", ""):
            assert admin.get(add(service_id)).status_code == 404


def test_incomplete_months_show_what_they_cost_by_days(admin: Client, martin: Customer) -> None:
    charge = charged(martin, start_date=date(2026, 11, 17), end_date=date(2027, 2, 28))
    shown = admin.get(page(charge)).content.decode()
    assert "17 Nov 2026 → 30 Nov 2026: 14 of 30 days, €14.00" in shown
    assert "1 Feb 2027" not in shown


class TestChanging:
    def test_begins_with_what_is_charged(self, admin: Client, martin: Customer) -> None:
        form = admin.get(page(charged(martin, "9.5"), "edit_page")).context["form"]
        assert (form["amount"].value(), form["start_date"].value()) == ("9.5", date(2026, 1, 1))

    def test_is_for_what_is_invoiced_from_now_on(self, admin: Client, martin: Customer) -> None:
        charge = charged(martin)
        admin.post(page(charge, "edit_page"), {**NEW, "amount": "45"})
        assert (fresh(charge).amount, fresh(charge).title) == (Decimal(45), "Fibre 1 Gb/s")

    def test_the_last_day_is_set(self, admin: Client, martin: Customer) -> None:
        charge = charged(martin)
        response = admin.post(page(charge, "end_page"), {"end_date": "2026-12-31"}, follow=True)
        assert words(response) == "“Fibre” is charged from 1 Jan 2026 up to and including 31 Dec 2026."
        assert fresh(charge).end_date == date(2026, 12, 31)

    @pytest.mark.parametrize("name", ["edit_page", "end_page"])
    def test_the_last_day_is_none_before_what_is_billed(self, name: str, admin: Client, martin: Customer) -> None:
        charge = billed(martin)
        response = admin.post(page(charge, name), {**NEW, "start_date": "2026-01-01", "end_date": FIRST.isoformat()})
        assert "It is billed up to" in response.context["form"].errors["end_date"][0]
        assert fresh(charge).end_date is None


class TestRemoving:
    def test_is_for_what_was_never_billed(self, admin: Client, martin: Customer) -> None:
        charge = charged(martin)
        assert page(charge, "remove_page") in admin.get(page(charge)).content.decode()
        assert words(admin.post(page(charge, "remove_page"), follow=True)) == "The charge is removed."
        assert not RecurringCharge.objects.exists()

    def test_of_what_was_billed_is_refused(self, admin: Client, martin: Customer) -> None:
        charge = billed(martin)
        shown = admin.get(page(charge)).content.decode()
        assert page(charge, "remove_page") not in shown
        assert str(charge.billed_days.get().invoice.number) in shown
        assert "give it an end date instead" in words(admin.post(page(charge, "remove_page"), follow=True))
        assert fresh(charge)


def test_all_charges_are_listed(admin: Client, martin: Customer) -> None:
    assert "No service has a charge yet." in admin.get(LIST).content.decode()
    charged(martin, end_date=LAST)
    assert "from 1 Jan 2026 up to and including 30 Nov 2026" in admin.get(LIST).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_who_may_only_read_invoices_changes_no_charge(role: Role, sign_in: SignIn, martin: Customer) -> None:
    charge, browser = charged(martin), sign_in(role)
    assert browser.get(page(charge)).status_code == 200
    assert add(charge.service_id) not in of_customer(browser, martin)
    for address in (add(charge.service_id), *(page(charge, f"{name}_page") for name in ("edit", "end", "remove"))):
        assert browser.post(address, NEW).status_code == 403, address
    assert fresh(charge).title == "Fibre"


def test_what_is_done_to_a_charge_is_in_the_log(admin: Client, martin: Customer) -> None:
    service = a_service(martin)
    admin.post(add(service.pk), NEW)
    charge = RecurringCharge.objects.get()
    admin.post(page(charge, "edit_page"), {**NEW, "amount": "29"})
    admin.post(page(charge, "edit_page"), {**NEW, "amount": "29"})
    admin.post(page(charge, "remove_page"))
    kept = list(Entry.objects.filter(target_id=martin.pk, action__startswith="charge").order_by("id"))
    assert [entry.action for entry in kept] == ["charge_added", "charge_changed", "charge_removed"]
    assert details(kept[1]) == "amount: 39.99 \N{RIGHTWARDS ARROW} 29; service: Fibre"
