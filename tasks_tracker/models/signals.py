"""Early signals: the rules as data, what they found, week by week, and what people did about it."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.people import Actor, Region, Scope, User
from tasks_tracker.models.plan import Plan, WorkItem
from tasks_tracker.models.policy import KeyTask
from tasks_tracker.models.problems import Kind
from tasks_tracker.rules.signals import LEAST_KNOWN, OF_SETS, SPECS, Spec


class SignalCode(models.TextChoices):
    """The rules, the most urgent first."""

    WILL_BE_LATE = "will_be_late", _("Pace misses the due day")
    LOSING_PACE = "losing_pace", _("Losing pace")
    CLUSTER = "cluster", _("Several at risk at once")
    SAME_PROBLEM = "same_problem", _("Same problem in several regions")
    EXTENDED_AGAIN = "extended_again", _("Extended again and again")
    STUCK = "stuck", _("Stuck before the end")
    LATE_JUMP = "late_jump", _("Jump just before a deadline")
    NO_CHANGE = "no_change", _("“No change” again and again")
    COPIED = "copied", _("Copied report")


class SignalRule(models.Model):
    """One version of a rule of a plan. A version is never changed but to be replaced by the next one."""

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="signal_rules", verbose_name=_("plan"), db_index=False
    )
    code = models.CharField(_("rule"), max_length=16, choices=SignalCode.choices)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("in force"), default=True)
    is_on = models.BooleanField(_("switched on"), default=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    horizon = models.PositiveSmallIntegerField(
        _("comes true within, weeks"), validators=[MinValueValidator(1), MaxValueValidator(26)]
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "signals_rule"
        ordering = ("plan", "code", "-version")
        verbose_name = _("rule of early signals")
        verbose_name_plural = _("rules of early signals")
        constraints = (
            models.UniqueConstraint("plan", "code", "version", name="signal_rule_version_is_unique"),
            models.UniqueConstraint(
                "plan", "code", name="one_signal_rule_in_force", condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="changed_signal_rule_says_why",
                condition=Q(version=1) | (~Q(reason="") & Q(by__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def spec(self) -> Spec:
        """Which numbers it has."""
        return SPECS[self.code]


class SignalTrack(models.Model):
    """How often a version of a rule was right: of the warnings of past weeks whose outcome is known."""

    rule = models.ForeignKey(
        SignalRule, models.CASCADE, related_name="tracks", verbose_name=_("rule"), db_index=False
    )
    first_week = models.DateField(_("from week"))
    last_week = models.DateField(_("to week"))
    warnings = models.PositiveIntegerField(_("warnings"))
    hits = models.PositiveIntegerField(_("came true"))
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "signals_track"
        ordering = ("rule", "-last_week")
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        constraints = (
            models.UniqueConstraint("rule", "first_week", "last_week", name="signal_track_is_unique"),
            models.CheckConstraint(name="signal_hits_are_warnings", condition=Q(hits__lte=F("warnings"))),
        )

    def __str__(self) -> str:
        return f"{self.rule_id} {self.hits}/{self.warnings}"

    @property
    def is_known(self) -> bool:
        """There are enough warnings to say anything."""
        return self.warnings >= LEAST_KNOWN


class SignalRun(models.Model):
    """The signals of a week were looked for. Final once the week was frozen: then it is never done again."""

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="signal_runs", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    at = models.DateTimeField(_("at"))
    is_final = models.BooleanField(_("final"), default=False)
    found = models.PositiveIntegerField(_("found"), default=0)
    raised = models.PositiveIntegerField(_("new"), default=0)
    ceased = models.PositiveIntegerField(_("ceased"), default=0)

    class Meta:
        db_table = "signals_run"
        ordering = ("-week",)
        verbose_name = _("search for early signals")
        verbose_name_plural = _("searches for early signals")
        constraints = (models.UniqueConstraint("plan", "week", name="signals_of_a_week_once"),)

    def __str__(self) -> str:
        return str(self.week)


class EarlySignalQuerySet(models.QuerySet["EarlySignal"]):
    """Signals, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """About items that `user` sees, all of them where there are several; or asking the unit."""
        scope = user.scope
        if scope.nothing:
            return self.none()
        if scope.is_national:
            return self.all()
        foreign = SignalMember.objects.filter(signal=OuterRef("pk")).exclude(_inside(scope))
        some = SignalMember.objects.filter(signal=OuterRef("pk"))
        whole = Q(code__in=OF_SETS) & Exists(some) & ~Exists(foreign)
        seen = Q(item__in=WorkItem.objects.visible_to(user)) | whole
        return self.filter(seen | Q(unit__path__startswith=scope.path) if scope.path else seen)

    def as_in(self, week: date) -> Self:
        """Those that had been raised by `week`, with `state_then` and the `evidence` of then.

        `seen_week` is the last week by then in which the condition held.
        """
        acts = SignalAct.objects.filter(signal=OuterRef("pk"), week__lte=week).order_by("-pk")
        sightings = SignalSighting.objects.filter(signal=OuterRef("pk"), week__lte=week).order_by("-week")
        return self.filter(first_week__lte=week).annotate(
            state_then=Subquery(acts.values("state")[:1]),
            evidence=Subquery(sightings.values("evidence")[:1]),
            seen_week=Subquery(sightings.values("week")[:1]),
        )

    def by_attention(self) -> Self:
        """What nobody has looked at first, by urgency of the rule; then what is due soonest."""
        states = EarlySignal.State
        order = (states.NEW, states.ASSESSED, states.HANDLED, states.ITEM, states.SOLVED, states.CEASED)
        return self.annotate(
            place=_rank("state_then", order),
            urgency=_rank("code", tuple(SignalCode)),
        ).order_by("place", "urgency", F("item__due_on").asc(nulls_first=True), "first_week", "pk")


def _inside(scope: Scope) -> Q:
    """The members of a set that lie in a limited scope."""
    inside = Q(item__lead__path__startswith=scope.path) if scope.path else Q()
    if scope.key_tasks:
        inside &= Q(item__measure__key_task__in=scope.key_tasks)
    if scope.regions:
        inside &= Q(item__region__in=scope.regions)
    return inside


def _rank(name: str, values: Any) -> Case:
    whens = (When(**{name: value}, then=Value(number)) for number, value in enumerate(values))
    return Case(*whens, default=Value(99), output_field=models.IntegerField())


class EarlySignal(models.Model):
    """Something that a rule warns of: about an item, a key task in a region, or a kind of problem and a unit.

    It lasts from `first_week` to `last_week`, the last one in which its condition held. One that ceased and
    comes again within some weeks is the same one; later a new one names it (`again_after`). `subject` says
    in one text what it is about; only the latest of rule and subject `is_latest`. `revision` rises when its
    state changes: a form that saw an older one is stale.
    """

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("early signal", "New")
        ASSESSED = "assessed", pgettext_lazy("early signal", "Assessed")
        HANDLED = "handled", pgettext_lazy("early signal", "Being handled")
        SOLVED = "solved", pgettext_lazy("early signal", "Solved")
        ITEM = "item", pgettext_lazy("early signal", "Made a work item")
        CEASED = "ceased", pgettext_lazy("early signal", "Ceased")

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="signals", verbose_name=_("plan"), db_index=False
    )
    code = models.CharField(_("rule"), max_length=16, choices=SignalCode.choices)
    rule = models.ForeignKey(SignalRule, models.PROTECT, related_name="signals", verbose_name=_("rule"))
    subject = models.CharField(_("about"), max_length=80)
    item = models.ForeignKey(
        WorkItem, models.PROTECT, null=True, related_name="signals", verbose_name=_("work item")
    )
    key_task = models.ForeignKey(
        KeyTask, models.PROTECT, null=True, related_name="+", verbose_name=_("key task")
    )
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name=_("region"))
    kind = models.CharField(_("kind of problem"), max_length=12, choices=Kind.choices, blank=True)
    unit = models.ForeignKey(
        Actor, models.PROTECT, null=True, related_name="signals_asking", verbose_name=_("from whom")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    first_week = models.DateField(_("first seen in week"))
    last_week = models.DateField(_("last seen in week"))
    times = models.PositiveSmallIntegerField(_("times"), default=1)
    is_latest = models.BooleanField(_("latest"), default=True)
    again_after = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="again", verbose_name=_("again after")
    )
    made_item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        null=True,
        related_name="made_of_signals",
        verbose_name=_("work item made of it"),
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)

    objects: ClassVar[models.Manager["EarlySignal"]] = EarlySignalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "signals_signal"
        ordering = ("first_week", "pk")
        verbose_name = _("early signal")
        verbose_name_plural = _("early signals")
        constraints = (
            models.UniqueConstraint(
                "plan", "code", "subject", name="one_latest_signal_of_a_subject", condition=Q(is_latest=True)
            ),
            models.UniqueConstraint("made_item", name="an_item_is_made_of_one_signal"),
            models.CheckConstraint(
                name="signal_is_seen_after_it_began", condition=Q(last_week__gte=F("first_week"))
            ),
            models.CheckConstraint(
                name="signal_has_one_subject",
                condition=Q(item__isnull=False, key_task=None, region=None, kind="", unit=None)
                | Q(item=None, key_task__isnull=False, region__isnull=False, kind="", unit=None)
                | (Q(item=None, key_task=None, region=None, unit__isnull=False) & ~Q(kind="")),
            ),
            models.CheckConstraint(
                name="signal_state_fits_made_item",
                condition=Q(state="item", made_item__isnull=False)
                | (~Q(state="item") & Q(made_item__isnull=True)),
            ),
        )
        indexes = (models.Index("plan", "state", name="signal_by_state"),)

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"


OPEN_STATES = (EarlySignal.State.NEW, EarlySignal.State.ASSESSED, EarlySignal.State.HANDLED)
ALIVE_STATES = (*OPEN_STATES, EarlySignal.State.ITEM)


class SignalMember(models.Model):
    """A work item that a signal about several is about, as of the last time that it was seen."""

    signal = models.ForeignKey(
        EarlySignal, models.CASCADE, related_name="members", verbose_name=_("early signal"), db_index=False
    )
    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="+", verbose_name=_("work item"))

    class Meta:
        db_table = "signals_member"
        verbose_name = _("item of an early signal")
        verbose_name_plural = _("items of early signals")
        constraints = (models.UniqueConstraint("signal", "item", name="signal_member_is_unique"),)

    def __str__(self) -> str:
        return f"{self.signal_id} {self.item_id}"


class SignalSighting(models.Model):
    """The condition of a signal held in a week; `evidence` has the figures from which that follows."""

    signal = models.ForeignKey(
        EarlySignal, models.CASCADE, related_name="sightings", verbose_name=_("early signal"), db_index=False
    )
    week = models.DateField(_("week"))
    evidence = models.JSONField(_("evidence"), default=dict)

    class Meta:
        db_table = "signals_sighting"
        ordering = ("signal", "week")
        verbose_name = _("sighting of an early signal")
        verbose_name_plural = _("sightings of early signals")
        constraints = (models.UniqueConstraint("signal", "week", name="signal_is_seen_once_a_week"),)

    def __str__(self) -> str:
        return f"{self.signal_id} {self.week}"


class SignalAct(models.Model):
    """What became of a signal: by the rule itself (`by` is None), or by somebody. Rows are only added.

    `state` is the state after it, so that any past week is there as it was.
    """

    class Act(models.TextChoices):
        RAISE = "raise", pgettext_lazy("early signal", "Raised by the rule")
        CEASE = "cease", pgettext_lazy("early signal", "Ceased by itself")
        RETURN = "return", pgettext_lazy("early signal", "Came again")
        ASSESS = "assess", pgettext_lazy("early signal", "Assessed")
        HANDLE = "handle", pgettext_lazy("early signal", "Handling begun")
        SOLVE = "solve", pgettext_lazy("early signal", "Solved")
        MAKE_ITEM = "make_item", _("Turned into a work item")

    signal = models.ForeignKey(
        EarlySignal, models.PROTECT, related_name="acts", verbose_name=_("early signal")
    )
    act = models.CharField(_("act"), max_length=10, choices=Act.choices)
    state = models.CharField(_("state"), max_length=10, choices=EarlySignal.State.choices)
    week = models.DateField(_("week"))
    words = models.CharField(_("words"), max_length=500, blank=True)
    unit = models.ForeignKey(Actor, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "signals_act"
        ordering = ("-pk",)
        verbose_name = _("act about an early signal")
        verbose_name_plural = _("acts about early signals")
        constraints = (
            models.CheckConstraint(
                name="people_act_on_signals_in_words",
                condition=Q(by=None, act__in=["raise", "cease", "return"])
                | (
                    Q(by__isnull=False)
                    & (Q(act="make_item") | (Q(act__in=["assess", "handle", "solve"]) & ~Q(words="")))
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.signal_id} {self.act}"
