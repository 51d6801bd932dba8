from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from omnicrm.outbox.partitions import MonthlyTable, keep_monthly


class DeliveryConfig(AppConfig):
    name = "omnicrm.delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Has the months of the events made together with those of the messages."""
        keep_monthly(MonthlyTable(name="delivery_event", column="happened_at", bound=lambda moment: moment.isoformat()))
