"""All of Django's settings. What an operator may change comes from the environment: .env.example lists it."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal.env import (
    BASE_DIR,
    database,
    email_config,
    env,
    folder,
    host_names,
    is_command,
    names,
    number,
    on_or_off,
    read_env_file,
    site,
)

read_env_file()

# --- Who we are -------------------------------------------------------------------------------------------------
VAR_DIR = folder("VAR_DIR", default="var")
SECRET_KEY = env("SECRET_KEY")
DEBUG = on_or_off("DEBUG", default=False)
HTTPS = on_or_off("HTTPS", default=False)
IDEAS_SITE_URL = site("IDEAS_SITE_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = host_names("ALLOWED_HOSTS", ["127.0.0.1", "localhost", urlsplit(IDEAS_SITE_URL).hostname or ""])
CSRF_TRUSTED_ORIGINS = [IDEAS_SITE_URL.rstrip("/")]

# --- What the portal itself reads (ideas/conf.py is the only reader) -------------------------------------------------
IDEAS_KEYS = names("IDEAS_KEYS")
IDEAS_KEYS_RETIRED = names("IDEAS_KEYS_RETIRED")
IDEAS_DEMO = on_or_off("IDEAS_DEMO", default=False)
IDEAS_DESKS = env("IDEAS_DESKS", default="both")
IDEAS_DATA_LICENCE = env("IDEAS_DATA_LICENCE", default="")
IDEAS_LANGUAGE_SWITCH = on_or_off("IDEAS_LANGUAGE_SWITCH", default=True)
IDEAS_EMAIL_GATEWAY = env("IDEAS_EMAIL_GATEWAY", default="ideas.gateways.email.DjangoEmail")
IDEAS_SMS_GATEWAY = env("IDEAS_SMS_GATEWAY", default="ideas.gateways.sms.FileSms" if IDEAS_DEMO else "")
IDEAS_SMS_FILE = VAR_DIR / "sms.jsonl"
IDEAS_HEADS_FILE = env("IDEAS_HEADS_FILE", default="") or VAR_DIR / "heads.jsonl"
IDEAS_OUTBOX_WARN_SECONDS = number("IDEAS_OUTBOX_WARN_SECONDS", default=900, least=1)
IDEAS_WORKER_WARN_SECONDS = number("IDEAS_WORKER_WARN_SECONDS", default=180, least=1)
IDEAS_GIVEN_UP_WARN = number("IDEAS_GIVEN_UP_WARN", default=0)
IDEAS_SEND_SECONDS = number("IDEAS_SEND_SECONDS", default=60, least=1)
IDEAS_KEEP_GIVEN_UP_DAYS = number("IDEAS_KEEP_GIVEN_UP_DAYS", default=7, most=36_500)
IDEAS_UNDO_SECONDS = number("IDEAS_UNDO_SECONDS", default=300)
IDEAS_PAGE_SECONDS = number("IDEAS_PAGE_SECONDS", default=1, most=10)
IDEAS_RELEASE_HOLD_SECONDS = number("IDEAS_RELEASE_HOLD_SECONDS", default=600)
IDEAS_CLAIM_SECONDS = number("IDEAS_CLAIM_SECONDS", default=900, least=1)
IDEAS_CONTACT_ALERT = number("IDEAS_CONTACT_ALERT", default=30)
IDEAS_RESTRICTED_REMIND_DAYS = number("IDEAS_RESTRICTED_REMIND_DAYS", default=3, most=36_500)
IDEAS_ESCALATION = names("IDEAS_ESCALATION", ["officer:1", "head:2", "office:3", "leader:5"])
IDEAS_LEADERS = names("IDEAS_LEADERS")
IDEAS_VERIFY_PHONE = on_or_off("IDEAS_VERIFY_PHONE", default=False)
IDEAS_PHOTOS = number("IDEAS_PHOTOS", default=5)
IDEAS_PHOTO_MEGABYTES = number("IDEAS_PHOTO_MEGABYTES", default=15, least=1)
IDEAS_PHOTO_MEGAPIXELS = number("IDEAS_PHOTO_MEGAPIXELS", default=25, least=1)
IDEAS_LIMIT_PHOTOS_HOUR = number("IDEAS_LIMIT_PHOTOS_HOUR", default=600)
IDEAS_DRAFTS_MEGABYTES = number("IDEAS_DRAFTS_MEGABYTES", default=20)
IDEAS_DRAFT_PHOTOS_MEGABYTES = number("IDEAS_DRAFT_PHOTOS_MEGABYTES", default=500)
IDEAS_SMS_COUNTRIES = names("IDEAS_SMS_COUNTRIES", ["+86"])
IDEAS_LIMIT_MESSAGES_CONTACT_DAY = number("IDEAS_LIMIT_MESSAGES_CONTACT_DAY", default=5)
IDEAS_LIMIT_MESSAGES_SENDER_HOUR = number("IDEAS_LIMIT_MESSAGES_SENDER_HOUR", default=200)
IDEAS_LIMIT_CONTACT_DAY = number("IDEAS_LIMIT_CONTACT_DAY", default=0)
IDEAS_SUSPECT_CONTACT_DAY = number("IDEAS_SUSPECT_CONTACT_DAY", default=5)
IDEAS_SUSPECT_ADDRESS_HOUR = number("IDEAS_SUSPECT_ADDRESS_HOUR", default=30)
IDEAS_SUSPECT_SECONDS = number("IDEAS_SUSPECT_SECONDS", default=5)
IDEAS_LIMIT_CODE_HOUR = number("IDEAS_LIMIT_CODE_HOUR", default=10, least=1)
IDEAS_LIMIT_CODE_DAY = number("IDEAS_LIMIT_CODE_DAY", default=100, least=1)
IDEAS_ALARM_CODE_DAY = number("IDEAS_ALARM_CODE_DAY", default=100)
IDEAS_LIMIT_NEW_CODE_DAY = number("IDEAS_LIMIT_NEW_CODE_DAY", default=3)
IDEAS_LIMIT_NEW_CODE_HOUR = number("IDEAS_LIMIT_NEW_CODE_HOUR", default=300)
IDEAS_DISTRICT = env("IDEAS_DISTRICT", default="")
IDEAS_DISTRICT_EN = env("IDEAS_DISTRICT_EN", default="")
IDEAS_LIMIT_OBJECTIONS_HOUR = number("IDEAS_LIMIT_OBJECTIONS_HOUR", default=60)
IDEAS_ORGANISER = env("IDEAS_ORGANISER", default="")
IDEAS_ORGANISER_EN = env("IDEAS_ORGANISER_EN", default="")
IDEAS_AREA_CODE = env("IDEAS_AREA_CODE", default="")
IDEAS_PHONE = env("IDEAS_PHONE", default="")
IDEAS_PHONE_HOURS = env("IDEAS_PHONE_HOURS", default="")
IDEAS_PHONE_HOURS_EN = env("IDEAS_PHONE_HOURS_EN", default="")
IDEAS_ADDRESS = env("IDEAS_ADDRESS", default="")
IDEAS_ADDRESS_EN = env("IDEAS_ADDRESS_EN", default="")
IDEAS_ICP = env("IDEAS_ICP", default="")
IDEAS_POLICE_RECORD = env("IDEAS_POLICE_RECORD", default="")
IDEAS_SITE_CODE = env("IDEAS_SITE_CODE", default="")

# --- Applications and the way of a request ------------------------------------------------------------------------
INSTALLED_APPS = [
    "ideas",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "axes",
    "crispy_forms",
    "csp",
]
MIDDLEWARE = [
    "portal.middleware.arrive",
    "portal.finished.FinishedPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.choice_on_arrival",
    "portal.middleware.language_from_cookie",
    "portal.middleware.while_the_database_is_away",
    "django.middleware.common.CommonMiddleware",
    "portal.middleware.origin_by_the_browsers_word",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.once.ActOnce",
    "portal.kept.KeepTyped",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.page",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["plain"]
CRISPY_TEMPLATE_PACK = "plain"
CRISPY_FAIL_SILENTLY = False

# --- Data ----------------------------------------------------------------------------------------------------------
_SECONDS = {
    "statement": number("DATABASE_STATEMENT_SECONDS", default=30, most=2_000_000),
    "lock": number("DATABASE_LOCK_SECONDS", default=10, most=2_000_000),
    "idle": number("DATABASE_IDLE_SECONDS", default=60, most=2_000_000),
}
_COMMAND_SECONDS = number("DATABASE_COMMAND_SECONDS", default=3600, most=2_000_000)
if is_command():
    _SECONDS = {"statement": _COMMAND_SECONDS, "lock": min(60, _COMMAND_SECONDS), "idle": min(600, _COMMAND_SECONDS)}
DATABASES = {
    "default": database(env("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'portal.sqlite3'}", **_SECONDS)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Language and time ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Staff log-in ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "ideas.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "ideas.forms.people.OwnNameValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "login"
# axes keeps the log of log-ins and of wrong tries; services/logins.py locks, exactly and by sender.
AXES_LOCK_OUT_AT_FAILURE = False
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "portal.middleware.address_or_none"

# --- Browser security -----------------------------------------------------------------------------------------------
TRUSTED_PROXY = names("TRUSTED_PROXY")
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST}session"
CSRF_COOKIE_NAME = f"{_HOST}csrf"
LANGUAGE_COOKIE_NAME = f"{_HOST}language"
ELDER_COOKIE_NAME = f"{_HOST}elder"
DRAFT_COOKIE_NAME = f"{_HOST}draft"
FORGOTTEN_COOKIE_NAME = f"{_HOST}forgotten"
WRITER_COOKIE_NAME = f"{_HOST}writer"
KEPT_COOKIE_NAME = f"{_HOST}kept"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "ideas.views.refused.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Files, mail, log ------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True  # what was not collected is served from where it lies, under its plain name
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    **{
        name: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": VAR_DIR / name,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
        for name in ("photos", "minutes")
    },
    "staticfiles": {"BACKEND": "portal.static.CollectedStatic"},
}
# Files that are too large or too many are skipped by the handler and named to the resident; a limit of Django's own
# would refuse the whole request and lose the text.
FILE_UPLOAD_HANDLERS = ["ideas.forms.uploads.SkippingUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = None
# For forms of staff: a campaign with 60 topics, 15 criteria, 70 quotas and 40 panellists has some 1,500. What
# strangers may send is bounded in portal/bodies.py.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
vars().update(email_config(env("EMAIL_URL", default="") or f"filemail:///{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="portal@localhost")
EMAIL_TIMEOUT = 20
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"keys": {"()": "portal.logs.MaskKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["keys"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # axes logs user names of failed tries; the log holds no personal data.
    "loggers": {"axes": {"level": "ERROR"}},
}
