"""What was typed for an act on an own idea, and a panellist's half-given marks, move out of the drafts.

There they stood under a keyed hash of their idea and act, or of their seat. A file that is just being imported is not
taken along: it lies there for an hour at most, and its manager chooses it again.
"""

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import django.db.models.deletion
import ideas.migrations.frozen.sealed
from django.conf import settings
from django.db import migrations, models

from ideas.migrations.frozen.sealed import CannotOpen, digests

ACTS = ("amend", "answer", "review", "withdraw", "naming", "erase", "export")


def _hashes(name: str) -> list[UUID]:
    """Under every key of the ring; the first is the newest."""
    return [uuid5(NAMESPACE_OID, mark) for mark in digests(name.encode(), "kept-words")]


def _that_open(rows: Any) -> Iterator[Any]:
    """Without what is sealed under a key that is gone: there is nothing left to open."""
    for key in list(rows.values_list("pk", flat=True)):
        try:
            yield rows.get(pk=key)
        except CannotOpen:
            continue


def _owners(apps: Any, campaign: int) -> dict[UUID, dict[str, Any]]:
    """By what hash the words for which act, or which seat, of a campaign were kept."""
    ideas = apps.get_model("ideas", "Idea").objects.filter(campaign=campaign)
    seats = apps.get_model("ideas", "Assignment").objects.filter(idea__campaign=campaign)
    owners = {}
    for idea in ideas.values_list("pk", flat=True):
        for act in ACTS:
            owners |= dict.fromkeys(_hashes(f"{idea}:{act}"), {"idea_id": idea, "act": act})
    for seat in seats.values_list("pk", flat=True):
        owners |= dict.fromkeys(_hashes(f"seat:{seat}"), {"assignment_id": seat})
    return owners


def move_out(apps: Any, _editor: Any) -> None:
    tables = {name: apps.get_model("ideas", name) for name in ("UnsentInput", "UnsentMarks")}
    owners: dict[int, dict[UUID, dict[str, Any]]] = {}
    for draft in _that_open(apps.get_model("ideas", "Draft").objects.filter(idea=None)):
        if "words" not in draft.payload:
            continue
        campaign = draft.campaign_id
        if campaign not in owners:
            owners[campaign] = _owners(apps, campaign)
        if owner := owners[campaign].get(draft.pk):
            words = draft.payload["words"] | {"@row": str(owner.get("idea_id") or owner["assignment_id"])}  # sealed for it
            kept = {**owner, "words": words, "expires_at": draft.expires_at}
            if "act" in owner:
                tables["UnsentInput"].objects.create(**kept, sender=draft.sender)
            else:
                tables["UnsentMarks"].objects.create(**kept)
        draft.delete()


def move_back(apps: Any, _editor: Any) -> None:
    drafts = apps.get_model("ideas", "Draft").objects
    for row in _that_open(apps.get_model("ideas", "UnsentInput").objects.select_related("idea")):
        key, campaign = _hashes(f"{row.idea_id}:{row.act}")[0], row.idea.campaign_id
        _as_draft(drafts, key, row, campaign_id=campaign, sender=row.sender)
    for row in _that_open(apps.get_model("ideas", "UnsentMarks").objects.select_related("assignment__idea")):
        _as_draft(drafts, _hashes(f"seat:{row.pk}")[0], row, campaign_id=row.assignment.idea.campaign_id)


def _as_draft(drafts: Any, key: UUID, row: Any, **more: Any) -> None:
    kept = {"payload": {"words": row.words}, "created_at": row.expires_at, "expires_at": row.expires_at}
    drafts.create(form_hash=key, **kept, **more)


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0027_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='UnsentMarks',
            fields=[
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='unsent_marks', serialize=False, to='ideas.assignment')),
                ('words', ideas.migrations.frozen.sealed.SealedJSONField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('payload', ideas.migrations.frozen.sealed.SealedJSONField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_files', to='ideas.campaign')),
                ('manager', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_files', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='UnsentInput',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=12)),
                ('words', ideas.migrations.frozen.sealed.SealedJSONField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('sender', models.CharField(blank=True, db_index=True, default='', max_length=100)),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unsent_input', to='ideas.idea')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('idea', 'act'), name='unsent_input_once_per_act')],
            },
        ),
        migrations.RunPython(move_out, move_back),
    ]
