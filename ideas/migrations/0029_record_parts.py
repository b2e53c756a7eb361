"""Where a sealed record goes on that is too large for one value; guarded like the record itself."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "ideas_recordpart"
REFUSED = "the audit trail is append-only"


def guard(apps, editor):
    for statement in guards(editor.connection.vendor):
        editor.execute(statement)


def guards(vendor):
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{verb} BEFORE {verb.upper()} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
        f"CREATE OR REPLACE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
        f"CREATE OR REPLACE TRIGGER {TABLE}_no_delete BEFORE DELETE OR TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
    ]


def lift(apps, editor):
    """Refused where a record would lose its rest."""
    if apps.get_model("ideas", "RecordPart").objects.exists():
        raise RuntimeError("A sealed record stands in parts; the version before this one cannot keep it.")
    for verb in ("update", "delete"):
        suffix = "" if editor.connection.vendor == "sqlite" else f" ON {TABLE}"
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}{suffix}")


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0028_unsent'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('edition', models.CharField(choices=[('archive', 'archive edition'), ('public', 'public edition')], max_length=10)),
                ('place', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.campaign')),
            ],
            options={
                'ordering': ('id',),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('campaign', 'number', 'edition', 'place'), name='record_part_once')],
            },
        ),
        migrations.RunPython(guard, lift),
    ]
