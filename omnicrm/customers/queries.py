"""Reads of customers."""

import re
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from omnicrm.customers.models import CONTACT_WORDS, CUSTOMER_WORDS, Contact, ContactType, Customer

_WORD = re.compile(r"\w+")


def customers_in_full() -> QuerySet[Customer]:
    """Customers with contacts, sites and services at hand: four queries however many they are."""
    return Customer.objects.prefetch_related("contacts", "sites", "services")


def find_customers(
    *, search: str = "", tag: str = "", account_type: str = "", language: str = ""
) -> QuerySet[Customer]:
    """Customers that fulfil all that is given, newest first.

    `search` looks for words that begin like each of its words, in the name or in one contact; a number may be an id.
    """
    customers = customers_in_full()
    if search:
        customers = customers.filter(_found_by(search))
    if tag:
        customers = customers.filter(tags__contains=[tag])
    if account_type:
        customers = customers.filter(customer_account_type=account_type)
    if language:
        customers = customers.filter(language=language)
    return customers


def addressee(contacts: Iterable[Contact]) -> Contact | None:
    """Whom to write to at a customer: the primary contact with an address, else the first with one."""
    reachable = [contact for contact in contacts if contact.email]
    return min(reachable, key=lambda contact: contact.contact_type != ContactType.PRIMARY, default=None)


def _found_by(search: str) -> Q:
    words = _WORD.findall(search.replace("_", " "))
    if not words:
        return Q(pk__in=[])
    # Quoted words are taken literally; each finds all that begins with it.
    beginnings = SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config="simple")
    by_name = Customer.objects.alias(words=CUSTOMER_WORDS).filter(words=beginnings).values("pk")
    by_contact = Contact.objects.alias(words=CONTACT_WORDS).filter(words=beginnings).values("customer_id")
    found = Q(pk__in=by_name.order_by().union(by_contact.order_by(), all=True))
    return found | Q(pk=int(search)) if search.strip().isdecimal() else found
