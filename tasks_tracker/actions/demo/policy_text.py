"""An invented text in which every measure stands, so that the page of the policy text is alive.

None of it is the policy's but titles and locator phrases, which the fixtures hold. Who loads the real text
puts it in its place.
"""

from collections import defaultdict

from tasks_tracker.actions.demo.texts import marked, subject_of, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.policy_text import load_policy_text
from tasks_tracker.models import KeyTask, Measure, PolicyText
from tasks_tracker.rules.outline_marks import written


def write_policy_text(world: World) -> None:
    """Load the invented text, unless the policy has one."""
    policy = world.plan.policy
    if PolicyText.objects.filter(policy=policy, is_current=True).exists():
        return
    load_policy_text(
        policy=policy,
        content="\n".join(_paragraphs(world)).encode(),
        file_name=texts()["policy_text"]["file"],
        by=None,
        now=world.calendar.now,
    )


def _paragraphs(world: World) -> list[str]:
    """In each paragraph what the locators look for there; the others say that they are invented."""
    words = texts()["policy_text"]
    tasks = {task.pk: task for task in world.plan.policy.key_tasks.all()}
    standing: dict[int, list[Measure]] = defaultdict(list)
    for measure in world.measures:
        standing[measure.paragraph].append(measure)
    last = max(standing)
    first = min(standing)
    lines = [marked(words["around"]) for _number in range(1, first)]
    lines[:1] = [marked(words["title"])]
    for number in range(first, last + 1):
        own = standing.get(number)
        lines.append(_paragraph(own, tasks) if own else words["between"])
    return lines


def _paragraph(measures: list[Measure], tasks: dict[int, KeyTask]) -> str:
    words = texts()["policy_text"]
    task = tasks.get(measures[0].key_task_id or 0)
    begin = f"{written('firstly', task.number)}{task.title}。" if task else ""
    said = [words["measure"].format(m=m, deliverable=subject_of(m).deliverable) for m in measures]
    open_ = words["open"][measures[0].paragraph % len(words["open"])]
    return begin + "".join([*said[:2], open_, *said[2:]])
