"""What the demo does inside the CRM, once its config exists and Django is set up: logins and templates."""

import secrets
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.contrib.auth.hashers import make_password

from mailjet_sandbox.control import SandboxControl
from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import (
    create_api_key,
    create_proven_user,
    create_user,
    revoke_api_key,
    set_password,
)
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.balances.expiry import look_for_expired
from omnicrm.config import Config
from omnicrm.customers.models import Contact
from omnicrm.emails.templates.folder import own_designs, read_local
from omnicrm.emails.templates.targets import targets
from omnicrm.invoices.rendering import render_invoice
from omnicrm.invoices.samples import sample_document
from omnicrm.ops.webhook import address
from omnicrm.ops.webhook_account import register_all


def fresh_password(email: str, *, now: datetime) -> str:
    """Creates the administrator, or gives it a new password; returns the password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first()
    if user is None:
        create_user(email=email, full_name="Demo Admin", role=Role.ADMIN, password=password, language="en", now=now)
    else:
        set_password(user_id=user.pk, new_password=password, now=now)
    return password


def customer_password(email: str, *, now: datetime) -> str:
    """Gives the contact at that address a login for self-care, or a new password; returns the password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first()
    if user is not None:
        set_password(user_id=user.pk, new_password=password, now=now)
        return password
    contact = Contact.objects.select_related("customer").get(email=email)
    create_proven_user(
        customer_id=contact.customer_id,
        email=email,
        full_name=contact.full_name,
        language=contact.customer.language,
        password_hash=make_password(password),
        by=SYSTEM,
        now=now,
    )
    return password


def outside_invoice(
    language: Literal["fr", "en"], *, customer_name: str, number: str, issued: date, due: date
) -> tuple[bytes, Decimal]:
    """The PDF and the total of an invoice such as another billing system makes them, of which nothing is paid."""
    sample = sample_document(language)
    document = replace(
        sample,
        client=replace(sample.client, name=customer_name),
        invoice_number=number,
        payment_reference=number,
        date=issued,
        due_date=due,
        payments=(),
        balance_due=sample.total_amount,
    )
    return render_invoice(document), sample.total_amount


def notice_expired(*, now: datetime) -> None:
    """Does at once what a worker does each minute."""
    look_for_expired(now=now)


def fresh_api_key(*, now: datetime) -> str:
    """Revokes the keys of earlier demos and returns a new one."""
    for key in ApiKey.objects.filter(name__startswith="demo ", revoked_at=None):
        revoke_api_key(api_key_id=key.pk, now=now)
    return create_api_key(name=f"demo {now:%Y-%m-%d %H:%M:%S}", role=Role.ADMIN, now=now).plain_key


def put_templates(sandbox: SandboxControl, *, config: Config) -> None:
    """Gives the local Mailjet the designs under the numbers that the config names."""
    for target in targets(config):
        design = read_local(target, company=config.company, folder=own_designs()).design
        sandbox.put_template(target.template_id, name=target.name, html=design.html, text=design.text)


def register_webhook(config: Config) -> None:
    """As `omnicrm webhook register` does: from then on the local Mailjet tells what becomes of the emails."""
    register_all(config, url=address(config))
