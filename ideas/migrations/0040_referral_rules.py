"""Rules of the office suggest a unit for an idea that is referred."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0039_milestones'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferralRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(blank=True, max_length=30, verbose_name='topic')),
                ('street', models.CharField(blank=True, max_length=40, verbose_name='street or town')),
                ('words', models.CharField(blank=True, help_text='One of them stands in the title, the text or the place; with blanks or commas between them.', max_length=200, verbose_name='words')),
                ('position', models.PositiveSmallIntegerField(default=100, help_text='Rules are read from the smallest number on; the first that suits counts.', verbose_name='position')),
                ('campaign', models.ForeignKey(blank=True, help_text='Empty: for every campaign.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='referral_rules', to='ideas.campaign', verbose_name='campaign')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referral_rules', to='ideas.unit', verbose_name='responsible unit')),
            ],
            options={
                'verbose_name': 'rule for referring',
                'verbose_name_plural': 'rules for referring',
                'ordering': ('position', 'id'),
            },
        ),
    ]
