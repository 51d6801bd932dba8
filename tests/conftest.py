"""One embedded PostgreSQL for the whole run, one database per parallel worker, one config made for the tests."""

import atexit
import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
import pytest
import pytest_django
from django.conf import settings
from django.test import TransactionTestCase
from django.utils import translation

from mailjet_sandbox.control import SandboxControl
from mailjet_sandbox.process import start_sandbox
from omnicrm.config import current_config
from omnicrm.database.cluster import SUPERUSER
from omnicrm.database.embedded import ensure_embedded
from tests.clean_slate import ALLOW, end_other_sessions, get_back, keep_as_it_is

HOME = "OMNICRM_TEST_HOME"
"""Variable by which the workers of a parallel run learn where the first process put things."""
CONFIG = """
mailjet:
  api_key: test-key
  api_secret: test-secret
  base_url: http://127.0.0.1:9
  calls_per_minute: unlimited
  api_crmCommunicationCustomerWelcome:
    from_email: support@yourcompany.com
    from_name: Support de Votre Entreprise
    template_id: 5977509
    subject: Bienvenue chez Votre Entreprise
    languages:
      en: {template_id: 5977599, subject: Welcome to Your Company}
  api_crmCommunicationCustomerInvoice:
    from_email: billing@yourcompany.com
    from_name: Facturation de Votre Entreprise
    template_id: 6759851
    subject: "Votre Facture - "
  api_crmCommunicationUserPasswordReset:
    from_email: noreply@yourcompany.com
    from_name: Sécurité de Votre Entreprise
    template_id: 5977511
    subject: Demande de réinitialisation de mot de passe
company:
  name: Votre Entreprise
server:
  secret_key: only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz
  allowed_hosts: [testserver, localhost, 127.0.0.1]
"""


def _configure() -> None:
    """Makes the config, then lets Django read its settings from it. All workers of a parallel run share one server."""
    if HOME not in os.environ:
        os.environ[HOME] = tempfile.mkdtemp(prefix="omnicrm-tests-")
        atexit.register(shutil.rmtree, os.environ[HOME], ignore_errors=True)  # after the server has stopped
    home = Path(os.environ[HOME])
    server = ensure_embedded(home / "postgres", durable=False)
    config = home / "crm_config.yaml"
    if not config.exists():
        with psycopg.connect(server, user=SUPERUSER) as superuser:
            superuser.execute(ALLOW)
        config.write_text(f"{CONFIG}\ndatabase: {server}\n", encoding="utf-8")
    os.environ["OMNICRM_CONFIG"] = str(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow one would be most of the run


_configure()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Without the garbage collector, to which some million objects that all stay are a third of the work."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()  # nor does it look at them again during the tests


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """As pytest-django's, with our own way back after tests that commit.

    Sessions that are left in the end are ended, and told as warnings: some test does not close what it opened.
    """
    with django_db_blocker.unblock():
        way_back = keep_as_it_is()
    with pytest.MonkeyPatch.context() as django_test:
        django_test.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: get_back(way_back))
        yield
    with django_db_blocker.unblock(), warnings.catch_warnings(action="always"):
        for statement in end_other_sessions():
            warnings.warn(f"a test left a session open in the database, last at: {statement}", stacklevel=1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Texts are compared in English, whatever the company's language is, or that of the page a test before saw."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def own_config() -> Iterator[None]:
    """A config that a test made for itself ends with it, also where a command read it in this process."""
    yield
    if current_config.cache_info().currsize and current_config().state_dir.parent != Path(os.environ[HOME]).resolve():
        current_config.cache_clear()


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """A local Mailjet for the whole session."""
    with start_sandbox() as sandbox:
        yield sandbox.url


@pytest.fixture
def sandbox(sandbox_url: str) -> SandboxControl:
    """The local Mailjet, empty, with the templates of the tests' config."""
    control = SandboxControl(sandbox_url)
    control.reset()
    for template_id in (5977509, 5977511, 5977599, 6759851):
        control.put_template(template_id, html="<p>{{var:customer_name}}</p>", text="{{var:customer_name}}")
    return control
