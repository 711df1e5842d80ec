import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def sign_what_is_there(apps, schema_editor):
    """So far whoever saved last stood as the writer, and nobody reviewed within the unit."""
    reports = apps.get_model("tasks_tracker", "ProgressReport").objects
    reports.update(saved_by=models.F("written_by"))
    given = reports.exclude(status="draft")
    given.update(submitted_by=models.F("written_by"), unit_review="switched_off")
    # PostgreSQL changes no table whose rows still have references to check at the end of the transaction.
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_tracker', '0005_audit_is_sealed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='file name')),
                ('size', models.PositiveIntegerField(verbose_name='size in bytes')),
                ('sha256', models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('\\A[0-9a-f]{64}\\Z')], verbose_name='SHA-256')),
                ('content_type', models.CharField(max_length=100, verbose_name='content type')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
            ],
            options={
                'verbose_name': 'evidence',
                'verbose_name_plural': 'evidence',
                'db_table': 'progress_evidence',
                'ordering': ('pk',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='progressreport',
            name='one_open_report_per_week',
        ),
        migrations.RemoveConstraint(
            model_name='progressreport',
            name='decided_report_is_signed',
        ),
        migrations.AddField(
            model_name='plan',
            name='unit_review',
            field=models.BooleanField(default=True, help_text='A reviewer of the unit signs its reports before the supervisor has them.', verbose_name='review within the unit'),
        ),
        migrations.AddField(
            model_name='progressreport',
            name='reviewed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='reviewed at'),
        ),
        migrations.AddField(
            model_name='progressreport',
            name='reviewed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by'),
        ),
        migrations.AddField(
            model_name='progressreport',
            name='saved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by'),
        ),
        migrations.AddField(
            model_name='progressreport',
            name='submitted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed in by'),
        ),
        migrations.AddField(
            model_name='progressreport',
            name='unit_review',
            field=models.CharField(blank=True, choices=[('needed', 'The unit reviews it'), ('switched_off', 'Review switched off'), ('no_reviewer', 'No reviewer in the unit')], max_length=12, verbose_name='review of the unit'),
        ),
        migrations.RunPython(sign_what_is_there, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='progressreport',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting'), ('reviewed', 'Unit-reviewed'), ('accepted', 'Accepted'), ('returned', 'Returned'), ('superseded', 'Superseded')], default='draft', max_length=12, verbose_name='status'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.UniqueConstraint(models.F('item'), models.F('week'), condition=models.Q(('status__in', ['draft', 'submitted', 'reviewed'])), name='one_open_report_per_week'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'draft'), ('unit_review', '')), models.Q(models.Q(('status', 'draft'), _negated=True), models.Q(('unit_review', ''), _negated=True), ('submitted_by__isnull', False)), _connector='OR'), name='given_report_has_a_signer'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True), models.Q(('status', 'reviewed'), _negated=True)), _connector='OR'), name='reviewed_report_is_signed'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['accepted', 'superseded']), _negated=True), models.Q(('unit_review', 'needed'), _negated=True), ('reviewed_by__isnull', False), _connector='OR'), name='accepted_report_was_reviewed'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'reviewed']), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='decided_report_is_signed'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_by__isnull', True), ('written_by__isnull', True), models.Q(('reviewed_by', models.F('written_by')), _negated=True), _connector='OR'), models.Q(('reviewed_by__isnull', True), ('submitted_by__isnull', True), models.Q(('reviewed_by', models.F('submitted_by')), _negated=True), _connector='OR')), name='nobody_reviews_own_report'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('written_by__isnull', True), models.Q(('decided_by', models.F('written_by')), _negated=True), _connector='OR'), models.Q(('decided_by__isnull', True), ('submitted_by__isnull', True), models.Q(('decided_by', models.F('submitted_by')), _negated=True), _connector='OR')), name='nobody_decides_on_own_report'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('reviewed_by__isnull', True), models.Q(('decided_by', models.F('reviewed_by')), _negated=True), _connector='OR'), name='reviewer_does_not_accept_too'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='tasks_tracker.progressreport', verbose_name='progress report'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='uploaded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by'),
        ),
        migrations.AddIndex(
            model_name='evidence',
            index=models.Index(models.F('sha256'), name='evidence_by_content'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(models.F('report'), models.F('sha256'), name='evidence_is_there_once'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='evidence_is_not_empty'),
        ),
    ]
