"""Residents are told when a unit's answer is released."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ideas', '0031_referrals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='template',
            field=models.CharField(choices=[('receipt', 'receipt'), ('accepted', 'accepted as valid'), ('returned', 'more information asked'), ('declined', 'not accepted'), ('merged', 'merged'), ('transferred', 'passed to another channel'), ('winner', 'winner'), ('not_selected', 'not selected'), ('withdrawn', 'withdrawn'), ('unmerged', 'merger undone'), ('new_code', 'new query code'), ('verify', 'check of the telephone number'), ('lapsed', 'not answered in time'), ('panel_reminder', 'reminder to a panellist'), ('audit_head', 'last stamp of the audit trail'), ('answered', 'answer of a unit'), ('restricted', 'word to a keeper that a restricted idea waits'), ('restricted_waits', 'reminder to a keeper that restricted ideas wait')], max_length=30, verbose_name='template'),
        ),
    ]
