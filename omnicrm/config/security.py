"""`security` in crm_config.yaml: how long what opens an account stays valid, and who needs a second factor."""

from datetime import timedelta

from omnicrm.config.base import Model
from omnicrm.config.fields import Duration


class Security(Model):
    """Lengths of time are written as 15m, 1h or 30d."""

    password_reset_expiry: Duration = timedelta(hours=1)
