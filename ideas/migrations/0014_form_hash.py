"""A form key is kept as a keyed hash: whoever reads the database, or a list made from it, opens nobody's draft or code.

Going back, forms that are still there get their key again (it is sealed with what was typed). Of ideas whose form is
gone the hash stays; no form is like it.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import migrations

from ideas.migrations.frozen.sealed import CannotOpen, digest

BATCH = 500


def _hash(key: UUID) -> UUID:
    return uuid5(NAMESPACE_OID, digest(key.bytes, "form-key"))


def _forms(apps: Any) -> Iterator[Any]:
    """Every draft of a form that opens; not the words kept for an act, which nobody but the portal has a key to."""
    drafts = apps.get_model("ideas", "Draft").objects
    for key in list(drafts.values_list("pk", flat=True)):
        try:
            draft = drafts.get(pk=key)
        except CannotOpen:  # sealed under a key that is gone: there is nothing left to open
            continue
        if "words" not in draft.payload:
            yield draft


def _move(apps: Any, draft: Any, key: UUID) -> None:
    """Give a draft another primary key, its photos and its idea with it; foreign keys are looked at when committing."""
    row = apps.get_model("ideas", "Draft").objects.filter(pk=draft.pk)
    apps.get_model("ideas", "Photo").objects.filter(draft=draft.pk).update(draft=key)
    row.update(form_hash=key, payload=draft.payload)


def _rehash_ideas(apps: Any, new: Callable[[Any], UUID | None]) -> None:
    ideas = apps.get_model("ideas", "Idea").objects
    rows, last = ideas.exclude(form_hash=None).only("form_hash").order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        for idea in batch:
            idea.form_hash = new(idea) or idea.form_hash
        ideas.bulk_update(batch, ["form_hash"])
        last = batch[-1].pk


def hash_keys(apps: Any, editor: Any) -> None:
    for draft in _forms(apps):
        draft.payload["form_key"] = str(draft.pk)
        _move(apps, draft, _hash(draft.pk))
    _rehash_ideas(apps, lambda idea: _hash(idea.form_hash))
    editor.connection.check_constraints()  # now: no table with waiting checks can be altered


def give_keys_back(apps: Any, editor: Any) -> None:
    back = {}
    for draft in _forms(apps):
        if "form_key" in draft.payload:
            back[draft.pk] = UUID(draft.payload.pop("form_key"))
            _move(apps, draft, back[draft.pk])
    _rehash_ideas(apps, lambda idea: back.get(idea.form_hash))
    editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [("ideas", "0013_doubts")]

    operations = [
        migrations.RenameField("idea", "form_key", "form_hash"),
        migrations.RenameField("draft", "key", "form_hash"),
        migrations.RunPython(hash_keys, give_keys_back),
    ]
