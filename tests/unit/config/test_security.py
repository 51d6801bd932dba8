"""What `security` refuses: times so short that they would lock people out, or lose what an auditor asks for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from omnicrm.config import Config, ConfigInvalid

Load = Callable[[str], Config]


def test_has_sensible_times_when_it_says_nothing(load_with_account: Load) -> None:
    security = load_with_account("").security
    assert security.password_reset_expiry == timedelta(hours=1)
    assert security.temporary_password_expiry == timedelta(days=3)
    assert (security.verification_expiry, security.verification_cooldown) == (timedelta(days=1), timedelta(minutes=1))
    assert security.audit_retention == timedelta(days=365)


@pytest.mark.parametrize("key", ["password_reset_expiry", "temporary_password_expiry", "verification_expiry"])
def test_what_opens_an_account_outlives_the_way_of_its_email(load_with_account: Load, key: str) -> None:
    with pytest.raises(ConfigInvalid, match=rf"{key}: .*shorter than an email may take to arrive; write 5m or more"):
        load_with_account(f"security: {{{key}: 299s}}")
    assert getattr(load_with_account(f"security: {{{key}: 5m}}").security, key) == timedelta(minutes=5)


def test_the_audit_log_is_kept_for_a_month_at_least(load_with_account: Load) -> None:
    with pytest.raises(ConfigInvalid, match=r"audit_retention: .*too short for an audit log; write 30d or more"):
        load_with_account("security: {audit_retention: 29d}")
    assert load_with_account("security: {audit_retention: 30d}").security.audit_retention == timedelta(days=30)
