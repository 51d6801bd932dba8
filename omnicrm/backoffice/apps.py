from django.apps import AppConfig
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "omnicrm.backoffice"
    verbose_name = _("Back office")

    def ready(self) -> None:
        """Makes our site the admin site, in the way unfold puts its own in the place of Django's."""
        from omnicrm.backoffice.site import site  # noqa: PLC0415 - needs the models of accounts

        admin.site = admin.sites.site = site
