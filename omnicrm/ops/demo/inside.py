"""What the demo does inside the CRM, once its config exists and Django is set up: logins and templates."""

import secrets
from datetime import datetime
from itertools import product

from mailjet_sandbox.control import SandboxControl
from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import create_api_key, create_user, revoke_api_key, set_password
from omnicrm.accounts.roles import Role
from omnicrm.config import Config
from omnicrm.customers.models import Language
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.designs import compile_design


def fresh_password(email: str, *, now: datetime) -> str:
    """Creates the administrator, or gives it a new password; returns the password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first()
    if user is None:
        create_user(email=email, full_name="Demo Admin", role=Role.ADMIN, password=password, language="en", now=now)
    else:
        set_password(user_id=user.pk, password=password)
    return password


def fresh_api_key(*, now: datetime) -> str:
    """Revokes the keys of earlier demos and returns a new one."""
    for key in ApiKey.objects.filter(name__startswith="demo ", revoked_at=None):
        revoke_api_key(api_key_id=key.pk, now=now)
    return create_api_key(name=f"demo {now:%Y-%m-%d %H:%M:%S}", role=Role.ADMIN, now=now).plain_key


def put_templates(sandbox: SandboxControl, *, config: Config) -> None:
    """Gives the local Mailjet the designs under the numbers that the config names; a shared number is in French."""
    put: set[int] = set()
    for name, language in product(CATALOGUE, Language.values):
        section = config.section(name)
        if section is None or (number := section.for_language(language).template_id) in put:
            continue
        design = compile_design(name, language, company=config.company)
        sandbox.put_template(number, name=f"{name} ({language})", html=design.html, text=design.text)
        put.add(number)
