"""Settings, read once from the environment. `docs/architecture.md` lists every variable."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from environs import Env

from dispatchsim.domain.voice_models import DEFAULT_MODEL
from dispatchsim.gateways import logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

DEBUG = env.bool("DEBUG", default=False)
# No default key in production: checks.py refuses to start without 32 bytes of secret.
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PORT = env.int("PORT", default=8000)
DISPATCHSIM_DATA_DIR = Path(env.str("DISPATCHSIM_DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
# Where agents report and where links point to.
DISPATCHSIM_WEB_URL = env.str("DISPATCHSIM_WEB_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
IS_HTTPS = DISPATCHSIM_WEB_URL.startswith("https://")

LIVEKIT_URL = env.str("LIVEKIT_URL", default=f"ws://127.0.0.1:{PORT + 1}").rstrip("/")
LIVEKIT_API_KEY = env.str("LIVEKIT_API_KEY", default="dispatchsim")
LIVEKIT_API_SECRET = env.str("LIVEKIT_API_SECRET", default="")

OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1").rstrip("/")
OPENAI_REALTIME_MODEL = env.str("OPENAI_REALTIME_MODEL", default=DEFAULT_MODEL)
REHEARSAL_URL = env.str("REHEARSAL_URL", default=f"http://127.0.0.1:{PORT + 3}/v1").rstrip("/")
REHEARSAL_API_KEY = env.str("REHEARSAL_API_KEY", default="")

DISPATCHSIM_AGENTS_KEY = env.str("DISPATCHSIM_AGENTS_KEY", default="")
DISPATCHSIM_API_TOKEN = env.str("DISPATCHSIM_API_TOKEN", default="")
MAX_CALLS = env.int("DISPATCHSIM_MAX_CALLS", default=8)  # live at once; more wait in the queue
DRAIN_S = env.float("DISPATCHSIM_DRAIN_S", default=30.0)


def read_budget(text: str) -> Decimal | None:
    """Read US dollars; None where nothing is set, and 0, which allows nothing and a check tells of, for nonsense."""
    try:
        amount = Decimal(text) if text.strip() else None
    except InvalidOperation:
        return Decimal(0)
    return amount if amount is None or amount.is_finite() else Decimal(0)


CALL_BUDGET_USD = read_budget(env.str("DISPATCHSIM_CALL_BUDGET_USD", default=""))
DAY_BUDGET_USD = read_budget(env.str("DISPATCHSIM_DAY_BUDGET_USD", default=""))

# Traces of calls, prompts and spoken text included, are sent to what is set here and nowhere else.
LANGFUSE_PUBLIC_KEY = env.str("LANGFUSE_PUBLIC_KEY", default="")
LANGFUSE_SECRET_KEY = env.str("LANGFUSE_SECRET_KEY", default="")
LANGFUSE_HOST = env.str("LANGFUSE_HOST", default="").rstrip("/") or "https://cloud.langfuse.com"
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="").rstrip("/")

INSTALLED_APPS = [
    "daphne",
    "dispatchsim.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "dispatchsim.apps.StaticFilesConfig",
    "channels",
    "csp",
    "django_htmx",
    "lucide",
    "ninja",  # for the assets of its API reference, which must come from here
    "dispatchsim.apps.DispatchsimConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "dispatchsim.middleware.StaticFilesMiddleware",
    "dispatchsim.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dispatchsim.middleware.ApiErrorMiddleware",
    "dispatchsim.middleware.RefusedMethodMiddleware",
]

ROOT_URLCONF = "dispatchsim.urls"
ASGI_APPLICATION = "dispatchsim.asgi.application"
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
            ],
        },
    }
]

DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{DISPATCHSIM_DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL alone loses writers to "database is locked"; IMMEDIATE with a timeout loses none.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, as in production: an in-memory database locks whole tables and knows no WAL.
    DATABASES["default"]["TEST"] = {"NAME": DISPATCHSIM_DATA_DIR / "test.sqlite3"}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "launch"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "dispatchsim.formats"  # those of a locale would count before any that stand here

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/livekit-client", BASE_DIR / "node_modules" / "livekit-client" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dispatchsim.gateways.static_files.HashedStaticFilesStorage"},
}
MEDIA_ROOT = DISPATCHSIM_DATA_DIR / "media"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Before the first `collectstatic` files are served from where they lie.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# Two stacks on one host share a cookie jar: cookies know no ports.
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = f"dispatchsim_session_{PORT}"
CSRF_COOKIE_NAME = f"dispatchsim_csrf_{PORT}"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, over http
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
CSRF_TRUSTED_ORIGINS = [DISPATCHSIM_WEB_URL]
X_FRAME_OPTIONS = "DENY"
LIVEKIT_CLOUDS = (".livekit.cloud", ".livekit.run")  # the domains that livekit-client takes for the cloud


def livekit_sources(url: str) -> list[str]:
    """List where a page that joins rooms at `url` must be able to connect to.

    Signalling goes over ws, LiveKit's connection probe over http: CSP needs both. A source has no path and no name.
    On LiveKit Cloud the client goes on to the region that it is told of, another host of the same cloud.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    cloud = next((domain for domain in LIVEKIT_CLOUDS if (parts.hostname or "").endswith(domain)), None)
    hosts = [host, f"*{cloud}"] if cloud else [host]
    schemes = ("wss", "https") if parts.scheme in ("wss", "https") else ("ws", "http")
    return [f"{scheme}://{one}" for one in hosts for scheme in schemes]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF, *livekit_sources(LIVEKIT_URL)],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

structlog.configure(
    processors=logs.STRUCTLOG_PROCESSORS,
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"fields": {"()": "dispatchsim.gateways.logs.build_formatter"}},
    "filters": {"tracebacks": {"()": "dispatchsim.gateways.logs.build_traceback_filter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "fields"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # RequestLogMiddleware tells of every answer; of these only the tracebacks are news.
        "django.request": {"level": "ERROR", "filters": ["tracebacks"]},
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        # Of traces that were not taken we tell ourselves, without addresses and answers.
        "opentelemetry": {"level": "CRITICAL"},
    },
}
