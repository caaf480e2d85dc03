"""Every setting, from the environment alone (CONTRACT section 1, "Production").

Nothing set: SQLite under var/, django-q2 as the job runner, a secret key made on first use.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from config.caches import cache_settings
from config.sign_on import sign_on_settings
from config.watching.logs import logging_settings
from core.db.connecting import postgresql_databases, process_kind
from core.http.addresses import parse_networks
from core.http.allowlist import parse_allowlist
from core.http.prefix import parse_prefix

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("FENLIU_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _stored_key(name: str, make: Callable[[], str]) -> str:
    """A key kept in var/, made on first use and readable by its owner alone. Of two processes the first link stands."""
    path = VAR_DIR / name
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=VAR_DIR) as made:  # nobody reads it half written
            made.write(make())
            made.flush()
            os.fsync(made.fileno())  # a power failure must not leave an empty key under this name
            with suppress(FileExistsError):
                os.link(made.name, path)
    return path.read_text()


def _secret_key() -> str:
    """SECRET_KEY from the environment, else one kept in var/ so that sessions outlive a restart."""
    return str(env("SECRET_KEY", default="")) or _stored_key("secret_key", get_random_secret_key)


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Former keys: what was signed with them is still good."""
SECRETS_KEYS = [key.strip() for key in env.list("FENLIU_SECRETS_KEY", default=[]) if key.strip()]
"""Fernet keys of the secrets in the database, the newest first (docs/operations.md)."""
if not SECRETS_KEYS:
    SECRETS_KEYS = [_stored_key("secrets_key", lambda: Fernet.generate_key().decode()).strip()]
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = "SECRET_KEY" in os.environ and not DEBUG
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
PREFIX = parse_prefix(env("FENLIU_PREFIX", default=""))
"""The path on its host under which the installation stands."""
FORCE_SCRIPT_NAME = PREFIX or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{PREFIX}/"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = parse_networks(
    env.list("FENLIU_TRUSTED_PROXIES", default=["127.0.0.1", "::1"] if env.bool("HTTPS", default=False) else [])
)
"""From these alone X-Forwarded-For is believed; where TLS stands in front, by default from this machine. uvicorn is
started with --no-proxy-headers: its own default believes every program of the same machine."""

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "agents",
    "conversations",
    "routing",
    "metrics",
    "chat",
    "outgoing",
    "config",
]

MIDDLEWARE = [
    "config.watching.requests.Watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agents.middleware.NotKept",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "agents.middleware.ChosenLanguage",
    "agents.middleware.RefuseNul",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agents.acting.KnowsWhoActs",
    "agents.middleware.AccountGate",
    "agents.middleware.LockedOut",
    "routing.views.ending.PresenceEnds",
    "core.http.middleware.PassingFaults",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

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
                "django.template.context_processors.i18n",
                "agents.context.shell",
            ],
        },
    }
]

PROCESS = process_kind(sys.argv, os.environ)
DATABASE_POOL = env.int("DATABASE_POOL", default=12)
"""PostgreSQL connections of a web process, at most; its probes, LISTEN, NOTIFY and monitor have one each besides."""
WEB_THREADS = env.int("FENLIU_WEB_THREADS", default=max(2, DATABASE_POOL - 4))
"""Requests that a web process runs at once; the others wait for a moment or are refused (core/http/admission.py).
Fewer than DATABASE_POOL, so that streams and what runs beside the requests find a connection."""
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'fenliu.sqlite3'}")}
DATABASE_DIRECT = env.db("DATABASE_DIRECT_URL") if env("DATABASE_DIRECT_URL", default="") else None
"""PostgreSQL itself where DATABASE_URL is a pooler in transaction mode: for LISTEN, NOTIFY, the monitor, probes,
workers and commands. Only requests and streams of web processes go through the pooler (docs/operations.md)."""
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time is all that SQLite has: take the write lock at BEGIN, or two readers
    # that both want to write deadlock and one fails at once, whatever the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file for the tests too: in memory all threads of the browser tests' server would share one connection.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/fenliu-test-{os.getpid()}.sqlite3"}
else:
    # DATABASE_PREPARE: after so many times the server keeps a statement of config.statements; 0: never.
    DATABASES = postgresql_databases(
        DATABASES["default"], DATABASE_DIRECT, PROCESS, env.int("DATABASE_PREPARE", default=None), DATABASE_POOL
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "agents.Account"
AUTHENTICATION_BACKENDS = ["agents.backends.GuardedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["core.hashing.Argon2", "core.hashing.PBKDF2"]
PASSWORD_HASHES = env.int("FENLIU_PASSWORD_HASHES", default=max(1, len(os.sched_getaffinity(0)) - 1))
"""Passwords that a process hashes at once; in a web process a few others wait for half a second, the rest get 503."""
PASSWORD_PATIENCE_SECONDS = 0.5 if PROCESS == "web" else None
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_COOKIE_AGE = env.int("FENLIU_SESSION_HOURS", default=336) * 3600
"""Seconds that a sign-in lasts."""
PASSWORD_RESET_TIMEOUT = 3600
TOKEN_DAYS = env.int("FENLIU_TOKEN_DAYS", default=90)
"""Days that a person's token for the API lasts."""
TESTING = "pytest" in sys.modules
STEP_UP_SECONDS = env.int("FENLIU_STEP_UP_SECONDS", default=0 if TESTING else 600)
"""Keys, roles, secrets and erasure ask for the password or the second factor again after so long. 0: never."""
OPERATOR_SECOND_FACTOR = env.bool("FENLIU_OPERATOR_SECOND_FACTOR", default=PRODUCTION and not TESTING)
"""Operators set up a second factor before they do anything else."""
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves, no script reads a cookie
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = env.bool("HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = env.bool("HTTPS", default=False)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_SUBDOMAINS", default=False)
# Whether the names below ours have TLS is not ours to say: who runs the installation says so, or not.
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SSL_REDIRECT else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "agents.views.faults.csrf_failure"

SIGN_IN_FAILURES = {
    "account_here": (5, 900),
    "account": (30, 3600),
    "network": (20, 900),
}
"""Failed sign-ins in so many seconds, after which further ones are refused unread: of an account from one network, of
an account from everywhere, of a network with any accounts. A device on which the account has signed in before counts by
itself and by the first limit alone, so that a stranger's guesses lock nobody out of their own browser."""
SIGN_IN_LIMITS = {
    "sprayed": (10, 3600),
    "names": (600, 3600),
    "names_taken": (60, 3600),
    "invitations": (60, 3600),
    "mails": (5, 3600),
    "challenges": (60, 600),
}
"""Accounts on which one password has failed; account names that a shop has asked for, those that there are, and
invitations; mails to an account, or asked for from a network; sign-ins
by passkey or provider that a stranger begins, by network."""

SINGLE_SIGN_ON = sign_on_settings(env)
"""Providers of identities by kind, with what their class in agents.single_sign_on takes (docs/operations.md)."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # ECharts places its tooltips with style attributes, and bars carry their width.
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "fenliu_language"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = f"{PREFIX}/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG or TESTING:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_IMAGE_PIXELS = env.int("FENLIU_MAX_IMAGE_PIXELS", default=16_000_000)
"""Width times height of an uploaded image, refused before it is decoded: 4 bytes of memory a pixel, 8 where it is
turned upright."""
MAX_IMAGE_FRAMES, MAX_ANIMATION_PIXELS = 300, 8 * MAX_IMAGE_PIXELS
"""Frames of an animated image, and width times height times frames."""
IMAGE_DECODERS = env.int("FENLIU_IMAGE_DECODERS", default=1)
"""Images decoded at once in a process; further ones wait IMAGE_DECODER_WAIT seconds, then are refused with 503."""
IMAGE_DECODER_WAIT = 2.0
ROBOT = env("FENLIU_ROBOT", default="conversations.robots.plain.PlainRobot")
"""Dotted path of what answers as the robot (docs/answers.md); how long it may take, in seconds."""
ROBOT_TIMEOUT = env.float("FENLIU_ROBOT_TIMEOUT", default=3.0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "agents.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "agents.api.parsing.TextJSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "agents.api.schema.Described",
    "DEFAULT_PAGINATION_CLASS": "agents.api.pagination.Pages",
    "EXCEPTION_HANDLER": "agents.api.errors.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fenliu 分流",
    "DESCRIPTION": "Routing, reply rates and penalties of a shop's customer service.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": PREFIX}] if PREFIX else [],
    "ENUM_NAME_OVERRIDES": {
        "ConversationState": ["robot", "queued", "open", "closed"],
        "PenaltyState": ["open", "ended", "withdrawn"],
    },
}

KEEP_EVENTS_DAYS = env.int("FENLIU_KEEP_EVENTS_DAYS", default=7)
"""Days for which the shops' events are kept: so long somebody may be away and still be told all they missed."""
KEEP_DELIVERIES_DAYS = env.int("FENLIU_KEEP_DELIVERIES_DAYS", default=30)
"""… for which it can be looked up what went out to other systems."""
KEEP_CONVERSATIONS_DAYS = env.int("FENLIU_KEEP_CONVERSATIONS_DAYS", default=0)
"""… after which conversations go, with their messages, images, decisions and ratings; their figures stay. 0: never."""
KEEP_BUYERS_DAYS = env.int("FENLIU_KEEP_BUYERS_DAYS", default=0)
"""… after which a buyer of whom no conversation is left is forgotten, by recent contact too. 0: never."""
KEEP_ADDRESSES_DAYS = env.int("FENLIU_KEEP_ADDRESSES_DAYS", default=30)
"""… after which the address from which a buyer opened a conversation is forgotten."""
KEEP_AUDIT_DAYS = env.int("FENLIU_KEEP_AUDIT_DAYS", default=0)
"""… for which the audit log goes back. 0: to the beginning."""
KEEP_READINGS_DAYS = env.int("FENLIU_KEEP_READINGS_DAYS", default=90)
"""… for which the audit log tells who read a conversation that they did not hold. 0: as long as the rest of it."""
KEEP_RECORDS_DAYS = env.int("FENLIU_KEEP_RECORDS_DAYS", default=90)
"""… for records of the installation itself: jobs that failed, drifts, attempts to sign in."""
ALLOW_PRIVATE_WEBHOOKS = env.bool("FENLIU_ALLOW_PRIVATE_WEBHOOKS", default=False)
"""Whether shops may have the server call addresses of the network that it stands in (docs/webhooks.md)."""
WEBHOOK_ALLOW = parse_allowlist(env.list("FENLIU_WEBHOOK_ALLOW", default=[]), "FENLIU_WEBHOOK_ALLOW")
"""Hosts and networks in there that they may have it call, with ALLOW_PRIVATE_WEBHOOKS off."""
PUBLIC_URL = env("FENLIU_URL", default="").rstrip("/").removesuffix(PREFIX)
"""The installation's address, without the prefix, which paths from `reverse` hold. Links in alerts begin with it;
without it alerts carry none."""
EMAIL_URL = env("EMAIL_URL", default="")
"""smtp+tls://name:password@host:587; without it no e-mail goes out."""
if EMAIL_URL:
    vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="fenliu@localhost")
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", default="")
"""The installation's key to the push services (docs/phone.md); without it one is made and kept in var/."""
VAPID_SUBJECT = env("VAPID_SUBJECT", default=f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")
"""Whom a push service may turn to: https://… or mailto:…"""

PRESENCE_LEASE = env.int("FENLIU_PRESENCE_LEASE", default=60)
"""Seconds of silence after which somebody who switched on in a page is set offline."""

STREAMS_PER_PROCESS = env.int("FENLIU_STREAMS_PER_PROCESS", default=2000)
STREAMS_PER_ADDRESS = env.int("FENLIU_STREAMS_PER_ADDRESS", default=300)
STREAMS_PER_ACCOUNT = env.int("FENLIU_STREAMS_PER_ACCOUNT", default=30)
STREAMS_PER_BUYER = env.int("FENLIU_STREAMS_PER_BUYER", default=8)
"""Streams open at once in one web process; more are refused with Retry-After. An address (of IPv6 a /64) may be a whole
company's; a browser opens one for all its pages."""
MAX_REPLAY = env.int("FENLIU_MAX_REPLAY", default=5000)
MAX_BUYER_REPLAY = env.int("FENLIU_MAX_BUYER_REPLAY", default=1000)
"""Events that a reader may be behind and still be told one by one; further behind: one `reset`, load anew."""

REDIS_URL = env("REDIS_URL", default="")
CACHES = cache_settings(REDIS_URL)
CHAT_LIMITS = {
    "calls": (1500, 60),
    "new_buyers": (120, 600),
    "reads": (240, 60),
    "messages": (30, 60),
    "images": (12, 60),
    "ratings": (10, 60),
}
"""Calls of the buyers' chat in so many seconds (docs/chat.md); the first two by address, the others by buyer."""
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL or "redis://127.0.0.1:6379/0")
TASK_RUNNER = env("TASK_RUNNER", default="django_q")
Q_CLUSTER = {
    "name": "fenliu",
    "orm": "default",
    "workers": env.int("Q_WORKERS", default=1),
    "timeout": 600,
    "retry": 900,
    "poll": 1,
    "max_attempts": 1,
    "save_limit": 200,
    "catch_up": False,
    "label": "Fenliu jobs",
}

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOG_FORMAT = env("LOG_FORMAT", default="json" if PRODUCTION else "line")
"""json: an object a line, for machines; line: for people."""
LOGGING = logging_settings(LOG_FORMAT, LOG_LEVEL)
logging.captureWarnings(LOG_FORMAT == "json")
BACKUP_STAMP = env("FENLIU_BACKUP_STAMP", default=str(VAR_DIR / "backup-done"))
"""What deploy/backup touches when a backup is finished, for /metrics."""
METRICS_TOKEN = env("METRICS_TOKEN", default="")
"""Who sends it may read /metrics; without one only this machine itself may (docs/operations.md)."""
