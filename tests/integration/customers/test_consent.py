"""Consent to marketing: given with a date and a source, bound to the address it was given for."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import ConsentSource, Contact, Customer
from omnicrm.customers.operations import (
    add_contact,
    give_marketing_consent,
    update_contact,
    withdraw_marketing_consent,
)
from tests.integration.customers.conftest import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def helene(martin: Customer) -> Contact:
    """Agreed in the portal."""
    contact = martin.contacts.get()
    return give_marketing_consent(contact_id=contact.pk, source=ConsentSource.SELF_CARE, now=NOW)


def test_nobody_agreed_who_was_not_asked(martin: Customer) -> None:
    assert martin.contacts.get().marketing_consent_at is None


def test_consent_is_kept_with_its_date_and_source(helene: Contact) -> None:
    helene.refresh_from_db()
    assert (helene.marketing_consent_at, helene.marketing_consent_source) == (NOW, ConsentSource.SELF_CARE)


def test_who_agrees_again_keeps_the_first_date_and_source(helene: Contact) -> None:
    again = give_marketing_consent(contact_id=helene.pk, source=ConsentSource.STAFF, now=LATER)
    assert (again.marketing_consent_at, again.marketing_consent_source) == (NOW, ConsentSource.SELF_CARE)


def test_withdrawn_consent_leaves_nothing(helene: Contact) -> None:
    contact = withdraw_marketing_consent(contact_id=helene.pk, now=LATER)
    assert (contact.marketing_consent_at, contact.marketing_consent_source) == (None, "")


def test_another_address_has_to_be_asked_anew(helene: Contact) -> None:
    update_contact(contact_id=helene.pk, email="new@example.com", now=LATER)
    helene.refresh_from_db()
    assert helene.marketing_consent_at is None


def test_another_name_keeps_the_consent(helene: Contact) -> None:
    update_contact(contact_id=helene.pk, last_name="Durand", now=LATER)
    helene.refresh_from_db()
    assert helene.marketing_consent_at == NOW


def test_who_has_no_address_cannot_agree(martin: Customer) -> None:
    contact = add_contact(customer_id=martin.pk, phone="+33 199001234", now=NOW)
    with pytest.raises(InvalidInput, match="no email address"):
        give_marketing_consent(contact_id=contact.pk, source=ConsentSource.STAFF, now=NOW)


def test_the_database_refuses_consent_without_a_source(martin: Customer) -> None:
    with transaction.atomic(), pytest.raises(IntegrityError, match="marketing_consent_has_a_date_and_a_source"):
        martin.contacts.update(marketing_consent_at=NOW)
