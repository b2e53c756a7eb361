"""Between tests Django calls `flush`. This one leaves what every upgrade makes anew (roles, permissions), and is quick:
a few rows are deleted sooner than fifty tables are cut off."""

from django.core.management.commands import flush
from django.db import connections, transaction

from ideas.models import append_only

KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


class Command(flush.Command):
    def handle(self, **options):
        connection = connections[options["database"]]
        with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
            append_only.lift(connection)  # the trail cannot be deleted, which is what it is for
            for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
                if table not in KEPT:
                    cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
            connection.check_constraints()  # PostgreSQL asks at the end what it has put off
            append_only.install(connection)
