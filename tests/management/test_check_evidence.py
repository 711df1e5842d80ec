"""The command that proves the evidence store."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import override

from tasks_tracker.actions.evidence import add_evidence, path_of, remove_evidence, store
from tasks_tracker.actions.progress import Entry, save_draft
from tests.factories import THIS_WEEK, make_item, moment
from tests.factories.cast import Cast
from tests.factories.files import PNG, upload

pytestmark = pytest.mark.django_db


def run(*options: str) -> tuple[int, list[str]]:
    out = StringIO()
    code = 0
    with override("en"):
        try:
            call_command("check_evidence", *options, stdout=out)
        except SystemExit as end:
            code = int(str(end.code))
    return code, out.getvalue().splitlines()


def test_the_store_is_proven_and_swept(cast: Cast, tmp_path: Any, settings: Any) -> None:
    options = settings.STORAGES["evidence"]["OPTIONS"] | {"location": str(tmp_path)}
    settings.STORAGES = settings.STORAGES | {"evidence": settings.STORAGES["evidence"] | {"OPTIONS": options}}
    assert run("--sweep") == (0, ["0 swept away", "faults: 0"])
    monday = moment(THIS_WEEK)
    draft = save_draft(
        item=make_item(), week=THIS_WEEK, entry=Entry(progress_note="草稿"), by=cast.chen, now=monday
    )
    kept = add_evidence(report=draft, file=upload(), by=cast.chen, now=monday)
    removed = add_evidence(report=draft, file=upload("b.png", PNG), by=cast.chen, now=monday)
    remove_evidence(evidence=removed, by=cast.chen, now=monday)
    assert run("--sweep") == (0, ["0 swept away", "faults: 0"])
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert run("--sweep") == (0, ["1 swept away", "faults: 0"])
    store().delete(path_of(kept.sha256))
    assert run() == (1, [f"missing: {kept.sha256} · 验收材料.pdf", "faults: 1"])
