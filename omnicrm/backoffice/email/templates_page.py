"""The templates pages: every email, and all about one of them. Only the comparison asks Mailjet."""

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

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.email.template_comparison import side_by_side
from omnicrm.backoffice.email.template_example import example_of_a_template
from omnicrm.backoffice.email.template_facts import Edition, as_remark, editions, email_rows, sample_of, variable_rows
from omnicrm.backoffice.email.template_previews import Preview, preview_asked_for
from omnicrm.backoffice.policies import PAGE_OF_EMAILS, PAGE_WITH_EMAILS
from omnicrm.backoffice.wording import email_name, moment
from omnicrm.config import Config, current_config
from omnicrm.customers.addresses import InvalidAddress, normalise
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language
from omnicrm.emails.browser_policy import EMAIL
from omnicrm.emails.catalogue import email_kind, email_kinds
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
            ("templates/<slug:section>/customers/", self.customers, "template_customers"),
            ("templates/<slug:section>/<slug:language>/", self.sample, "template_sample"),
            ("templates/<slug:section>/<slug:language>/mailjet/", self.compared, "template_compared"),
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
            "example": example_of_a_template(config.company),
        }
        return TemplateResponse(request, "backoffice/templates.html", context)

    def one_email(self, request: HttpRequest, section: str) -> HttpResponse:
        _require(request, Permission.READ_MESSAGES)
        if section not in email_kinds():
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
        """The HTML of an email to readers of a language, for a frame; the address says whose data is in it."""
        _require(request, Permission.READ_MESSAGES)
        if section not in email_kinds() or language not in Language.values:
            raise Http404
        config = current_config()
        edition = next(each for each in editions(section, config) if each.language == language)
        preview = preview_asked_for(request)
        shown = sample_of(edition, config=config, own=preview.own, now=timezone.now())
        return HttpResponse(preview.html(shown) if shown else "", headers={"Content-Security-Policy": EMAIL})

    @staticmethod
    def customers(request: HttpRequest, section: str) -> TemplateResponse:
        """The customers whose data a preview could show, for the search field that asks while one types."""
        _require(request, Permission.READ_MESSAGES)
        _require(request, Permission.READ_CUSTOMERS)
        preview = preview_asked_for(request)
        context = {"customers": preview.customers, "page": reverse("admin:template", args=[section])}
        return TemplateResponse(request, "backoffice/template_customers.html", context)

    def compared(self, request: HttpRequest, section: str, language: str) -> HttpResponse:
        """The design here beside what Mailjet has now. Asking costs calls of the account, so not everybody may."""
        _require(request, Permission.READ_MESSAGES)
        _require(request, Permission.WRITE_MESSAGES)
        config = current_config()
        edition = _edition(section, language, config)
        if edition is None or not edition.is_configured or edition.instead:
            messages.warning(request, _("This is no longer there."))
            return redirect("admin:templates")
        preview = preview_asked_for(request)
        context = {
            **self.site.each_context(request),
            "title": _("%(email)s: here and at Mailjet") % {"email": email_name(section)},
            "section": section,
            "edition": edition,
            "preview": preview,
            "compared": side_by_side(edition, config=config, preview=preview),
        }
        response = TemplateResponse(request, "backoffice/template_compared.html", context)
        response["Content-Security-Policy"] = PAGE_OF_EMAILS
        return response

    def _about(self, request: HttpRequest, section: str, form: TrialForm) -> dict[str, Any]:
        config, email = current_config(), email_kind(section)
        preview = preview_asked_for(request)
        shown = [_shown(edition, config, preview) for edition in editions(section, config)]
        return {
            **self.site.each_context(request),
            "title": email_name(section),
            "section": section,
            "sent_when": email.sent_when,
            "lane": email.lane.label,
            "editions": shown,
            "preview": preview,
            "may_choose_customer": allows(request, Permission.READ_CUSTOMERS),
            "may_ask_mailjet": allows(request, Permission.WRITE_MESSAGES),
            "is_configured": config.section(section) is not None,
            "variables": variable_rows(section),
            "example": example_of_a_template(config.company),
            "form": form if allows(request, Permission.WRITE_MESSAGES) else None,
            "mailjets_templates": MAILJETS_TEMPLATES,
        }


def _shown(edition: Edition, config: Config, preview: Preview) -> dict[str, Any]:
    return {
        "edition": edition,
        "remarks": [as_remark(each) for each in edition.findings],
        "sample": sample_of(edition, config=config, own=preview.own, now=timezone.now()),
    }


def _edition(section: str, language: str, config: Config) -> Edition | None:
    if section not in email_kinds():
        return None
    return next((each for each in editions(section, config) if each.language == language), None)


def _send(request: HttpRequest, section: str, form: TrialForm) -> None:
    to, language = form.cleaned_data["to"], form.cleaned_data["language"]
    message_id = send_trial(section=section, language=language, to=to, by=visitor(request), now=timezone.now())
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
