from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "omnicrm.outbox"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Lets every room that sends email register what must still be true just before its call."""
        autodiscover_modules("guards")
