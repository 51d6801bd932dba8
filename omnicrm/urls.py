"""Every address of the server."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from omnicrm.accounts.pages.languages import switch_language
from omnicrm.api.urls import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("crm/", api.urls),
    path("account/", include("omnicrm.accounts.pages.urls")),
    path("i18n/setlang/", switch_language, name="set_language"),
    path("backoffice/", admin.site.urls),
    path("", include("omnicrm.selfcare.urls")),
]

handler429 = "omnicrm.accounts.pages.answers.too_many_requests"
"""Read by allauth, whose rate limits answer so."""
