"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["PORTAL_PROCESS"] = "web"  # whoever started us
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402 - needs the settings

from ideas.services.health import require_own_keys  # noqa: E402

require_own_keys()
connection.close()
