"""The audit log says where from and about which work item, and is sealed.

Entries from before get their authentication codes now: what they hold from this version on is held fast.
"""

import secrets

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from tasks_tracker.rules import seals

BATCH = 1_000
HELD_FAST = (
    "at",
    "by_id",
    "channel",
    "address",
    "action",
    "object_type",
    "object_id",
    "item_id",
    "before",
    "after",
)


def hold_fast(apps, schema_editor):
    """Name the work item of each entry, and give it its code."""
    Entry = apps.get_model("tasks_tracker", "AuditEntry")
    item_of = {
        "workitem": apps.get_model("tasks_tracker", "WorkItem").objects.values_list("pk", "pk"),
        "progressreport": apps.get_model("tasks_tracker", "ProgressReport").objects.values_list("pk", "item"),
        "lightoverride": apps.get_model("tasks_tracker", "LightOverride").objects.values_list("pk", "item"),
    }
    row = 0
    while batch := list(Entry.objects.filter(pk__gt=row).order_by("pk")[:BATCH]):
        row = batch[-1].pk
        for object_type, pairs in item_of.items():
            about = [e for e in batch if e.object_type == object_type and e.object_id.isdecimal()]
            found = dict(pairs.filter(pk__in=[int(entry.object_id) for entry in about]))
            for entry in about:
                entry.item_id = found.get(int(entry.object_id))
        for entry in batch:
            contents = {name: getattr(entry, name) for name in HELD_FAST}
            nonce = secrets.token_hex(seals.NONCE_LENGTH // 2)
            entry.mac = seals.mac_of(contents, key=settings.AUDIT_KEYS[0], nonce=nonce)
        Entry.objects.bulk_update(batch, ["item", "mac"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("tasks_tracker", "0004_reminders_slips_and_notices")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={
                "base_manager_name": "objects",
                "ordering": ("-pk",),
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
            },
        ),
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.CharField(blank=True, max_length=45, verbose_name="network address"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="channel",
            field=models.CharField(
                blank=True,
                choices=[("web", "web page"), ("job", "scheduled job"), ("command", "command line")],
                max_length=8,
                verbose_name="way in",
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="item",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tasks_tracker.workitem",
                verbose_name="work item",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="at"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="mac",
            field=models.CharField(
                max_length=seals.MAC_LENGTH, null=True, verbose_name="authentication code"
            ),
        ),
        migrations.RunPython(hold_fast, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="auditentry",
            name="mac",
            field=models.CharField(
                max_length=seals.MAC_LENGTH, unique=True, verbose_name="authentication code"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("mac", ""), _negated=True), name="audit_entry_has_a_mac"
            ),
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name="number"),
                ),
                ("digest", models.CharField(max_length=seals.DIGEST_LENGTH, verbose_name="digest")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="seal",
                        to="tasks_tracker.auditentry",
                        verbose_name="audit entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit seal",
                "verbose_name_plural": "audit seals",
                "db_table": "audit_seal",
                "ordering": ("number",),
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="audit_seals_count_from_one"
                    )
                ],
            },
        ),
    ]
