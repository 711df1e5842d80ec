"""The plan: its rules as data, the work items, their milestones and every recorded change of them."""

from datetime import time
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.people import Actor, Region, Role, Scope, User, in_language
from tasks_tracker.models.policy import Industry, Measure, Policy
from tasks_tracker.rules.weeks import Limits

WHOLE = 10_000  # 100 % in hundredths of a percent, the unit of every percentage
PERCENT = (MinValueValidator(0), MaxValueValidator(WHOLE))
VALUE_LENGTH = 3000  # of a recorded value: room for the milestones of an item


class Light(models.TextChoices):
    """The state of a work item at a glance, in the order in which they are shown.

    Colour is never the only sign: `mark` is the character that goes with the word in print and in exports.
    """

    DONE = "done", _("Done")
    ON_TRACK = "on_track", _("On track")
    NOT_STARTED = "not_started", _("Not started")
    AT_RISK = "at_risk", _("At risk")
    BEHIND = "behind", _("Behind")
    OVERDUE = "overdue", _("Overdue")
    SUSPENDED = "suspended", _("Suspended")

    @property
    def mark(self) -> str:
        """One character for places that hold no drawing."""
        return LIGHT_MARKS[self]


LIGHT_MARKS = {
    Light.DONE: "✔",
    Light.ON_TRACK: "●",
    Light.NOT_STARTED: "○",
    Light.AT_RISK: "▲",
    Light.BEHIND: "◆",
    Light.OVERDUE: "■",
    Light.SUSPENDED: "▨",
}
COUNTED_LIGHTS = tuple(light for light in Light if light is not Light.SUSPENDED)
NEEDS_ATTENTION = (Light.OVERDUE, Light.BEHIND, Light.AT_RISK)


class Reason(models.TextChoices):
    """Why a light is what it is; stored and shown with the light."""

    CLOSED = "closed", _("Closed")
    SUSPENDED = "suspended", _("Suspended")
    STARTS_LATER = "starts_later", _("Starts later")
    DUE_DAY_PASSED = "due_day_passed", _("Due day passed")
    SEVERELY_BEHIND = "severely_behind", _("Severely behind")
    BEHIND_PLAN = "behind_plan", _("Behind plan")
    SLIGHTLY_BEHIND = "slightly_behind", _("Slightly behind plan")
    DUE_SOON = "due_soon", _("Due soon")
    REPORT_MISSING = "report_missing", _("Report missing")
    NOT_YET_REPORTED = "not_yet_reported", _("Nothing reported yet, none owed")
    AS_PLANNED = "as_planned", _("As planned")
    OVERRIDDEN = "overridden", _("Set by a supervisor")


class PlanQuerySet(models.QuerySet["Plan"]):
    def current(self) -> "Plan":
        """The plan that is tracked; raises Plan.DoesNotExist before any is set up."""
        return self.select_related("policy").latest("starts_on", "pk")


class Plan(models.Model):
    """An action plan for a policy, with the thresholds of the lights. Variances in hundredths of a point."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="plans", verbose_name=_("policy"))
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=160, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    severely_behind_below = models.IntegerField(_("severely behind below"), default=-3000)
    behind_below = models.IntegerField(_("behind below"), default=-1000)
    at_risk_below = models.IntegerField(_("at risk below"), default=-500)
    due_soon_days = models.PositiveSmallIntegerField(_("due soon, days"), default=7)
    cutoff_weekday = models.PositiveSmallIntegerField(
        _("cut-off weekday"), default=4, validators=[MaxValueValidator(6)], help_text=_("0 = Monday")
    )
    cutoff_time = models.TimeField(_("cut-off time"), default=time(17))
    unit_review = models.BooleanField(
        _("review within the unit"),
        default=True,
        help_text=_("A reviewer of the unit signs its reports before the supervisor has them."),
    )
    rule_version = models.PositiveSmallIntegerField(_("rule version"), default=1)
    times_drawn = models.PositiveIntegerField(_("times drawn"), default=0, editable=False)
    is_demonstration = models.BooleanField(_("demonstration data"), default=False)

    objects: ClassVar[models.Manager["Plan"]] = PlanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_plan"
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = (
            models.CheckConstraint(name="plan_ends_after_it_starts", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(
                name="plan_thresholds_are_ordered",
                condition=Q(severely_behind_below__lt=F("behind_below"))
                & Q(behind_below__lt=F("at_risk_below"))
                & Q(at_risk_below__lte=0),
                violation_error_message=_("Thresholds run from severely behind over behind to at risk."),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title, self.title_en)

    @property
    def limits(self) -> Limits:
        """The thresholds of the lights as they stand now."""
        return Limits(self.severely_behind_below, self.behind_below, self.at_risk_below, self.due_soon_days)


class State(models.TextChoices):
    """The life cycle of a work item."""

    DRAFT = "draft", _("Draft")
    ASSIGNED = "assigned", _("Assigned")
    ACCEPTED = "accepted", pgettext_lazy("state of a work item", "Accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETION_REQUESTED = "completion_requested", _("Completion requested")
    CLOSED = "closed", _("Closed")
    SUSPENDED = "suspended", _("Suspended")
    CANCELLED = "cancelled", _("Cancelled")


RUNNING_STATES = (State.ASSIGNED, State.ACCEPTED, State.IN_PROGRESS, State.COMPLETION_REQUESTED)
STATES_IN_SCOPE = (*RUNNING_STATES, State.CLOSED)


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    """Work items, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """The own subtree and what it supports, or the key tasks and regions of the office.

        Drafts are seen by supervisors only.
        """
        scope = user.scope
        if scope.nothing:
            return self.none()
        if user.role != Role.SUPERVISOR:
            return self.exclude(state=State.DRAFT)._in_scope(scope)
        return self._in_scope(scope)

    def _in_scope(self, scope: Scope) -> Self:
        if scope.path:
            supported = WorkItem.supporting.through.objects.filter(
                workitem=OuterRef("pk"), actor__path__startswith=scope.path
            )
            return self.filter(Q(lead__path__startswith=scope.path) | Exists(supported))
        return self._limited(scope.key_tasks, scope.regions)

    def led_within(self, user: User) -> Self:
        """The part of what is visible that the own subtree leads: what counts in the user's figures."""
        scope = user.scope
        if scope.path:
            return self.filter(lead__path__startswith=scope.path)
        return self.visible_to(user)

    def _limited(self, key_tasks: frozenset[int], regions: frozenset[int]) -> Self:
        items = self
        if key_tasks:
            items = items.filter(measure__key_task__in=key_tasks)
        if regions:
            items = items.filter(region__in=regions)
        return items

    def with_names(self) -> Self:
        """Everything that a row of a list prints, in one query."""
        return self.select_related("measure", "measure__key_task", "region", "lead", "owner")


class WorkItem(models.Model):
    """A piece of work with exactly one lead, tracked week by week."""

    class Commitment(models.TextChoices):
        BINDING = "binding", _("Binding")
        ANTICIPATORY = "anticipatory", _("Anticipatory")

    code = models.CharField(_("code"), max_length=40, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="items", verbose_name=_("plan"))
    measure = models.ForeignKey(
        Measure, models.PROTECT, related_name="items", verbose_name=_("measure"), db_index=False
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="items", verbose_name=_("region"))
    lead = models.ForeignKey(Actor, models.PROTECT, related_name="led_items", verbose_name=_("lead"))
    supporting = models.ManyToManyField(
        Actor,
        blank=True,
        related_name="supported_items",
        verbose_name=_("supporting"),
        db_table="plan_item_supporting",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_items",
        verbose_name=_("owner"),
    )
    industry = models.ForeignKey(
        Industry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("industry"),
    )
    title = models.CharField(_("title"), max_length=120)
    expected_result = models.CharField(_("expected result"), max_length=300, blank=True)
    deliverable = models.CharField(_("deliverable"), max_length=200, blank=True)
    commitment = models.CharField(
        _("commitment"), max_length=12, choices=Commitment.choices, default=Commitment.ANTICIPATORY
    )
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, validators=[MaxValueValidator(1000)])
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("due on"))
    is_key = models.BooleanField(_("key item"), default=False)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.ASSIGNED)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    decomposed = models.BooleanField(_("decomposed"), default=False)
    is_demonstration = models.BooleanField(_("demonstration data"), default=False)

    objects: ClassVar[models.Manager["WorkItem"]] = WorkItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_work_item"
        ordering = ("code",)
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        constraints = (
            models.CheckConstraint(
                name="item_is_due_after_it_starts",
                condition=Q(due_on__gt=F("starts_on")),
                violation_error_message=_("The due day lies after the start."),
            ),
            models.CheckConstraint(name="item_weight_is_bounded", condition=Q(weight__lte=1000)),
            models.CheckConstraint(
                name="closed_items_have_a_day",
                condition=Q(state="closed", closed_on__isnull=False)
                | (~Q(state="closed") & Q(closed_on__isnull=True)),
                violation_error_message=_("A closed item has the day on which it was closed."),
            ),
        )
        indexes = (
            models.Index("measure", "region", "lead", name="item_by_cell"),
            models.Index("due_on", name="item_by_due"),
        )

    def __str__(self) -> str:
        return self.title


class Milestone(models.Model):
    """A point of the plan: by `due_on` the item should stand at `percent`."""

    item = models.ForeignKey(
        WorkItem, models.CASCADE, related_name="milestones", verbose_name=_("work item"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=80)
    due_on = models.DateField(_("due on"))
    percent = models.IntegerField(_("planned percent"), validators=PERCENT)
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    class Meta:
        db_table = "plan_milestone"
        ordering = ("item", "number")
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = (
            models.UniqueConstraint("item", "number", name="milestone_number_is_unique"),
            models.CheckConstraint(
                name="milestone_percent_is_a_percent", condition=Q(percent__range=(0, WHOLE))
            ),
        )

    def __str__(self) -> str:
        return self.title


class PlanSegment(models.Model):
    """A straight piece of an item's planned progress, in force in the weeks [since, until).

    Days are ordinals (`date.toordinal()`), so that planned progress is integer arithmetic on every database.
    The pieces of one item cover its whole run, from the start to the due day, without gap or overlap.
    """

    item = models.ForeignKey(
        WorkItem, models.CASCADE, related_name="segments", verbose_name=_("work item"), db_index=False
    )
    since = models.DateField(_("since week"))
    until = models.DateField(_("until week"))
    from_day = models.IntegerField(_("from day"))
    until_day = models.IntegerField(_("until day"))
    from_percent = models.IntegerField(_("from percent"), validators=PERCENT)
    until_percent = models.IntegerField(_("until percent"), validators=PERCENT)

    class Meta:
        db_table = "plan_segment"
        ordering = ("item", "since", "from_day")
        verbose_name = _("plan segment")
        verbose_name_plural = _("plan segments")
        constraints = (
            models.UniqueConstraint("item", "from_day", "since", name="segment_is_unique"),
            models.CheckConstraint(
                name="segment_runs_forward",
                condition=Q(until_day__gt=F("from_day"), until_percent__gte=F("from_percent")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_percent}–{self.until_percent}"


class PlanChangeQuerySet(models.QuerySet["PlanChange"]):
    """Recorded changes, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """The changes of the items that `user` sees."""
        return self.filter(item__in=WorkItem.objects.visible_to(user))


class PlanChange(models.Model):
    """A recorded change of what is agreed about an item; the only way in which it moves.

    Values are written as text: dates as ISO days, leads as actor codes, yes and no as 1 and 0, milestones as
    `rules.schedule.written_marks` writes them. The change counts from `week` on. A state is on record here
    when it moves what is counted: from draft to running, to suspended, cancelled or closed, and back.
    """

    class Field(models.TextChoices):
        STARTS_ON = "starts_on", _("starts on")
        DUE_ON = "due_on", _("due on")
        WEIGHT = "weight", _("weight")
        LEAD = "lead", _("lead")
        STATE = "state", _("state")
        MILESTONES = "milestones", _("milestones")
        IS_KEY = "is_key", _("key item")
        DECOMPOSED = "decomposed", _("decomposed")

    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="changes", verbose_name=_("work item"))
    week = models.DateField(_("week"))
    field = models.CharField(_("field"), max_length=12, choices=Field.choices)
    old_value = models.CharField(_("old value"), max_length=VALUE_LENGTH)
    new_value = models.CharField(_("new value"), max_length=VALUE_LENGTH)
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    at = models.DateTimeField(_("at"))

    objects: ClassVar[models.Manager["PlanChange"]] = PlanChangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_change"
        ordering = ("at", "pk")
        verbose_name = _("plan change")
        verbose_name_plural = _("plan changes")
        constraints = (
            models.CheckConstraint(
                name="plan_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why the plan changes."),
            ),
        )
        indexes = (models.Index("at", name="plan_change_by_time"),)

    def __str__(self) -> str:
        return f"{self.field}: {self.old_value} → {self.new_value}"
