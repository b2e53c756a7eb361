"""The portal's own settings with fixed keys and nothing read from a .env, so that tests are the same everywhere."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

os.environ["PORTAL_ENV_FILE"] = ""
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "k" * 50)
os.environ.setdefault("IDEAS_KEYS", "t1:" + "A" * 43 + "=")
os.environ.setdefault(  # two checkouts do not share their files
    "VAR_DIR",
    f"{tempfile.gettempdir()}/golden-ideas-tests-{os.getuid()}-{sha256(bytes(Path(__file__).resolve())).hexdigest()[:8]}",
)

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES, INSTALLED_APPS, STORAGES, VAR_DIR

# SQLite in a file, as in life: an in-memory database knows neither WAL nor a second process.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.emptying"]
(VAR_DIR / "static").mkdir(exist_ok=True)
for name in ("photos", "minutes"):  # tests look which files there are, and several run beside each other
    STORAGES[name]["OPTIONS"]["location"] = VAR_DIR / os.environ.get("PYTEST_XDIST_WORKER", "") / name
IDEAS_HEADS_FILE = VAR_DIR / f"heads{os.environ.get('PYTEST_XDIST_WORKER', '')}.jsonl"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
IDEAS_PAGE_SECONDS = 0  # a test sees at once what it did; tests/test_finished.py asks for more
WHITENOISE_AUTOREFRESH = True  # files are looked for when asked for, not all of them by the client of every test
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
IDEAS_ORGANISER = "集美区测试办公室"
IDEAS_ORGANISER_EN = "Jimei test office"
IDEAS_PHONE = "0592-000-0000"
