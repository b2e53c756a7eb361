"""Units ask; the office answers or passes it on to the resident, whose answer can be erased with the person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0035_places'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='template',
            field=models.CharField(choices=[('receipt', 'receipt'), ('accepted', 'accepted as valid'), ('returned', 'more information asked'), ('declined', 'not accepted'), ('merged', 'merged'), ('transferred', 'passed to another channel'), ('winner', 'winner'), ('not_selected', 'not selected'), ('withdrawn', 'withdrawn'), ('unmerged', 'merger undone'), ('new_code', 'new query code'), ('verify', 'check of the telephone number'), ('lapsed', 'not answered in time'), ('panel_reminder', 'reminder to a panellist'), ('audit_head', 'last stamp of the audit trail'), ('answered', 'answer of a unit'), ('supervision', 'referrals of a unit that are due or overdue'), ('unit_asks', 'question of a unit'), ('restricted', 'word to a keeper that a restricted idea waits'), ('restricted_waits', 'reminder to a keeper that restricted ideas wait')], max_length=30, verbose_name='template'),
        ),
        migrations.AlterField(
            model_name='referral',
            name='state',
            field=models.CharField(choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('asked', 'waiting for the resident'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], default='sent', max_length=12, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='referralevent',
            name='act',
            field=models.CharField(choices=[('send', 'sent to the unit'), ('acknowledge', 'acknowledged'), ('ask_return', 'return asked for'), ('reassign', 'given to another unit'), ('keep', 'stays with the unit'), ('ask', 'question asked'), ('pass_on', 'question passed on to the resident'), ('reply', 'question answered by the resident'), ('lapse', 'question not answered by the resident'), ('settle', 'question answered by the office'), ('hand_in', 'answer handed in'), ('pass_back', 'answer passed back'), ('plan', 'answered by the unit'), ('report', 'reported done by the unit'), ('report_place', 'some places reported done by the unit'), ('release', 'answer released'), ('close_place', 'a place closed'), ('close', 'closed'), ('not_yet', 'not done yet, in the eyes of the office'), ('reopen', 'taken up again'), ('change_due', 'days changed'), ('supervise', 'supervision order issued'), ('recall', 'recalled'), ('add_photo', 'photos added'), ('drop_photo', 'photo removed'), ('check_photo', 'photo checked'), ('cover_photo', 'parts of a photo covered'), ('show_photo', 'photo released'), ('hide_photo', 'photo taken back')], max_length=12, verbose_name='act'),
        ),
        migrations.AlterField(
            model_name='referralevent',
            name='after',
            field=models.CharField(choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('asked', 'waiting for the resident'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], max_length=12, verbose_name='state after'),
        ),
        migrations.AlterField(
            model_name='referralevent',
            name='before',
            field=models.CharField(blank=True, choices=[('sent', 'waiting to be acknowledged'), ('acknowledged', 'acknowledged'), ('returned', 'return asked for'), ('asked', 'waiting for the resident'), ('planned', 'being carried out'), ('done', 'reported done'), ('closed', 'closed'), ('recalled', 'recalled')], max_length=12, verbose_name='state before'),
        ),
        migrations.CreateModel(
            name='UnitQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('office', 'waiting for the office'), ('resident', 'waiting for the resident'), ('replied', 'answered by the resident'), ('settled', 'answered by the office'), ('lapsed', 'not answered by the resident'), ('dropped', 'not needed any more')], default='office', max_length=12, verbose_name='state')),
                ('words', models.TextField(verbose_name='question')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('passed_words', models.TextField(blank=True, verbose_name='question to the resident')),
                ('passed_at', models.DateTimeField(null=True, verbose_name='passed on at')),
                ('due_at', models.DateTimeField(db_index=True, null=True, verbose_name='to be answered before')),
                ('reply', models.TextField(blank=True, verbose_name="the resident's answer")),
                ('note', models.TextField(blank=True, verbose_name="the office's answer")),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by')),
                ('idea', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='unit_questions', to='ideas.idea', verbose_name='idea')),
                ('passed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='passed on by')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='ideas.referral', verbose_name='referral')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'question of a unit',
                'verbose_name_plural': 'questions of units',
                'ordering': ('id',),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['office', 'resident'])), fields=('referral',), name='one_open_question_per_referral')],
            },
        ),
    ]
