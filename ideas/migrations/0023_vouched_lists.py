"""The portal's word for campaigns with their parts, and for lists with their picks and exchanges.

What is there is vouched for as it is: check_invariants comes before an upgrade. All that this needs stands here, so that it
does the same whatever the portal becomes.
"""

import base64
import hashlib
import hmac
import json
from datetime import date, datetime

from django.conf import settings
from django.db import migrations, models

PARTS = ("topics", "criteria", "tiers", "quotas", "incompatible")


def fill(apps, editor):
    for campaign in apps.get_model("ideas", "Campaign").objects.order_by("pk"):
        keep(campaign, vouch("campaign", campaign_facts(campaign)))
    for row in apps.get_model("ideas", "Shortlist").objects.order_by("pk"):
        keep(row, vouch("list", list_facts(row)))


def keep(row, seal):
    type(row)._default_manager.filter(pk=row.pk).update(seal=seal)


def campaign_facts(campaign):
    parts = {name: [columns(row) for row in getattr(campaign, name).order_by("pk")] for name in PARTS}
    return {"campaign": columns(campaign, "figures", "seal"), **parts}


def list_facts(row):
    picks, exchanges = ([columns(part) for part in found.order_by("pk")] for found in (row.picks, row.exchanges))
    return {"list": columns(row, "seal"), "picks": picks, "exchanges": exchanges}


def columns(row, *but):
    fields = (field for field in row._meta.concrete_fields if field.attname not in but)
    return {field.attname: plain(field.value_from_object(row)) for field in fields}


def plain(value):
    if isinstance(value, datetime):
        return int(value.timestamp() * 1_000_000)
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, float) else value


def vouch(purpose, facts):
    name, _colon, text = settings.IDEAS_KEYS[0].partition(":")
    key = hmac.digest(base64.urlsafe_b64decode(text), purpose.encode(), hashlib.sha256)
    said = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"hmac-sha256:{name}:{hmac.digest(key, said.encode(), hashlib.sha256).hex()}"


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0022_panel_reminded'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='shortlist',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
