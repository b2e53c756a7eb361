"""Where slips are handed in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0046_certificates'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaignpapers',
            name='drop_off',
            field=models.CharField(blank=True, help_text='Stands on the poster and on the slip: the place, and when it is open.', max_length=120, verbose_name='where slips are handed in'),
        ),
        migrations.AddField(
            model_name='campaignpapers',
            name='drop_off_en',
            field=models.CharField(blank=True, max_length=240, verbose_name='where slips are handed in, in English'),
        ),
    ]
