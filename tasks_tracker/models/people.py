"""Who takes part and where: regions, region groups, actors and users."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def in_language(chinese: str, english: str) -> str:
    """The name in the language of the page; the Chinese one where no English one is known."""
    return english if english and (get_language() or "").startswith("en") else chinese


class CodeManager(models.Manager[Any]):
    """Natural keys for reference data, so that fixtures need no row numbers."""

    def get_by_natural_key(self, code: str) -> Any:
        return self.get(code=code)


class Named(models.Model):
    """A row with a stable code and a name in two languages."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects: ClassVar[CodeManager] = CodeManager()

    class Meta:
        abstract = True
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.label

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_en)


class Region(Named):
    """A region that reports (37 of them), that does not (3), or the national level.

    `code` is the six-digit GB/T 2260 code; `column` and `row` place its tile on the schematic map.
    """

    class Kind(models.TextChoices):
        NATIONAL = "national", _("National level")
        PROVINCE = "province", _("Province")
        MUNICIPALITY = "municipality", _("Municipality")
        AUTONOMOUS = "autonomous", _("Autonomous region")
        CITY = "city", _("Separately listed city")
        XPCC = "xpcc", _("Production and Construction Corps")
        SAR = "sar", _("Special administrative region")

    short = models.CharField(_("short name"), max_length=20)
    short_en = models.CharField(_("English short name"), max_length=40, blank=True)
    abbr = models.CharField(_("abbreviation"), max_length=4, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    reports = models.BooleanField(_("reports"), default=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("lies in")
    )
    column = models.PositiveSmallIntegerField(_("tile column"), default=0)
    row = models.PositiveSmallIntegerField(_("tile row"), default=0)

    class Meta(Named.Meta):
        db_table = "people_region"
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    @property
    def short_label(self) -> str:
        """The short name in the language of the page."""
        return in_language(self.short, self.short_en)


class RegionGroup(Named):
    """A named set of regions; a group counts all its members."""

    regions = models.ManyToManyField(
        Region, related_name="groups", verbose_name=_("regions"), db_table="people_group_region"
    )

    class Meta(Named.Meta):
        db_table = "people_region_group"
        verbose_name = _("region group")
        verbose_name_plural = _("region groups")


class Actor(Named):
    """An organisation that leads, supports or takes part. Only government actors report."""

    class Kind(models.TextChoices):
        PARTY = "party", _("Party leadership")
        GOVERNMENT = "government", _("Government")
        ENTERPRISE = "enterprise", _("Enterprise")
        SOCIETY = "society", _("Society")

    class Level(models.TextChoices):
        LEADING_GROUP = "leading_group", _("Leading group")
        MINISTRY = "ministry", _("Ministry")
        BUREAU = "bureau", _("Bureau")
        PROVINCE = "province", _("Provincial authority")
        PREFECTURE = "prefecture", _("Prefecture-level authority")
        PARTICIPANT = "participant", _("Participant")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    level = models.CharField(_("level"), max_length=16, choices=Level.choices)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="actors", verbose_name=_("region")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("reports to")
    )
    path = models.CharField(_("path"), max_length=250, db_index=True, editable=False)
    reports = models.BooleanField(_("reports"), default=False)
    is_suggestion = models.BooleanField(_("suggestion, not from the policy"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    class Meta(Named.Meta):
        db_table = "people_actor"
        verbose_name = _("actor")
        verbose_name_plural = _("actors")
        constraints = (
            models.CheckConstraint(
                name="only_government_reports",
                condition=models.Q(reports=False) | models.Q(kind="government"),
                violation_error_message=_("Only government actors report."),
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep `path` (codes from the root, each closed by a slash): a subtree is then one prefix.

        Fixtures are loaded past this method; `load_reference` saves the actors once more.
        """
        self.path = f"{self.parent.path if self.parent else ''}{self.code}/"
        super().save(*args, **kwargs)


class Role(models.TextChoices):
    """What a user may do; docs/how-to/roles.md says it in words."""

    REPORTER = "reporter", _("Reporter")
    REVIEWER = "reviewer", _("Reviewer")
    SUPERVISOR = "supervisor", _("Supervisor")
    VIEWER = "viewer", _("Viewer")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")


OFFICE_ROLES = frozenset({Role.SUPERVISOR, Role.VIEWER})
UNIT_ROLES = frozenset({Role.REPORTER, Role.REVIEWER})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


def within_unit(path: str, code: str) -> Q:
    """The lookup `path` of Actor.path is the unit of that code or one below it: the code is a step of it."""
    return Q(**{f"{path}__startswith": f"{code}/"}) | Q(**{f"{path}__contains": f"/{code}/"})


@dataclass(frozen=True)
class Scope:
    """The part of the plan that a user sees.

    `nothing`: no business data at all. `path`: the actor's subtree (and what it supports). Otherwise all, or
    only the `key_tasks` and `regions` named (row numbers; empty = not limited).
    """

    nothing: bool = False
    path: str = ""
    actor: int | None = None
    key_tasks: frozenset[int] = frozenset()
    regions: frozenset[int] = frozenset()

    @property
    def is_national(self) -> bool:
        """Sees everything."""
        return not (self.nothing or self.path or self.key_tasks or self.regions)


class UserManager(DjangoUserManager["User"]):
    """Users with what every page asks of them."""

    def get_queryset(self) -> models.QuerySet["User"]:
        return super().get_queryset().select_related("actor")


class User(AbstractUser):
    """A person with one role and, unless an administrator, one actor."""

    display_name = models.CharField(pgettext_lazy("of a person", "name"), max_length=40)
    office = models.CharField(_("office"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VIEWER)
    actor = models.ForeignKey(
        Actor, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("actor")
    )
    key_tasks = models.ManyToManyField(
        "KeyTask",
        blank=True,
        related_name="+",
        verbose_name=_("limited to key tasks"),
        db_table="people_user_key_task",
    )
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="+",
        verbose_name=_("limited to regions"),
        db_table="people_user_region",
    )
    is_demonstration = models.BooleanField(_("demonstration account"), default=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "people_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (
            models.CheckConstraint(
                name="unit_roles_have_an_actor",
                condition=~models.Q(role__in=["reporter", "reviewer"]) | models.Q(actor__isnull=False),
                violation_error_message=_("A reporter or reviewer belongs to an actor."),
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_admin_role(self) -> bool:
        """One of the three separated administrators; they see no business data by virtue of the role."""
        return self.role in ADMIN_ROLES

    @cached_property
    def scope(self) -> Scope:
        """What the user sees, read once per request."""
        if not self.is_active or self.role in ADMIN_ROLES:
            return Scope(nothing=True)
        if self.role in UNIT_ROLES:
            return Scope(path=self.actor.path, actor=self.actor_id) if self.actor else Scope(nothing=True)
        return Scope(
            key_tasks=frozenset(self.key_tasks.values_list("pk", flat=True)),
            regions=frozenset(self.regions.values_list("pk", flat=True)),
        )
