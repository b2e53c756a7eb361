"""What a page of staff has seen of an idea is counted without the acts of the list, which would tell who is on it."""

from typing import Any

from django.db import migrations, models
from django.db.models import Count, F

LIST_ACTS = ("shortlist", "unlist", "award")


def count(apps: Any, editor: Any) -> None:
    ideas, events = apps.get_model("ideas", "Idea").objects, apps.get_model("ideas", "IdeaEvent").objects
    ideas.update(version=F("event_count"))
    listed = events.filter(action__in=LIST_ACTS).order_by().values_list("idea").annotate(n=Count("id"))
    for idea, number in listed.iterator():
        ideas.filter(pk=idea).update(version=F("event_count") - number)


class Migration(migrations.Migration):
    dependencies = [("ideas", "0017_release_and_kept")]

    operations = [
        migrations.AddField("idea", "version", models.PositiveIntegerField(default=0, editable=False)),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
