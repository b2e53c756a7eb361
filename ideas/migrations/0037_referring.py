"""Campaigns give units days of their own; an idea is taken off its referral, given back, or joins another one."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0036_unit_questions'),
    ]

    operations = [
        migrations.AddField(
            model_name='referralidea',
            name='joined_at',
            field=models.DateTimeField(null=True, verbose_name='joined at'),
        ),
        migrations.AddField(
            model_name='referralidea',
            name='taken_off_at',
            field=models.DateTimeField(null=True, verbose_name='taken off at'),
        ),
        migrations.AlterField(
            model_name='referralevent',
            name='act',
            field=models.CharField(choices=[('send', 'sent to the unit'), ('acknowledge', 'acknowledged'), ('ask_return', 'return asked for'), ('reassign', 'given to another unit'), ('keep', 'stays with the unit'), ('ask', 'question asked'), ('pass_on', 'question passed on to the resident'), ('reply', 'question answered by the resident'), ('lapse', 'question not answered by the resident'), ('settle', 'question answered by the office'), ('hand_in', 'answer handed in'), ('pass_back', 'answer passed back'), ('plan', 'answered by the unit'), ('report', 'reported done by the unit'), ('report_place', 'some places reported done by the unit'), ('release', 'answer released'), ('close_place', 'a place closed'), ('close', 'closed'), ('not_yet', 'not done yet, in the eyes of the office'), ('reopen', 'taken up again'), ('change_due', 'days changed'), ('supervise', 'supervision order issued'), ('recall', 'recalled'), ('take_off', 'an idea taken off'), ('put_back', 'an idea given back'), ('add', 'an idea joined'), ('add_photo', 'photos added'), ('drop_photo', 'photo removed'), ('check_photo', 'photo checked'), ('cover_photo', 'parts of a photo covered'), ('show_photo', 'photo released'), ('hide_photo', 'photo taken back')], max_length=12, verbose_name='act'),
        ),
        migrations.CreateModel(
            name='CampaignDays',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acknowledge', models.PositiveSmallIntegerField(default=1, help_text='Working days, from the day of sending.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='to acknowledge')),
                ('answer', models.PositiveSmallIntegerField(default=3, help_text='With a plan; counted from the same day.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(180)], verbose_name='to answer')),
                ('finish', models.PositiveSmallIntegerField(default=7, help_text='Or to say when. Referrals that are sent keep theirs.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(360)], verbose_name='to be done')),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='referral_days', to='ideas.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'working days of units',
                'verbose_name_plural': 'working days of units',
                'default_permissions': ('add', 'change', 'view'),
            },
        ),
    ]
