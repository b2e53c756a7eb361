"""The office lets a unit see a contact: for one referral, a purpose, some days."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0040_referral_rules'),
    ]

    operations = [
        migrations.AlterField(
            model_name='officeevent',
            name='act',
            field=models.CharField(choices=[('show_contact', 'contact shown'), ('release_contact', 'contact released to a unit'), ('contact_back', 'contact taken back from a unit'), ('search_contact', 'ideas looked for by a contact'), ('many_contacts', 'unusually many contacts given out'), ('export', 'list exported'), ('import', 'file imported'), ('hand_over', 'restricted idea handed over'), ('early_rating', 'rating begun before screening was over'), ('panel_assigned', 'ideas assigned to the panel'), ('seat', 'seat on the panel changed by hand'), ('panellist_left', 'panellist replaced'), ('panel_reminded', 'panel reminded'), ('paper_back', 'marks from paper sent back'), ('paper_away', 'unconfirmed marks from paper taken away'), ('paper_aside', 'standing aside typed in from paper'), ('mark_decision', 'decided whether a mark counts'), ('campaign_changed', 'campaign changed under way'), ('release_asked', 'release asked for'), ('release_confirmed', 'release confirmed'), ('release_stopped', 'release stopped'), ('message_again', 'message given up is sent again'), ('message_closed', 'message given up is closed')], max_length=20, verbose_name='act'),
        ),
        migrations.CreateModel(
            name='ContactRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('question', 'to ask about the idea'), ('answer', 'to tell what became of it'), ('place', 'to look at the place together'), ('award', 'for the award'), ('other', 'other')], max_length=20, verbose_name='purpose')),
                ('words', models.TextField(blank=True, verbose_name='words')),
                ('until', models.DateField(verbose_name='until')),
                ('given_at', models.DateTimeField(verbose_name='released at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_releases', to='ideas.idea', verbose_name='idea')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_releases', to='ideas.referral', verbose_name='referral')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'released contact',
                'verbose_name_plural': 'released contacts',
                'ordering': ('id',),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('referral', 'idea'), name='contact_released_once_per_place')],
            },
        ),
    ]
