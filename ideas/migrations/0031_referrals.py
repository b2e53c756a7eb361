"""Ideas given to units: referrals with their answers and a trail of their own, guarded like the ideas' one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLE = "ideas_referralevent"
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
    """Refused where what happened to a referral would be lost."""
    if apps.get_model("ideas", "ReferralEvent").objects.exists():
        raise RuntimeError("There are referrals; the version before this one cannot keep them.")
    for verb in ("update", "delete"):
        suffix = "" if editor.connection.vendor == "sqlite" else f" ON {TABLE}"
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}{suffix}")


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0030_workdays'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='by_letter',
            field=models.BooleanField(default=False, help_text='It has no log-in here: the referral is printed as a letter, and the office types in the reply.', verbose_name='is written to'),
        ),
        migrations.AddField(
            model_name='unit',
            name='is_active',
            field=models.BooleanField(default=True, help_text='Switched off, it gets no new ones and ends those that it has.', verbose_name='takes referrals'),
        ),
        migrations.AddField(
            model_name='unit',
            name='one_person',
            field=models.BooleanField(default=False, help_text='Otherwise what an officer hands in leaves the unit when its head has approved it.', verbose_name='one person drafts and approves'),
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('instruction', models.TextField(verbose_name='instruction')),
                ('state', models.CharField(choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], default='sent', max_length=12, verbose_name='state')),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('acknowledge_by', models.DateField(verbose_name='to acknowledge by')),
                ('answer_by', models.DateField(verbose_name='to answer by')),
                ('finish_by', models.DateField(verbose_name='to be done by')),
                ('acknowledged_at', models.DateTimeField(null=True, verbose_name='acknowledged')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('done_at', models.DateTimeField(null=True, verbose_name='reported done')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='ideas.campaign', verbose_name='campaign')),
                ('helping_units', models.ManyToManyField(blank=True, related_name='+', to='ideas.unit', verbose_name='helping units')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='ideas.unit', verbose_name='lead unit')),
            ],
            options={
                'verbose_name': 'referral',
                'verbose_name_plural': 'referrals',
                'ordering': ('id',),
                'permissions': (('refer_idea', 'Can refer ideas to units'), ('work_referral', 'Can work at the referrals of the own unit'), ('approve_referral', 'Can approve what leaves the own unit')),
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ReferralIdea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='ideas.idea', verbose_name='idea')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='ideas.referral', verbose_name='referral')),
            ],
            options={
                'ordering': ('id',),
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='referral',
            name='ideas',
            field=models.ManyToManyField(related_name='referrals', through='ideas.ReferralIdea', to='ideas.idea', verbose_name='ideas'),
        ),
        migrations.CreateModel(
            name='ReferralAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('plan', 'answer with a plan'), ('done', 'report that it is done')], max_length=8, verbose_name='kind')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('handed_in', "waiting for the unit's head"), ('approved', 'waiting for the office'), ('released', 'released'), ('replaced', 'replaced by a later one')], default='draft', max_length=12, verbose_name='state')),
                ('adoption', models.CharField(blank=True, choices=[('adopted', 'adopted'), ('partly', 'adopted in part'), ('under_way', 'already under way'), ('planned', 'planned'), ('not_adopted', 'not adopted')], max_length=12, verbose_name='what becomes of it')),
                ('public', models.TextField(blank=True, verbose_name='public words')),
                ('internal', models.TextField(blank=True, verbose_name='internal words')),
                ('finish_on', models.DateField(blank=True, null=True, verbose_name='planned to be done on')),
                ('drafted_at', models.DateTimeField(verbose_name='drafted at')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='approved at')),
                ('released_at', models.DateTimeField(null=True, verbose_name='released at')),
                ('passed_back', models.TextField(blank=True, verbose_name='why it was passed back')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('drafted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='drafted by')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='ideas.referral', verbose_name='referral')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='ideas.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
                'ordering': ('id',),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'handed_in'])), fields=('referral',), name='one_answer_in_hand_per_referral')],
            },
        ),
        migrations.CreateModel(
            name='ReferralEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('act', models.CharField(choices=[('send', 'sent to the unit'), ('acknowledge', 'acknowledged'), ('ask_return', 'return asked for'), ('reassign', 'given to another unit'), ('keep', 'stays with the unit'), ('hand_in', 'answer handed in'), ('pass_back', 'answer passed back'), ('plan', 'answered by the unit'), ('report', 'reported done by the unit'), ('release', 'answer released'), ('close', 'closed'), ('not_yet', 'not done yet, in the eyes of the office'), ('change_due', 'days changed'), ('recall', 'recalled')], max_length=12, verbose_name='act')),
                ('before', models.CharField(blank=True, choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], max_length=12, verbose_name='state before')),
                ('after', models.CharField(choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], max_length=12, verbose_name='state after')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('words', models.TextField(blank=True, verbose_name='words')),
                ('detail', models.JSONField(default=dict)),
                ('seal', models.CharField(editable=False, max_length=100)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by whom')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='ideas.referral', verbose_name='referral')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'event of a referral',
                'verbose_name_plural': 'events of referrals',
                'ordering': ('referral', 'number'),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('referral', 'number'), name='referral_event_number_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='referralidea',
            constraint=models.UniqueConstraint(fields=('referral', 'idea'), name='idea_once_per_referral'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(fields=['unit', 'state'], name='referral_desk'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(fields=('campaign', 'number'), name='referral_number_once'),
        ),
        migrations.RunPython(guard, lift),
    ]
