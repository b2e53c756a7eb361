"""Figures that the office gives of a campaign or of a year."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0047_drop_off'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2199)], verbose_name='year')),
                ('name', models.CharField(max_length=40, verbose_name='what it says')),
                ('name_en', models.CharField(blank=True, max_length=80, verbose_name='what it says, in English')),
                ('value', models.CharField(help_text='As it is printed: 340, 98.6, 1.2.', max_length=12, verbose_name='number')),
                ('unit', models.CharField(blank=True, max_length=10, verbose_name='unit of the number')),
                ('unit_en', models.CharField(blank=True, max_length=20, verbose_name='unit of the number, in English')),
                ('comparison', models.CharField(blank=True, help_text='With what it was before, for example.', max_length=60, verbose_name='comparison')),
                ('comparison_en', models.CharField(blank=True, max_length=120, verbose_name='comparison in English')),
                ('source', models.CharField(max_length=80, verbose_name='where it is from')),
                ('source_en', models.CharField(blank=True, max_length=160, verbose_name='where it is from, in English')),
                ('on', models.DateField(help_text='It is shown from this day on.', verbose_name='as of the day')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('campaign', models.ForeignKey(blank=True, help_text='Or a year below, not both.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='score_figures', to='ideas.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'figure of the score card',
                'verbose_name_plural': 'score card',
                'ordering': ('-on', 'position', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('campaign', None), ('year', None), _connector='XOR'), name='score_of_a_campaign_or_of_a_year')],
            },
        ),
    ]
