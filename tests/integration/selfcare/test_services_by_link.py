"""The pages behind the links of balance alerts: one service, nothing else, and clear words when a link is void."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from omnicrm.balances.links import renewal_url, token_for, topup_url
from omnicrm.config import current_config
from omnicrm.customers.models import Service
from omnicrm.customers.operations import update_service
from omnicrm.onboarding.operations import erase_customer
from tests.integration.balances.conftest import NOW, accept, configured, event, new_service

SHOP = "https://shop.example.com/{service_uuid}"


@pytest.fixture
def service(db: None) -> Service:
    service = new_service(language="en")
    accept(event(service, 10))
    return service


def opened(url: str, browser: Client | None = None) -> HttpResponse:
    parts = urlsplit(url)
    return (browser or Client()).get(f"{parts.path}?{parts.query}")


def text(response: HttpResponse) -> str:
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_the_link_of_a_low_balance_shows_what_is_left_and_whom_to_ask(service: Service) -> None:
    response = opened(topup_url(service, now=NOW))
    assert response.status_code == 200
    assert "Top up Mobile 20 Go" in text(response)
    assert "10 SMS left" in text(response)
    assert f"mailto:{current_config().company.support_email}" in text(response)


def test_the_link_of_an_expired_balance_leads_to_renewing(service: Service) -> None:
    assert "Renew Mobile 20 Go" in text(opened(renewal_url(service, now=NOW)))


def test_without_signing_in_nothing_names_the_customer(service: Service) -> None:
    shown = text(opened(topup_url(service, now=NOW)))
    assert [word for word in ("Martin", "martin@example.com", "199001234", "below 20 SMS") if word in shown] == []


def test_where_there_is_a_shop_the_page_leads_there(service: Service) -> None:
    link = topup_url(service, now=NOW)
    with configured(topup_url=SHOP):
        shown = text(opened(link))
    assert f'href="https://shop.example.com/{service.service_uuid}"' in shown
    assert "write to us" not in shown


def test_a_shop_that_is_this_very_page_is_none(service: Service) -> None:
    link = topup_url(service, now=NOW)
    portal = f"{current_config().server.public_url}/self-care/services/{{service_id}}/topup/?t={{token}}"
    with configured(topup_url=portal):
        assert "write to us" in text(opened(link))


def test_the_page_is_kept_from_caches_search_engines_and_other_sites(service: Service) -> None:
    headers = opened(topup_url(service, now=NOW)).headers
    assert "no-store" in headers["Cache-Control"]
    assert (headers["X-Robots-Tag"], headers["Referrer-Policy"]) == ("noindex", "same-origin")


def test_the_page_speaks_the_customers_language_until_another_is_chosen(db: None) -> None:
    link = topup_url(new_service(), now=NOW)
    assert opened(link).headers["Content-Language"] == "fr"
    browser = Client()
    browser.cookies["django_language"] = "en"
    assert opened(link, browser).headers["Content-Language"] == "en"


def test_a_closed_service_is_said_to_be_closed(service: Service) -> None:
    update_service(service_id=service.pk, state="closed", now=NOW)
    with configured(topup_url=SHOP):
        shown = text(opened(f"/self-care/services/{service.pk}/topup/?t={token_for(service, now=NOW)}"))
    assert "This service is closed" in shown
    assert "shop.example.com" not in shown


def test_an_expired_link_is_gone_and_says_so(service: Service) -> None:
    browser = Client()
    browser.cookies["django_language"] = "en"
    response = opened(topup_url(service, now=NOW - timedelta(days=91)), browser)
    assert response.status_code == 410
    assert "This link has expired" in text(response)
    assert "10 SMS" not in text(response)


def test_a_link_that_opens_nothing_is_not_found(service: Service) -> None:
    other = new_service("Durand")
    theirs = token_for(other, now=NOW)
    for address in (
        f"/self-care/services/{service.pk}/topup/",
        f"/self-care/services/{service.pk}/topup/?t=x",
        f"/self-care/services/{service.pk}/topup/?t={theirs}",
        f"/self-care/services/{2**70}/renew/?t={theirs}",
    ):
        response = opened(address)
        assert response.status_code == 404, address
        assert "Mobile 20 Go" not in text(response)


def test_the_link_of_an_erased_customer_opens_nothing(service: Service) -> None:
    link = topup_url(service, now=NOW)
    erase_customer(customer_id=service.customer_id, now=NOW)
    assert opened(link).status_code == 404
