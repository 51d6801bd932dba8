"""The portal's first page, one's profile, and one's data as a file."""

from typing import Any

import orjson
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.forms import accepted
from omnicrm.accounts.pages.sessions import speak
from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.config import current_config
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import amount_text
from omnicrm.invoices.figures import open_by_currency
from omnicrm.onboarding import operations as onboarding
from omnicrm.onboarding.profile import contact_of, update_profile, wish_for_marketing
from omnicrm.selfcare.access import Visit, customers_only
from omnicrm.selfcare.emails import LATEST, told
from omnicrm.selfcare.forms import ProfileForm
from omnicrm.selfcare.services import told_services


@require_safe
@customers_only(Permission.READ_OWN)
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    about = {
        "customer": visit.customer,
        "services": told_services(visit.services.order_by("-id")[:LATEST], now=now()),
        "open_invoices": _open_invoices(visit),
        "emails": [told(message) for message in visit.messages.order_by("-id")[:LATEST]],
    }
    return render(request, "selfcare/home.html", about)


def _open_invoices(visit: Visit) -> list[dict[str, Any]]:
    """What is still to be paid, in each currency."""
    today = local_day(now())
    return [
        {
            "count": each.count,
            "due": amount_text(each.due, each.currency),
            "next_due": each.next_due,
            "is_late": each.next_due < today,
        }
        for each in open_by_currency(visit.invoices)
    ]


@customers_only(Permission.WRITE_OWN)
def profile(request: HttpRequest, visit: Visit) -> HttpResponse:
    contact = contact_of(visit.user)
    known = {
        "full_name": visit.user.full_name,
        "phone": contact.phone if contact else "",
        "language": visit.user.language,
    }
    form = ProfileForm(request.POST or None, initial=known)
    changed = accepted(form, lambda: _update(visit, form)) if request.method == "POST" else None
    if changed is not None:
        messages.success(request, _("Your profile is saved."))
        response = redirect("profile")
        speak(response, changed.language)
        return response
    about = {
        "form": form,
        "contact": contact,
        "contacts": visit.customer.contacts.all(),
        "sites": visit.customer.sites.all(),
        "support_email": current_config().company.support_email,
    }
    return render(request, "selfcare/profile.html", about)


def _update(visit: Visit, form: ProfileForm) -> User:
    return update_profile(user=visit.user, **form.cleaned_data, now=now())


@require_POST
@customers_only(Permission.WRITE_OWN)
def marketing(request: HttpRequest, visit: Visit) -> HttpResponse:
    agrees = request.POST.get("wish") == "yes"
    wish_for_marketing(user=visit.user, agrees=agrees, now=now())
    text = _("We will send you news and offers.") if agrees else _("We will send you no more news and offers.")
    messages.success(request, text)
    return redirect("profile")


@customers_only(Permission.READ_OWN)
def my_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that is stored about the customer, as a JSON file; asks for the password first."""
    response: HttpResponse = _data_file(request, visit)
    return response


@reauthentication_required
def _data_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    exported = onboarding.export_data(customer_id=visit.customer.pk, by=visitor(request), now=now())
    content = orjson.dumps(exported, default=str, option=orjson.OPT_INDENT_2)
    name = f"{slugify(current_config().company.name)}-{now():%Y-%m-%d}.json"
    return HttpResponse(
        content, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
