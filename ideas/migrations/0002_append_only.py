"""The audit trail takes additions only. Guard it again after every migration that changes its table."""

from django.db import migrations

from ideas.migrations.frozen.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("ideas", "0001_initial")]
    operations = [append_only]
