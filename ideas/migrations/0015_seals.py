"""The portal's word for what a database writer without keys must not change, and stamps over what only grows.

What is there is vouched for as it is: check_invariants comes before an upgrade. All that this needs stands here, so that it
does the same whatever the portal becomes.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.storage import storages
from django.db import migrations, models

OLD = ("ideas_ideaevent", "ideas_officeevent", "ideas_sealedrecord")
NEW = (*OLD, "ideas_auditstamp")
REFUSED = "the audit trail is append-only"


def lift(tables):
    def act(apps, editor):
        for table in tables:
            for verb in ("update", "delete"):
                suffix = "" if editor.connection.vendor == "sqlite" else f" ON {table}"
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{suffix}")

    return act


def guard(tables):
    def act(apps, editor):
        for table in tables:
            for statement in guards(table, editor.connection.vendor):
                editor.execute(statement)

    return act


def guards(table, vendor):
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        f"CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


class Ring:
    def __init__(self):
        pairs = [entry.partition(":") for entry in settings.IDEAS_KEYS]
        self.keys = {name: base64.urlsafe_b64decode(text) for name, _, text in pairs}
        self.current = next(iter(self.keys), None)

    def sub(self, name, purpose):
        return hmac.digest(self.keys[name], purpose.encode(), hashlib.sha256)

    def digest(self, data, purpose):
        value = hmac.digest(self.sub(self.current, purpose), data, hashlib.sha256)
        return f"hmac-sha256:{self.current}:{value.hex()}"

    def vouch(self, purpose, facts):
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return self.digest(text.encode(), purpose)

    def resealed(self, sealed, context, row):
        """With its row inside, or without one (row None); as it is where it does not open."""
        _, _, rest = sealed.partition(":")
        name, _, body = rest.partition(":")
        try:
            raw = base64.urlsafe_b64decode(body)
            value = json.loads(AESGCM(self.sub(name, "seal")).decrypt(raw[:12], raw[12:], context.encode()))
        except (KeyError, ValueError, InvalidTag):
            return sealed
        value.pop("@row", None)
        if row is not None:
            value["@row"] = row
        nonce = os.urandom(12)
        plain = json.dumps(value, ensure_ascii=False).encode()
        made = nonce + AESGCM(self.sub(self.current, "seal")).encrypt(nonce, plain, context.encode())
        return f"aesgcm:{self.current}:{base64.urlsafe_b64encode(made).decode()}"


def micros(moment):
    return int(moment.timestamp() * 1_000_000)


def fill(apps, editor):
    ring, model = Ring(), lambda name: apps.get_model("ideas", name)
    write(editor, "ideas_idea", ("seal",), ideas(ring, model("Idea")))
    write(editor, "ideas_officeevent", ("key", "seal"), office(ring, model("OfficeEvent")))
    write(editor, "ideas_sealedrecord", ("seal",), records(ring, model("SealedRecord")))
    write(editor, "ideas_rating", ("seal",), ratings(ring, model("Rating"), model("Mark")))
    write(editor, "ideas_photo", ("digest", "thumb_digest"), photos(ring, model("Photo")))
    reseal(editor, ring, with_row=True)


def unfill(apps, editor):
    reseal(editor, Ring(), with_row=False)


def write(editor, table, columns, rows):
    names = ", ".join(f'"{column}" = %s' for column in columns)
    with editor.connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{table}" SET {names} WHERE id = %s', list(rows))


def ideas(ring, model):
    words = ("title", "problem", "proposal", "place", "published_title", "published_text")
    rows = model.objects.values_list("pk", "receipt", "event_count", "event_head", "code_hash", *words)
    for pk, receipt, count, head, code, *said in rows.iterator(2000):
        yield ring.vouch("idea", {"receipt": receipt, "count": count, "head": head, "code": code, "words": said}), pk


def office(ring, model):
    for row in model.objects.iterator(2000):
        key = secrets.token_hex(16)
        facts = {
            "key": key,
            "act": row.act,
            "actor": row.actor_id,
            "at": micros(row.at),
            "campaign": row.campaign_id,
            "idea": row.idea_id,
            "purpose": row.purpose,
            "detail": row.detail,
        }
        yield key, ring.vouch("office", facts), row.pk


def records(ring, model):
    for row in model.objects.iterator(10):
        facts = {
            "campaign": row.campaign_id,
            "number": row.number,
            "edition": row.edition,
            "text": row.text,
            "digest": row.digest,
            "made_at": micros(row.made_at),
        }
        yield ring.vouch("record", facts), row.pk


def ratings(ring, model, mark):
    points = {}
    for rating, criterion, value in mark.objects.values_list("rating_id", "criterion_id", "points").iterator(2000):
        points.setdefault(rating, []).append([criterion, value])
    for row in model.objects.select_related("assignment__panellist").iterator(2000):
        seat = row.assignment
        facts = {
            "seat": [seat.pk, seat.idea_id, seat.panellist_id, seat.panellist.user_id, seat.panellist.campaign_id],
            "marks": sorted(points.get(row.pk, [])),
            "comment": row.comment,
            "abstained": row.abstained,
            "at": micros(row.rated_at),
            "people": [row.given_by_id, row.entered_by_id, row.confirmed_by_id, row.returned_by_id],
            "returned_why": row.returned_why,
        }
        yield ring.vouch("rating", facts), row.pk


def photos(ring, model):
    store = storages["photos"]
    for pk, key in model.objects.values_list("pk", "key").iterator(2000):
        found = []
        for which, ending in (("full", ""), ("thumb", "-small")):
            name = f"{key.hex[:2]}/{key.hex}{ending}.jpg"
            if store.exists(name):
                with store.open(name) as file:
                    found.append(ring.digest(f"{key.hex}:{which}:".encode() + file.read(), "photo"))
            else:
                found.append("")
        yield (*found, pk)


def reseal(editor, ring, *, with_row):
    """Resident by its idea, message by its key (a UUID with dashes)."""
    tables = {"ideas_resident": ("id", "contact", "idea_id"), "ideas_message": ("id", "payload", "key")}
    quote = editor.quote_name
    for table, (name, column, row) in tables.items():
        with editor.connection.cursor() as cursor:
            cursor.execute(f"SELECT {name}, {column}, {row} FROM {quote(table)} WHERE {column} <> ''")
            found = cursor.fetchall()
            changes = [
                (ring.resealed(sealed, f"{table}.{column}", written(of) if with_row else None), pk)
                for pk, sealed, of in found
            ]
            cursor.executemany(f"UPDATE {quote(table)} SET {column} = %s WHERE {name} = %s", changes)


def written(row):
    """SQLite keeps a UUID as 32 digits."""
    text = str(row)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}" if len(text) == 32 else text


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0014_form_hash'),
    ]

    operations = [
        migrations.RunPython(lift(OLD), guard(OLD)),
        migrations.CreateModel(
            name='AuditStamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('at', models.DateTimeField()),
                ('covers', models.JSONField()),
                ('previous', models.CharField(blank=True, max_length=100)),
                ('digest', models.CharField(max_length=100)),
            ],
            options={
                'ordering': ('number',),
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='idea',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='officeevent',
            name='key',
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='officeevent',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='photo',
            name='digest',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='photo',
            name='thumb_digest',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='rating',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='sealedrecord',
            name='seal',
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AlterField(
            model_name='message',
            name='template',
            field=models.CharField(choices=[('receipt', 'receipt'), ('accepted', 'accepted as valid'), ('returned', 'more information asked'), ('declined', 'not accepted'), ('merged', 'merged'), ('transferred', 'passed to another channel'), ('winner', 'winner'), ('not_selected', 'not selected'), ('withdrawn', 'withdrawn'), ('unmerged', 'merger undone'), ('new_code', 'new query code'), ('verify', 'check of the telephone number'), ('lapsed', 'not answered in time'), ('panel_reminder', 'reminder to a panellist'), ('audit_head', 'last stamp of the audit trail')], max_length=30, verbose_name='template'),
        ),
        migrations.RunPython(fill, unfill),
        migrations.RunPython(guard(NEW), lift(NEW)),
    ]
