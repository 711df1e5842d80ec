"""Problems: what reports state, and the ledger in which one difficulty is followed over the weeks."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.people import Actor, User
from tasks_tracker.models.plan import WorkItem
from tasks_tracker.models.progress import ProgressReport


class Kind(models.TextChoices):
    """What a difficulty is about."""

    FUNDS = "funds", _("Funds")
    POLICY = "policy", _("Policy support")
    LAND_ENERGY = "land_energy", _("Land and energy")
    TECHNOLOGY = "technology", _("Technology")
    TALENT = "talent", _("Talent")
    MARKET = "market", _("Market")
    APPROVAL = "approval", _("Approval")
    COORDINATION = "coordination", _("Coordination between units")
    OTHER = "other", _("Other")


class ProblemCaseQuerySet(models.QuerySet["ProblemCase"]):
    """Cases, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Those of the items that `user` sees, and for a unit also those that ask it or the units below."""
        scope = user.scope
        if scope.nothing:
            return self.none()
        of_items = Q(item__in=WorkItem.objects.visible_to(user))
        return self.filter(of_items | _asks(scope.path)) if scope.path else self.filter(of_items)

    def asking(self, user: User) -> Self:
        """Those in which something is needed from the unit of `user` or those below it, or it coordinates."""
        return self.filter(_asks(user.actor.path)) if user.actor else self.none()

    def unsolved(self) -> Self:
        """Open, or being coordinated."""
        return self.exclude(state=ProblemCase.State.SOLVED)


def _asks(path: str) -> Q:
    return Q(needed_from__path__startswith=path) | Q(coordinator__path__startswith=path)


class ProblemCase(models.Model):
    """One difficulty of one work item over the weeks, in the words of the report that stated it last.

    A case begins and is solved by accepted reports only, or by a supervisor (docs/numbers.md, "Problems").
    `revision` rises with every act and every change of words: a form that saw an older one is stale.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("problem", "Open")
        COORDINATING = "coordinating", _("Being coordinated")
        SOLVED = "solved", _("Solved")

    class SolvedBy(models.TextChoices):
        REPORT = "report", _("by the lead’s report")
        SUPERVISOR = "supervisor", _("by a supervisor")

    item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="problem_cases", verbose_name=_("work item")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    description = models.CharField(_("description"), max_length=500)
    needed = models.CharField(_("what is needed"), max_length=300, blank=True)
    needed_from = models.ForeignKey(
        Actor, models.PROTECT, null=True, related_name="asked_in_cases", verbose_name=_("from whom")
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    raised_week = models.DateField(_("raised in week"))
    last_stated_week = models.DateField(_("last stated in week"))
    coordinator = models.ForeignKey(
        Actor, models.PROTECT, null=True, related_name="+", verbose_name=_("coordinated by")
    )
    coordination_note = models.CharField(_("note"), max_length=500, blank=True)
    solved_how = models.CharField(_("how solved"), max_length=10, choices=SolvedBy.choices, blank=True)
    solved_week = models.DateField(_("solved in week"), null=True)
    solved_at = models.DateTimeField(_("solved at"), null=True)
    solved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("solved by")
    )
    solution = models.CharField(_("solution"), max_length=500, blank=True)
    made_item = models.ForeignKey(
        WorkItem, models.PROTECT, null=True, related_name="made_of", verbose_name=_("work item made of it")
    )
    again_after = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="again", verbose_name=_("again after")
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)

    objects: ClassVar[models.Manager["ProblemCase"]] = ProblemCaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "progress_problem_case"
        ordering = ("raised_week", "pk")
        verbose_name = _("problem case")
        verbose_name_plural = _("problem cases")
        constraints = (
            models.UniqueConstraint(
                "item",
                "kind",
                "description",
                name="a_problem_is_open_once",
                condition=Q(state__in=["open", "coordinating"]),
            ),
            models.UniqueConstraint("made_item", name="an_item_is_made_of_one_case"),
            models.CheckConstraint(
                name="case_is_stated_after_raised", condition=Q(last_stated_week__gte=F("raised_week"))
            ),
            models.CheckConstraint(
                name="coordinated_case_names_who",
                condition=~Q(state="coordinating") | Q(coordinator__isnull=False),
            ),
            models.CheckConstraint(
                name="solved_case_says_how",
                condition=Q(state="solved", solved_week__isnull=False, solved_at__isnull=False)
                & ~Q(solved_how="")
                | Q(
                    solved_how="",
                    solved_week__isnull=True,
                    solved_at__isnull=True,
                    solved_by__isnull=True,
                    solution="",
                )
                & ~Q(state="solved"),
            ),
            models.CheckConstraint(
                name="supervisor_solves_in_words",
                condition=~Q(solved_how="supervisor") | Q(solved_by__isnull=False) & ~Q(solution=""),
            ),
        )
        indexes = (models.Index("state", "raised_week", name="case_by_state"),)

    def __str__(self) -> str:
        return self.description

    @property
    def is_solved(self) -> bool:
        """Nothing is left to do."""
        return self.state == self.State.SOLVED

    def weeks_open(self, week: date) -> int:
        """How many weeks it has been a problem by `week`, or was one until it was solved; at least one."""
        until = self.solved_week or week
        return max(1, (until - self.raised_week).days // 7 + 1)


class Problem(models.Model):
    """A difficulty stated in a report: of what kind, what is needed, and from whom.

    `case` is the difficulty that it continues: as the form says while the report waits, settled when the
    report is accepted.
    """

    Kind = Kind

    report = models.ForeignKey(
        ProgressReport, models.CASCADE, related_name="problems", verbose_name=_("progress report")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    description = models.CharField(_("description"), max_length=500)
    needed = models.CharField(_("what is needed"), max_length=300, blank=True)
    needed_from = models.ForeignKey(
        Actor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="asked_for_help",
        verbose_name=_("from whom"),
    )
    case = models.ForeignKey(
        ProblemCase,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("problem case"),
    )

    class Meta:
        db_table = "progress_problem"
        ordering = ("pk",)
        verbose_name = _("problem")
        verbose_name_plural = _("problems")

    def __str__(self) -> str:
        return self.description


class CaseAct(models.Model):
    """What somebody did about a case, or answered to it. Rows are only added."""

    class Act(models.TextChoices):
        COORDINATE = "coordinate", _("Taken up")
        ANSWER = "answer", _("Answered")
        SOLVE = "solve", _("Solved")
        REOPEN = "reopen", _("Opened again")
        MAKE_ITEM = "make_item", _("Turned into a work item")

    case = models.ForeignKey(ProblemCase, models.PROTECT, related_name="acts", verbose_name=_("problem case"))
    act = models.CharField(_("act"), max_length=10, choices=Act.choices)
    words = models.CharField(_("words"), max_length=500, blank=True)
    unit = models.ForeignKey(Actor, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "progress_problem_act"
        ordering = ("-at", "-pk")
        verbose_name = _("act about a problem")
        verbose_name_plural = _("acts about problems")
        constraints = (
            models.CheckConstraint(
                name="only_some_acts_need_no_words",
                condition=Q(act__in=["make_item", "coordinate"]) | ~Q(words=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.act}"
