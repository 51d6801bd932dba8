"""The templates pages: every email of the catalogue, and all about one of them. Nothing here calls Mailjet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.policies import EMAIL, PAGE_WITH_EMAILS
from omnicrm.backoffice.template_facts import Edition, editions, email_rows, remarks, sample_of, variable_rows
from omnicrm.backoffice.wording import email_name, moment
from omnicrm.config import Config, current_config
from omnicrm.customers.addresses import InvalidAddress, normalise
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language
from omnicrm.emails.catalogue import CATALOGUE, email_class
from omnicrm.emails.templates.trial import send_trial
from omnicrm.outbox.queries import section_figures

MAILJETS_TEMPLATES: Final = "https://app.mailjet.com/templates/transactional"


class TrialForm(forms.Form):
    to = forms.CharField(label=gettext_lazy("Address"), max_length=MAX_EMAIL_LENGTH, widget=UnfoldAdminEmailInputWidget)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=Language.choices, widget=UnfoldAdminSelectWidget
    )

    def clean_to(self) -> str:
        try:
            return normalise(self.cleaned_data["to"])
        except InvalidAddress:
            raise forms.ValidationError(_("This is no email address; write one such as name@example.com.")) from None


@dataclass(frozen=True)
class TemplatesPages:
    site: AdminSite

    def urls(self) -> list[URLPattern]:
        pages: Sequence[tuple[str, Any, str]] = [
            ("templates/", self.every_email, "templates"),
            ("templates/<slug:section>/", self.one_email, "template"),
            ("templates/<slug:section>/<slug:language>/", self.sample, "template_sample"),
        ]
        return [path(route, self.site.admin_view(view), name=name) for route, view, name in pages]

    def every_email(self, request: HttpRequest) -> TemplateResponse:
        _require(request, Permission.READ_MESSAGES)
        config, figures = current_config(), section_figures(now=timezone.now())
        context = {
            **self.site.each_context(request),
            "title": _("Templates"),
            "rows": email_rows(config, figures),
            "figures": figures,
            "since": moment(figures.since),
            "languages": Language.labels,
            "mailjets_templates": MAILJETS_TEMPLATES,
        }
        return TemplateResponse(request, "backoffice/templates.html", context)

    def one_email(self, request: HttpRequest, section: str) -> HttpResponse:
        _require(request, Permission.READ_MESSAGES)
        if section not in CATALOGUE:
            messages.warning(request, _("This is no longer there."))
            return redirect("admin:templates")
        initial = {"to": getattr(request.user, "email", ""), "language": (get_language() or "en")[:2]}
        form = TrialForm(request.POST or None, initial=initial)
        if request.method == "POST":
            _require(request, Permission.WRITE_MESSAGES)
            if current_config().section(section) and form.is_valid():
                _send(request, section, form)
                return redirect("admin:template", section=section)
        response = TemplateResponse(request, "backoffice/template.html", self._about(request, section, form))
        response["Content-Security-Policy"] = PAGE_WITH_EMAILS
        return response

    @staticmethod
    @xframe_options_sameorigin
    def sample(request: HttpRequest, section: str, language: str) -> HttpResponse:
        """The HTML of an email to readers of a language, with sample data, for a frame."""
        _require(request, Permission.READ_MESSAGES)
        if section not in CATALOGUE or language not in Language.values:
            raise Http404
        config = current_config()
        edition = next(each for each in editions(section, config) if each.language == language)
        shown = sample_of(edition, config=config, now=timezone.now())
        return HttpResponse(shown.html if shown else "", headers={"Content-Security-Policy": EMAIL})

    def _about(self, request: HttpRequest, section: str, form: TrialForm) -> dict[str, Any]:
        config, email = current_config(), email_class(section)
        shown = [_shown(edition, config) for edition in editions(section, config)]
        return {
            **self.site.each_context(request),
            "title": email_name(section),
            "section": section,
            "sent_when": email.sent_when,
            "lane": email.lane.label,
            "editions": shown,
            "is_configured": config.section(section) is not None,
            "variables": variable_rows(section),
            "form": form if allows(request, Permission.WRITE_MESSAGES) else None,
            "mailjets_templates": MAILJETS_TEMPLATES,
        }


def _shown(edition: Edition, config: Config) -> dict[str, Any]:
    return {
        "edition": edition,
        "remarks": remarks(edition),
        "sample": sample_of(edition, config=config, now=timezone.now()),
    }


def _send(request: HttpRequest, section: str, form: TrialForm) -> None:
    to, language = form.cleaned_data["to"], form.cleaned_data["language"]
    message_id = send_trial(section=section, language=language, to=to, now=timezone.now())
    link = format_html(
        '<a class="bo-link" href="{}">{}</a>',
        reverse("admin:outbox_message_change", args=[message_id]),
        _("See what becomes of it"),
    )
    told = _("A test is queued for %(address)s, its subject marked [TEST].") % {"address": to}
    messages.success(request, format_html("{} {}", told, link))


def _require(request: HttpRequest, permission: Permission) -> None:
    if not allows(request, permission):
        raise PermissionDenied
