from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicesConfig(AppConfig):
    name = "omnicrm.invoices"
    verbose_name = _("Invoices")

    def import_models(self) -> None:
        """Runs and reminders have models of their own, which build on those of invoices."""
        super().import_models()
        import_module("omnicrm.invoices.run_models")
        import_module("omnicrm.invoices.reminder_models")
