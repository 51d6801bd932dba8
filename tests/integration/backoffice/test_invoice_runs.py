"""Invoice runs on screen: a dry run, then the real one; watched, cancelled; who failed and why."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.customers.models import Customer
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.run_models import InvoiceRun, RunState
from tests.integration.backoffice.conftest import SignIn
from tests.integration.invoices.conftest import YESTERDAY, a_customer, files, martin
from tests.integration.invoices.test_runs import FIRST, LAST, charged, start, work

__all__ = ["files", "martin"]

ADD = reverse("admin:invoices_invoicerun_add")
LIST = reverse("admin:invoices_invoicerun_changelist")
NEW = {
    "start_date": FIRST.isoformat(),
    "end_date": LAST.isoformat(),
    "due_date": "",
    "is_prorated": "on",
    "sends": "on",
    "is_dry": "on",
}


def page(run: InvoiceRun, name: str = "change") -> str:
    return reverse(f"admin:invoices_invoicerun_{name}", args=[run.pk])


def shown(browser: Client, run: InvoiceRun, **query: str) -> str:
    response = browser.get(page(run), query)
    assert response.status_code == 200
    return response.content.decode()


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_the_form_proposes_a_dry_run(admin: Client) -> None:
    form = admin.get(ADD).context["form"]
    assert form["is_dry"].value() is True
    assert form["start_date"].value().day == 1


def test_a_dry_run_shows_what_the_real_one_comes_to_and_leads_to_it(admin: Client, martin: Customer) -> None:
    charged(martin)
    admin.post(ADD, NEW)
    dry = InvoiceRun.objects.get()
    work(dry)
    told = shown(admin, dry)
    assert "€36.00" in told
    assert "dry run: nothing is issued" in told
    assert not Invoice.objects.exists()
    real = admin.get(page(dry, "for_real_page"), follow=True).context["form"]
    assert (real["is_dry"].value(), real["start_date"].value()) == (False, FIRST)
    admin.post(f"{ADD}?like={dry.pk}", {**NEW, "is_dry": ""})
    issued = InvoiceRun.objects.latest("id")
    work(issued)
    assert "€36.00" in shown(admin, issued)
    assert str(Invoice.objects.get().number) in shown(admin, issued)


def test_a_real_run_after_a_dry_one_is_for_the_same_customers(admin: Client, martin: Customer) -> None:
    charged(martin)
    dry = start(is_dry=True, customer_ids=[martin.pk])
    admin.post(f"{ADD}?like={dry.pk}", {**NEW, "is_dry": ""})
    assert InvoiceRun.objects.latest("id").customer_ids == [martin.pk]


def test_a_run_for_a_tag_bills_only_who_has_it(admin: Client, martin: Customer) -> None:
    charged(martin)
    vip = a_customer(customer_name="Mairie", tags=["vip"], contacts=[{"email": "m@example.com"}])
    charged(vip)
    dry = InvoiceRun.objects.get(pk=admin.post(ADD, {**NEW, "tag": "vip"})["Location"].split("/")[-3])
    work(dry)
    assert [row.customer for row in dry.rows.all()] == [vip]
    told = shown(admin, dry)
    assert "<dd>vip</dd>" in told
    assert "1 of 1 customer is done." in told
    assert admin.get(page(dry, "for_real_page"), follow=True).context["form"]["tag"].value() == "vip"
    assert "vip" in admin.get(LIST).content.decode()


def test_a_tag_that_nobody_has_starts_nothing(admin: Client, martin: Customer) -> None:
    charged(martin)
    assert admin.post(ADD, {**NEW, "tag": "vpi"}).context["form"].errors["tag"] == ["No customer has this tag."]
    assert not InvoiceRun.objects.exists()


def test_progress_is_told_while_it_runs(admin: Client, martin: Customer) -> None:
    charged(martin)
    run = start()
    told = shown(admin, run)
    assert "0 of 1 customer is done." in told
    assert "dashboard.js" in told
    part = admin.get(page(run, "progress")).content.decode()
    assert "0 of 1 customer is done." in part
    assert "<html" not in part
    work(run)
    assert admin.get(page(run, "progress"))["Location"] == page(run)
    assert "1 of 1 customer is done." in shown(admin, run)
    assert "dashboard.js" not in shown(admin, run)
    assert "1 / 1" in admin.get(LIST).content.decode()


def test_failures_come_first_with_their_reasons(admin: Client, martin: Customer) -> None:
    charged(martin)
    charged(a_customer(customer_name="Rabais", contacts=[{"email": "r@example.com"}]), "-5")
    run = start()
    work(run)
    told = shown(admin, run)
    assert "an invoice cannot be negative" in told
    assert "Boulangerie Martin" not in told
    assert "Boulangerie Martin" in shown(admin, run, show="all")
    assert "Boulangerie Martin" in shown(admin, run, show="invoiced", p="99")
    assert "1 failed" in admin.get(LIST).content.decode()


def test_the_invoices_of_a_run_are_listed(admin: Client, martin: Customer) -> None:
    charged(martin)
    run = start()
    work(run)
    address = f"{reverse('admin:invoices_invoice_changelist')}?run={run.pk}"
    assert address in shown(admin, run)
    assert list(admin.get(address).context["cl"].result_list) == [Invoice.objects.get()]
    assert not admin.get(address.replace(f"={run.pk}", "=0")).context["cl"].result_list


def test_a_run_is_cancelled_once(admin: Client, martin: Customer) -> None:
    charged(martin)
    run = start()
    assert page(run, "cancel_page") in shown(admin, run)
    assert "Waiting: 1 customer<" in admin.get(page(run, "cancel_page")).content.decode()
    assert words(admin.post(page(run, "cancel_page"), follow=True)) == "The run is cancelled."
    assert InvoiceRun.objects.get().state == RunState.CANCELLED
    assert words(admin.post(page(run, "cancel_page"), follow=True)) == "The run is over."
    assert page(run, "cancel_page") not in shown(admin, run)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"end_date": "2026-10-31"}, "end_date"),
        ({"due_date": YESTERDAY.isoformat()}, "due_date"),
        ({"start_date": "soon"}, "start_date"),
        ({"start_date": ""}, "start_date"),
    ],
    ids=["backwards", "due", "no day", "empty"],
)
def test_wrong_input_starts_nothing(admin: Client, fields: dict[str, str], wrong: str) -> None:
    assert admin.post(ADD, {**NEW, **fields}).context["form"].errors[wrong]
    assert not InvoiceRun.objects.exists()


def test_a_run_with_nothing_to_invoice_says_so(admin: Client) -> None:
    told = admin.post(ADD, NEW, follow=True).content.decode()
    assert "there is nothing to invoice" in told


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY, Role.MARKETING])
def test_only_who_may_write_invoices_starts_and_stops_runs(role: Role, sign_in: SignIn, martin: Customer) -> None:
    charged(martin)
    run, browser = start(), sign_in(role)
    assert browser.post(ADD, NEW).status_code == 403
    assert browser.post(page(run, "cancel_page")).status_code == 403
    assert browser.get(page(run)).status_code == (403 if role == Role.MARKETING else 200)
    assert InvoiceRun.objects.get().state == RunState.RUNNING
