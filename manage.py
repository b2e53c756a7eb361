#!/usr/bin/env python
"""Django's command line. `manage.py demo` needs nothing prepared: it writes a .env with fresh keys first."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["PORTAL_PROCESS"] = "command"  # may take longer than a web server
    if sys.argv[1:2] == ["demo"]:
        from portal.env import write_demo_env

        write_demo_env()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a setting: its name and what it must be, not where we noticed
        sys.exit(str(error))


if __name__ == "__main__":
    main()
