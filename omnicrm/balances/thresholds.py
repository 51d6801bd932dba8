"""Below what a balance is low: steps set for a service, else for its plan, else by the charging system, else in
crm_config.yaml.

Steps are kept by type of balance as texts: "20%" of the initial value, or an amount in the unit we keep, such as
"500000000" bytes. The type "*" stands for all that are not named. No steps at all means: never low.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from omnicrm.balances.units import amount, in_unit, scale, written_amount
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.emails.balances import BalanceType

ANY_TYPE: Final = "*"
MAX_STEPS: Final = 10
_WHOLE: Final = 100
_AMOUNT: Final = r"([-+]?[0-9.,]*(?:[eE][-+]?[0-9]+)?) *(.*)"

Steps = Mapping[str, Sequence[str]]
"""By type of balance, or "*"."""


@dataclass(frozen=True, slots=True)
class Step:
    """`percent` of the initial value, an `amount` in the unit we keep, or, with neither, what the charging system
    says in its events. `key` names the step for good."""

    key: str
    percent: Decimal | None = None
    amount: Decimal | None = None

    def threshold(self, initial_value: Decimal, of_charging: Decimal | None) -> Decimal | None:
        """The value below which the balance is low, or None where nothing says so."""
        if self.percent is not None:
            return initial_value * self.percent / 100
        return of_charging if self.amount is None else self.amount


OF_CHARGING: Final = Step("ocs")


@lru_cache(maxsize=1024)
def step(key: str) -> Step:
    """The step that a kept text stands for."""
    if key == OF_CHARGING.key:
        return OF_CHARGING
    if key.endswith("%"):
        return Step(key, percent=Decimal(key[:-1]))
    return Step(key, amount=Decimal(key))


class Origin(StrEnum):
    """Where thresholds are set."""

    SERVICE = "service"
    PLAN = "plan"
    CHARGING = "charging"
    CONFIG = "config"


def steps_for(
    kind: str, *, service: Steps, plan: Steps, has_charging: bool, percentages: Sequence[Decimal]
) -> Sequence[Step]:
    """The steps in force for a balance of the type `kind`, highest percentage first."""
    return in_force(kind, service=service, plan=plan, has_charging=has_charging, percentages=percentages)[1]


def in_force(
    kind: str, *, service: Steps, plan: Steps, has_charging: bool, percentages: Sequence[Decimal]
) -> tuple[Origin, Sequence[Step]]:
    """As steps_for, and where these steps are set."""
    if kind == BalanceType.SERVICE:
        return Origin.CONFIG, ()
    for origin, chosen in ((Origin.SERVICE, service), (Origin.PLAN, plan)):
        keys = chosen.get(kind, chosen.get(ANY_TYPE))
        if keys is not None:
            return origin, tuple(map(step, keys))
    return (Origin.CHARGING, (OF_CHARGING,)) if has_charging else (Origin.CONFIG, _of_config(tuple(percentages)))


@lru_cache(maxsize=8)
def _of_config(percentages: Sequence[Decimal]) -> Sequence[Step]:
    return tuple(step(_percent_key(share)) for share in percentages)


def checked_steps(given: Mapping[str, Iterable[object]]) -> dict[str, list[str]]:
    """Steps as a person writes them ("20%", "500 MB", "2.50"), as they are kept. Raises InvalidInput."""
    errors: list[FieldError] = []
    kept: dict[str, list[str]] = {}
    for kind, steps in given.items():
        if kind != ANY_TYPE and kind not in _KINDS:
            message = _("There is no such type of balance; use one of: %(types)s.")
            errors.append(FieldError(field=kind[:40], message=message % {"types": ", ".join((*_KINDS, ANY_TYPE))}))
            continue
        try:
            kept[kind] = _kept(kind, list(steps))
        except ValueError as error:
            errors.append(FieldError(field=kind, message=str(error)))
    if errors:
        raise InvalidInput(*errors)
    return kept


def written_step(kind: str, key: str) -> str:
    """A kept step as a person would write it, exactly: "20%", "1.5 GB". `checked_steps` makes the same of it."""
    return key if key.endswith("%") else written_amount(BalanceType(kind), Decimal(key))


_KINDS: Final = tuple(kind.value for kind in BalanceType if kind != BalanceType.SERVICE)


def _kept(kind: str, steps: Sequence[object]) -> list[str]:
    if len(steps) > MAX_STEPS:
        raise ValueError(_("Use at most %(limit)d steps.") % {"limit": MAX_STEPS})
    keys = dict.fromkeys(_key(kind, str(each).strip()) for each in steps)
    return sorted(keys, key=lambda key: (key.endswith("%"), Decimal(key.removesuffix("%"))), reverse=True)


def _key(kind: str, written: str) -> str:
    if written.endswith("%"):
        share = amount(written[:-1].replace(",", "."))
        if not 0 < share <= _WHOLE:
            raise ValueError(_("Give a percentage above 0 and up to 100."))
        return _percent_key(share)
    if kind == ANY_TYPE:
        raise ValueError(_("For all types together, give percentages, such as 20%."))
    number, unit = re.fullmatch(_AMOUNT, written, re.DOTALL).groups()  # type: ignore[union-attr]  # it fits any text
    value = in_unit(amount(number.replace(",", ".")), scale(BalanceType(kind), unit))
    if value < 0:
        raise ValueError(_("Give a threshold that is not negative."))
    return format(value.normalize(), "f")


def _percent_key(share: Decimal) -> str:
    return f"{format(share.normalize(), 'f')}%"
