"""The invented policy text of the demonstration."""

import pytest
from django.core.management import call_command

from tasks_tracker.actions.demo.texts import texts
from tasks_tracker.models import User
from tasks_tracker.queries.policy_text import Wanted, policy_page
from tasks_tracker.queries.weeks import shown_week
from tests.factories.demonstration import make


@pytest.mark.django_db
def test_every_measure_stands_in_an_invented_text_that_leaves_some_sentences_open() -> None:
    call_command("load_reference", verbosity=0)
    plan = make()
    page = policy_page(shown_week(""), User.objects.get(username="supervisor"), Wanted())
    assert page.text is not None
    assert page.text.file_name == texts()["policy_text"]["file"]
    assert [mark.measure.code for mark in page.marks if not mark.times or mark.moved] == []
    assert 0 < page.coverage.covered < page.coverage.sentences
    assert sum(1 for p in page.paragraphs for s in p.sentences if s.task) == plan.policy.key_tasks.count()
    assert texts()["mark"] in page.paragraphs[0].sentences[0].pieces[0].text
