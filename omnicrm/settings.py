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
    "django_htmx",
    "procrastinate.contrib.django",
    "omnicrm.accounts",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "omnicrm.accounts.pages",
    "omnicrm.audit",
    "omnicrm.customers",
    "omnicrm.outbox",
    "omnicrm.emails",
    "omnicrm.invoices",
    "omnicrm.balances",
    "omnicrm.delivery",
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
    "omnicrm.accounts.pages.sessions.kept_alive",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "omnicrm.accounts.pages.middleware.FirstThingsFirst",
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

CACHES = {
    "default": {"BACKEND": "omnicrm.accounts.pages.shared_cache.SharedCache", "LOCATION": "shared_cache"},
}

AUTHENTICATION_BACKENDS = ["omnicrm.accounts.pages.backend.EmailBackend"]
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "omnicrm.accounts.pages.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # ours is in omnicrm.accounts
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ACCOUNT_FORMS = {
    "login": "omnicrm.accounts.pages.forms.SignInForm",
    "reauthenticate": "omnicrm.accounts.pages.forms.ConfirmPasswordForm",
}
MFA_ADAPTER = "omnicrm.accounts.pages.adapter.MFAAdapter"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_FORMS = {
    "authenticate": "omnicrm.accounts.pages.forms.SignInCodeForm",
    "reauthenticate": "omnicrm.accounts.pages.forms.ConfirmCodeForm",
    "activate_totp": "omnicrm.accounts.pages.forms.SetUpCodeForm",
}
TRUSTED_PROXIES = CONFIG.server.trusted_proxies
SECOND_FACTOR_ROLES = CONFIG.security.second_factor_roles
EMAIL_BACKEND = "omnicrm.accounts.pages.no_mail.NoMail"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},  # OWASP ASVS 2.1.1
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = CONFIG.server.timezone
LANGUAGE_CODE = CONFIG.company.language
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": CONFIG.state_dir / "files",  # no address of the server leads there
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # straight from the packages: no collectstatic step to forget

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIG.server.public_url.startswith("https://")
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "omnicrm.accounts.pages.answers.forged"
CSRF_TRUSTED_ORIGINS = [CONFIG.server.public_url]
X_FRAME_OPTIONS = "DENY"

LOGGING = logging_config(CONFIG.server.log_format)

UNFOLD = appearance.UNFOLD
