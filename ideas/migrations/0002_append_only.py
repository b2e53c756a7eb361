"""The audit trail takes additions only. Repeat `append_only` after every migration that changes its table."""

from django.db import migrations

from ideas.models.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("ideas", "0001_initial")]
    operations = [append_only]
