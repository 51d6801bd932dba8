"""The page where a customer without a login finds help."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from omnicrm.config import current_config


@pytest.mark.django_db
def test_the_support_link_of_emails_leads_to_how_to_reach_the_company() -> None:
    company = current_config().company
    answer = Client().get(urlsplit(company.support_url).path)
    assert answer.status_code == 200
    assert f"mailto:{company.support_email}" in answer.content.decode()
