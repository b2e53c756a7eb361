"""Tables and fields under the names that the code gives them. No row changes; the columns of an exchange keep their
names, because the portal's word for a list is given on them (models/sealed.py: columns_of)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0026_namesakes'),
    ]

    operations = [
        migrations.RenameModel(
            old_name='Incompatible',
            new_name='IncompatiblePair',
        ),
        migrations.RenameModel(
            old_name='Uncompared',
            new_name='PendingComparison',
        ),
        migrations.RenameModel(
            old_name='Tally',
            new_name='RateLimitCounter',
        ),
        migrations.RenameModel(
            old_name='Statement',
            new_name='ResidentStatement',
        ),
        migrations.AlterField(
            model_name='exchange',
            name='put_in',
            field=models.ForeignKey(db_column='put_in_id', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.idea', verbose_name='put on'),
        ),
        migrations.RenameField(
            model_name='exchange',
            old_name='put_in',
            new_name='added',
        ),
        migrations.AlterField(
            model_name='exchange',
            name='out',
            field=models.ForeignKey(db_column='out_id', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ideas.idea', verbose_name='taken off'),
        ),
        migrations.RenameField(
            model_name='exchange',
            old_name='out',
            new_name='removed',
        ),
        migrations.AlterField(
            model_name='assignment',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='ideas.assignmentrun', verbose_name='assignment run'),
        ),
        migrations.AlterField(
            model_name='panellist',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.RenameModel(
            old_name='Pick',
            new_name='ShortlistEntry',
        ),
        migrations.AlterModelOptions(
            name='shortlistentry',
            options={'ordering': ('rank',), 'verbose_name': 'shortlist entry', 'verbose_name_plural': 'shortlist entries'},
        ),
        migrations.AlterField(
            model_name='shortlistentry',
            name='idea',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shortlist_entry', to='ideas.idea', verbose_name='idea'),
        ),
        migrations.AlterField(
            model_name='shortlistentry',
            name='shortlist',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='ideas.shortlist', verbose_name='shortlist'),
        ),
        migrations.AlterField(
            model_name='shortlistentry',
            name='tier',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ideas.tier', verbose_name='award tier'),
        ),
    ]
