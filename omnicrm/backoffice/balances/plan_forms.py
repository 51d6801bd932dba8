"""What staff type on the pages about thresholds. balances.thresholds decides about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from omnicrm.backoffice.balances.wording import kind_label, steps_text, typed_steps
from omnicrm.balances.models import Plan
from omnicrm.balances.thresholds import ANY_TYPE
from omnicrm.emails.balances import BalanceType

KINDS: Final = (ANY_TYPE, *(kind.value for kind in BalanceType if kind is not BalanceType.SERVICE))
_MAX_TYPED: Final = 400
_EXAMPLES: Final = {
    ANY_TYPE: gettext_lazy("Percentages, such as 50%; 20%; 5%."),
    "data": gettext_lazy("Such as 20%; 500 MB."),
    "voice": gettext_lazy("Such as 20%; 10 min."),
    "sms": gettext_lazy("Such as 20%; 10."),
    "monetary": gettext_lazy("Such as 20%; 2.50, in the balance's currency."),
    "other": gettext_lazy("Such as 20%; 3."),
}


class StepsForm(forms.Form):
    """For each type of balance its thresholds, or that it is never low; neither means: as set elsewhere."""

    def __init__(
        self, data: QueryDict | None, *, steps: Mapping[str, Sequence[str]], initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial={**initial, **_initial(steps)})
        for kind in KINDS:
            self.fields[_name(kind)] = forms.CharField(
                label=kind_label(kind),
                help_text=_EXAMPLES[kind],
                max_length=_MAX_TYPED,
                required=False,
                widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            )
            self.fields[f"never_{_name(kind)}"] = forms.BooleanField(
                label=_("never low"),
                required=False,
                widget=UnfoldBooleanWidget(attrs={"aria-label": _("%(type)s: never low") % {"type": kind_label(kind)}}),
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[_name(kind)], self[f"never_{_name(kind)}"]) for kind in KINDS]

    def clean(self) -> dict[str, Any]:
        for kind in KINDS:
            name = _name(kind)
            typed, never = self.cleaned_data.get(name, ""), self.cleaned_data.get(f"never_{name}")
            try:
                self.cleaned_data[name] = typed_steps(typed)
            except ValueError as error:
                self.add_error(name, str(error))
            if typed and never:
                self.add_error(name, _("Give thresholds, or tick “never low”, but not both."))
        return self.cleaned_data

    def steps(self) -> dict[str, list[str]]:
        """As operations take them."""
        given = self.cleaned_data
        return {kind: given[_name(kind)] for kind in KINDS if given[_name(kind)] or given[f"never_{_name(kind)}"]}

    @staticmethod
    def paths() -> dict[str, str]:
        """From the operations' field paths to this form's names."""
        own = {"plan_id": "plan"}
        return own | {f"{before}{kind}": _name(kind) for kind in KINDS for before in ("", "steps.")}


class PlanForm(StepsForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, widget=UnfoldAdminTextInputWidget)


class ServiceThresholdsForm(StepsForm):
    plan = forms.ChoiceField(label=gettext_lazy("Plan"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(
        self, data: QueryDict | None, *, steps: Mapping[str, Sequence[str]], initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, steps=steps, initial=initial)
        field = self.fields["plan"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells mypy what stands above
        field.choices = [("", _("none")), *((str(pk), name) for pk, name in Plan.objects.values_list("pk", "name"))]

    def plan_id(self) -> int | None:
        return int(self.cleaned_data["plan"]) if self.cleaned_data["plan"] else None


def _name(kind: str) -> str:
    return f"steps_{'any' if kind == ANY_TYPE else kind}"


def _initial(steps: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    shown = {_name(kind): steps_text(kind, keys) for kind, keys in steps.items()}
    return shown | {f"never_{_name(kind)}": not keys for kind, keys in steps.items()}
