"""Every address of the server."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from omnicrm.api.urls import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("crm/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("backoffice/", admin.site.urls),
]
