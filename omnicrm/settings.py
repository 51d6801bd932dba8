"""Django's settings, derived from crm_config.yaml. Nothing here reads the environment: omnicrm.config does."""

from pathlib import Path

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from omnicrm.backoffice import appearance
from omnicrm.config import current_config
from omnicrm.ops.logs import logging_config

django_stubs_ext.monkeypatch()  # lets our classes say Paginator[Customer], as mypy needs to hear

CONFIG = current_config()
BASE_DIR = Path(__file__).resolve().parent

SECRET_KEY = CONFIG.secret_key()
DEBUG = CONFIG.server.debug
ALLOWED_HOSTS = list(CONFIG.server.allowed_hosts)
ROOT_URLCONF = "omnicrm.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "unfold",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "omnicrm.audit",
    "omnicrm.customers",
    "omnicrm.outbox",
    "omnicrm.emails",
    "omnicrm.accounts",
    "omnicrm.invoices",
    "omnicrm.balances",
    "omnicrm.onboarding",
    "omnicrm.api",
    "omnicrm.backoffice",
    "omnicrm.selfcare",
    "omnicrm.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "omnicrm.database",
        "CONNINFO": CONFIG.database.conninfo() if CONFIG.database else None,
        "EMBEDDED_DIR": CONFIG.state_dir / "postgres",
        "NAME": CONFIG.database.name if CONFIG.database else "omnicrm",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

USE_TZ = True
TIME_ZONE = CONFIG.server.timezone
LANGUAGE_CODE = CONFIG.company.language
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # straight from the packages: no collectstatic step to forget

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.server.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [CONFIG.server.public_url]
X_FRAME_OPTIONS = "DENY"

LOGGING = logging_config(CONFIG.server.log_format)

UNFOLD = appearance.UNFOLD
