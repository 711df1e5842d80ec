"""Two at the watch list at the same moment: a week is looked at once, and of two acts one wins."""

from concurrent.futures import ThreadPoolExecutor

from tasks_tracker.actions import rollup
from tasks_tracker.actions.signal_acts import assess_signal, solve_signal
from tasks_tracker.actions.signal_rules import edit_rule
from tasks_tracker.actions.signals import find_signals
from tasks_tracker.models import EarlySignal, Role, SignalAct, SignalRule, SignalRun
from tests.actions.test_concurrency import cast, outcomes, pytestmark, threads
from tests.factories import THIS_WEEK, make_item, make_plan, make_user
from tests.factories.cast import Cast
from tests.factories.signals import evening, reported

__all__ = ["cast", "pytestmark", "threads"]


def find() -> object:
    return find_signals(plan=make_plan(), week=THIS_WEEK, now=evening())


def test_two_looks_at_a_week_raise_each_signal_once(threads: ThreadPoolExecutor, cast: Cast) -> None:
    for number in range(3):
        reported(make_item(f"A{number}"), [9200] * 5)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=evening())
    outcomes(threads, find, find)
    assert EarlySignal.objects.count() == 3
    assert SignalAct.objects.count() == 3
    assert SignalRun.objects.get().raised == 3
    assert SignalRule.objects.filter(is_current=True).count() == SignalRule.objects.count()


def test_of_two_acts_and_of_two_versions_one_wins(threads: ThreadPoolExecutor, cast: Cast) -> None:
    other = make_user(Role.SUPERVISOR)
    reported(make_item("A"), [9200] * 5)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=evening())
    find()
    signal = EarlySignal.objects.get()
    told = outcomes(
        threads,
        lambda: assess_signal(signal=signal, seen=1, words="核实", by=cast.li, now=evening()),
        lambda: solve_signal(
            signal=EarlySignal.objects.get(), seen=1, words="已验收", by=other, now=evening()
        ),
    )
    assert told.count("changed_meanwhile") == 1
    assert SignalAct.objects.exclude(by=None).count() == 1

    def change(percent: int) -> object:
        return edit_rule(
            plan=make_plan(),
            code="stuck",
            seen=1,
            is_on=True,
            parameters={"percent": percent, "weeks": 4},
            horizon=8,
            reason="调整",
            by=cast.li,
            now=evening(),
        )

    told = outcomes(threads, lambda: change(80), lambda: change(95))
    assert told.count("changed_meanwhile") == 1
    assert SignalRule.objects.filter(code="stuck").count() == 2
