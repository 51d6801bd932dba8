"""Forms of the confirmation pages."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Colleagues will read it beside the message. You may leave it empty."),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
