from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q


def mark(apps, _editor):
    rows = apps.get_model("ideas", "Campaign").objects
    same = Q(title=OuterRef("title")) | (Q(title_en=OuterRef("title_en")) & ~Q(title_en=""))
    found = rows.filter(Exists(rows.exclude(pk=OuterRef("pk")).filter(same))).values_list("pk", flat=True)
    rows.filter(pk__in=list(found)).update(has_namesake=True)


class Migration(migrations.Migration):
    dependencies = [("ideas", "0025_panel_assigned")]

    operations = [
        migrations.AddField("campaign", "has_namesake", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
