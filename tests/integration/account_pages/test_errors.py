"""What is said where there is no page, and when something breaks."""

import pytest
from django.http import HttpRequest
from django.template.loader import get_template
from django.test import Client
from django.views.defaults import server_error

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "words"), [("en", "There is nothing here"), ("fr", "Il n’y a rien ici")])
def test_an_address_nobody_has_is_answered_in_the_visitors_language(language: str, words: str) -> None:
    response = Client(headers={"accept-language": language}).get("/self-care/nowhere/")
    assert response.status_code == 404
    assert words in response.content.decode()


def test_an_error_of_ours_needs_nothing_that_may_be_broken() -> None:
    response = server_error(HttpRequest())
    assert response.status_code == 500
    assert "Une erreur est survenue" in response.content.decode()
    assert "{" not in get_template("500.html").render()
