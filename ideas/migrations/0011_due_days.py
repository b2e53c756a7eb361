"""Ideas returned before there was a day by which to answer get one, counted from now: nobody was ever told one."""

from datetime import datetime, time, timedelta

from django.db import migrations
from django.utils import timezone


def fill(apps, editor):
    returned = apps.get_model("ideas", "Idea").objects.filter(status="returned", due_at=None)
    for campaign, days in returned.order_by().values_list("campaign", "campaign__return_days").distinct():
        day = timezone.localdate() + timedelta(days=days + 1)
        end = timezone.make_aware(datetime.combine(day, time.min))
        returned.filter(campaign=campaign).update(due_at=end)


class Migration(migrations.Migration):
    dependencies = [("ideas", "0010_health")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
