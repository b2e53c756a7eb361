"""Public notice of a sealed list, and the objections to it."""

import django.core.validators
import django.db.models.deletion
import ideas.migrations.frozen.sealed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0049_open_data'),
    ]

    operations = [
        migrations.AlterField(
            model_name='exchange',
            name='category',
            field=models.CharField(choices=[('same_problem', 'another idea on the list solves the same problem'), ('under_way', 'already being carried out'), ('not_allowed', 'not allowed by law or policy'), ('wrong_facts', 'its facts turned out to be wrong'), ('balance', 'balance of topics and communities'), ('proposer', 'the proposer does not want it'), ('objection', 'an objection was upheld'), ('other', 'another reason')], default='other', max_length=20, verbose_name='category'),
        ),
        migrations.AlterField(
            model_name='message',
            name='template',
            field=models.CharField(choices=[('receipt', 'receipt'), ('accepted', 'accepted as valid'), ('returned', 'more information asked'), ('declined', 'not accepted'), ('merged', 'merged'), ('transferred', 'passed to another channel'), ('winner', 'winner'), ('not_selected', 'not selected'), ('withdrawn', 'withdrawn'), ('unmerged', 'merger undone'), ('new_code', 'new query code'), ('verify', 'check of the telephone number'), ('lapsed', 'not answered in time'), ('panel_reminder', 'reminder to a panellist'), ('audit_head', 'last stamp of the audit trail'), ('answered', 'answer of a unit'), ('closed', 'closed, and a verdict asked for'), ('reopened', "word to a unit's head that a problem is not solved"), ('supervision', 'referrals of a unit that are due or overdue'), ('unit_asks', 'question of a unit'), ('milestone', 'milestones of a unit'), ('restricted', 'word to a keeper that a restricted idea waits'), ('restricted_waits', 'reminder to a keeper that restricted ideas wait'), ('objection', 'receipt of an objection'), ('objection_decided', 'decision of an objection')], max_length=30, verbose_name='template'),
        ),
        migrations.AlterField(
            model_name='officeevent',
            name='act',
            field=models.CharField(choices=[('show_contact', 'contact shown'), ('release_contact', 'contact released to a unit'), ('contact_back', 'contact taken back from a unit'), ('search_contact', 'ideas looked for by a contact'), ('many_contacts', 'unusually many contacts given out'), ('export', 'list exported'), ('import', 'file imported'), ('hand_over', 'restricted idea handed over'), ('early_rating', 'rating begun before screening was over'), ('panel_assigned', 'ideas assigned to the panel'), ('seat', 'seat on the panel changed by hand'), ('panellist_left', 'panellist replaced'), ('panel_reminded', 'panel reminded'), ('paper_back', 'marks from paper sent back'), ('paper_away', 'unconfirmed marks from paper taken away'), ('paper_aside', 'standing aside typed in from paper'), ('mark_decision', 'decided whether a mark counts'), ('campaign_changed', 'campaign changed under way'), ('release_asked', 'release asked for'), ('release_confirmed', 'release confirmed'), ('release_stopped', 'release stopped'), ('message_again', 'message given up is sent again'), ('message_closed', 'message given up is closed'), ('certificates', 'certificates issued'), ('certificate_given', 'certificate handed over'), ('certificate_off', 'certificate withdrawn'), ('notice_started', 'provisional list put on notice'), ('objection_decided', 'objection decided'), ('objection_erased', 'person of an objection erased')], max_length=20, verbose_name='act'),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number of the record')),
                ('days', models.PositiveSmallIntegerField(verbose_name='working days')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('starts_at', models.DateTimeField(verbose_name='on notice since')),
                ('ends_at', models.DateTimeField(verbose_name='on notice until')),
                ('stopped_at', models.DateTimeField(null=True, verbose_name='stopped at')),
                ('seal', models.CharField(blank=True, editable=False, max_length=100)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='ideas.campaign', verbose_name='campaign')),
                ('first_seal_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='first seal by')),
                ('sealed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='second seal by')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='put on notice by')),
            ],
            options={
                'verbose_name': 'public notice',
                'verbose_name_plural': 'public notices',
                'ordering': ('id',),
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='NoticeTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.PositiveSmallIntegerField(default=0, help_text='0: the winners are released without one, and the announcement says so.', validators=[django.core.validators.MaxValueValidator(60)], verbose_name='working days of the public notice')),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notice_term', to='ideas.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'public notice of the list',
                'verbose_name_plural': 'public notice of the list',
                'default_permissions': ('add', 'change', 'view'),
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number of the objection')),
                ('form_hash', models.CharField(editable=False, max_length=100, null=True, unique=True)),
                ('ground', models.CharField(choices=[('copied', "the idea is somebody else's"), ('facts', 'the facts are wrong'), ('under_way', 'it has been carried out already'), ('unfair', 'the choice was not fair'), ('private', 'it shows what is private'), ('other', 'another reason')], max_length=12, verbose_name='ground')),
                ('given', ideas.migrations.frozen.sealed.SealedJSONField()),
                ('source', models.CharField(choices=[('web', 'web form'), ('paper', 'paper slip'), ('phone', 'telephone'), ('wechat', 'WeChat'), ('import', 'imported file')], default='web', max_length=10, verbose_name='way')),
                ('received_on', models.DateField(verbose_name='received on')),
                ('entered_at', models.DateTimeField(verbose_name='entered at')),
                ('language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], default='zh-hans', max_length=8, verbose_name='language of messages')),
                ('consent_version', models.CharField(max_length=20, verbose_name='version of the privacy notice')),
                ('suspicions', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('open', 'waiting for a decision'), ('upheld', 'upheld'), ('rejected', 'rejected')], default='open', max_length=10, verbose_name='state')),
                ('reason', models.TextField(blank=True, verbose_name='reason of the decision')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('erased_at', models.DateTimeField(null=True, verbose_name='person erased at')),
                ('seal', models.CharField(blank=True, editable=False, max_length=100)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='typed in by')),
                ('exchange', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='objections', to='ideas.exchange')),
                ('idea', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='ideas.idea', verbose_name='idea')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='ideas.notice', verbose_name='public notice')),
            ],
            options={
                'verbose_name': 'objection',
                'verbose_name_plural': 'objections',
                'ordering': ('id',),
                'permissions': (('enter_objection', 'Can type in objections'), ('decide_objection', 'Can decide objections')),
                'default_permissions': ('view',),
            },
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('campaign', 'number'), name='notice_once_per_record'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('campaign',), name='one_notice_of_a_campaign_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='notice_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='objection_decided_with_a_reason'),
        ),
    ]
