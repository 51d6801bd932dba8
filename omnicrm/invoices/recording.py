"""Invoices as the audit log names them."""

from omnicrm.audit.models import TargetKind
from omnicrm.audit.operations import Target
from omnicrm.customers.models import Customer
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.run_models import InvoiceRun


def target(invoice: Invoice) -> Target:
    return Target(kind=TargetKind.INVOICE, id=invoice.pk, name=str(invoice))


def run_target(run: InvoiceRun) -> Target:
    return Target(kind=TargetKind.INVOICE_RUN, id=run.pk, name=str(run))


def customer_target(customer: Customer) -> Target:
    return Target(kind=TargetKind.CUSTOMER, id=customer.pk, name=customer.customer_name)
