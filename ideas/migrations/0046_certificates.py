"""Certificates, the register of who received one, and a campaign's own wording of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ideas.migrations.frozen.sealed import SealedJSONField


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0045_topic_marks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='officeevent',
            name='act',
            field=models.CharField(choices=[('show_contact', 'contact shown'), ('release_contact', 'contact released to a unit'), ('contact_back', 'contact taken back from a unit'), ('search_contact', 'ideas looked for by a contact'), ('many_contacts', 'unusually many contacts given out'), ('export', 'list exported'), ('import', 'file imported'), ('hand_over', 'restricted idea handed over'), ('early_rating', 'rating begun before screening was over'), ('panel_assigned', 'ideas assigned to the panel'), ('seat', 'seat on the panel changed by hand'), ('panellist_left', 'panellist replaced'), ('panel_reminded', 'panel reminded'), ('paper_back', 'marks from paper sent back'), ('paper_away', 'unconfirmed marks from paper taken away'), ('paper_aside', 'standing aside typed in from paper'), ('mark_decision', 'decided whether a mark counts'), ('campaign_changed', 'campaign changed under way'), ('release_asked', 'release asked for'), ('release_confirmed', 'release confirmed'), ('release_stopped', 'release stopped'), ('message_again', 'message given up is sent again'), ('message_closed', 'message given up is closed'), ('certificates', 'certificates issued'), ('certificate_given', 'certificate handed over'), ('certificate_off', 'certificate withdrawn')], max_length=20, verbose_name='act'),
        ),
        migrations.CreateModel(
            name='CampaignPapers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('certificate', models.TextField(blank=True, help_text='The first line addresses whoever is honoured. Filled in: {name} {title} {tier} {campaign} {organiser} {day}. Empty: the usual wording.', max_length=300, verbose_name='certificate')),
                ('certificate_en', models.TextField(blank=True, max_length=600, verbose_name='certificate in English')),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='papers', to='ideas.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'papers of a campaign',
                'verbose_name_plural': 'papers of a campaign',
                'default_permissions': ('add', 'change', 'view'),
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True, verbose_name='code')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('handed_on', models.DateField(null=True, verbose_name='handed over on')),
                ('handed_by', models.CharField(blank=True, max_length=60, verbose_name='handed over by')),
                ('received', SealedJSONField()),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('version', models.PositiveIntegerField(default=1)),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='ideas.idea', verbose_name='idea')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='noted by')),
                ('winner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.idea', verbose_name='winner')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
            ],
            options={
                'verbose_name': 'certificate',
                'verbose_name_plural': 'certificates',
                'ordering': ('id',),
                'permissions': (('issue_certificate', 'Can issue certificates and note who received them'),),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('idea',), name='certificate_once_per_idea'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), models.Q(('reason', ''), _negated=True), _connector='OR'), name='certificate_withdrawn_with_reason')],
            },
        ),
    ]
