"""`balances` in crm_config.yaml: when a balance counts as low, and when customers may be told."""

from omnicrm.config.base import Model


class Balances(Model):
    """`low_threshold_percent` of the initial value, unless a service or its plan says otherwise."""

    low_threshold_percent: int = 20
