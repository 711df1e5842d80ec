"""The administration pages: accounts and organisation, roles and rules — each for one administrator.

Rights follow from the role alone, never from Django's staff and superuser flags. No business data is
registered here, nothing can be deleted, and every save writes an audit row.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from tasks_tracker import jobs
from tasks_tracker.actions import audit
from tasks_tracker.models import Actor, Plan, Region, RegionGroup, Role, User

_ = gettext_lazy
ENTERING = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


def _has_role(request: HttpRequest, *roles: str) -> bool:
    user = request.user
    return user.is_authenticated and user.is_active and user.role in roles


def _may_enter(request: HttpRequest) -> bool:
    return _has_role(request, *ENTERING)


@login_not_required
def _to_login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The site has one way in; who is in already and lacks the role is told so."""
    if request.user.is_authenticated:
        raise PermissionDenied(gettext("Only the system and the security administrator work here."))
    return redirect("login")


admin.site.has_permission = _may_enter
admin.site.login = _to_login
admin.site.site_header = admin.site.site_title = _("Administration")
admin.site.index_title = _("Administration")
admin.site.site_url = None  # administrators see no business data, so there is no site to view
admin.site.unregister(Group)


def _plain(value: Any) -> Any:
    """A form value as something JSON can hold."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, list | tuple | set | models.QuerySet):
        return sorted(str(each) for each in value)
    return value if value is None or isinstance(value, bool | int) else str(value)


class AuditedAdmin(admin.ModelAdmin):
    """Shown to and saved by `roles` only; every save is on record."""

    roles: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """By role."""
        return _has_role(request, *self.roles)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role."""
        return _has_role(request, *self.roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By role."""
        return _has_role(request, *self.roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role."""
        return _has_role(request, *self.roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what was once used stays in the history."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The audit row comes last, when the links of the object are saved too."""
        super().save_related(request, form, formsets, change)
        names = [name for name in form.changed_data if "password" not in name]
        audit.record(
            by=request.user,
            action=f"{'change' if change else 'create'}_{form.instance._meta.model_name}",
            obj=form.instance,
            before={name: _plain(form.initial.get(name)) for name in names} if change else {},
            after={name: _plain(form.cleaned_data.get(name)) for name in names},
        )


class AccountForm(forms.ModelForm):
    """What the system administrator keeps of an account; switching it on is not among it."""

    def clean_is_active(self) -> bool:
        """Only off: an account is switched on by whoever grants its role."""
        active: bool = self.cleaned_data["is_active"]
        if active and not self.instance.is_active:
            raise ValidationError(gettext("The security administrator switches an account on."))
        return active


@admin.register(User)
class AccountAdmin(AuditedAdmin, UserAdmin):
    """Accounts: made, switched off and given passwords by one administrator, given roles by the other.

    A new account is off until the security administrator grants a role and a scope.
    """

    roles = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    list_display = ("username", "display_name", "office", "role", "actor", "is_active", "last_login")
    list_filter = ("role", "is_active")
    list_select_related = ("actor",)
    search_fields = ("username", "display_name", "office")
    ordering = ("username",)
    filter_horizontal = ("key_tasks", "regions")
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    *("username", "display_name", "office", "email"),
                    *("usable_password", "password1", "password2"),
                )
            },
        ),
    )
    account_fields = ("username", "display_name", "office", "email", "password", "is_active")
    role_fields = ("role", "actor", "key_tasks", "regions", "is_active")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The part of the account that belongs to the role of the administrator."""
        if obj is None:
            return self.add_fieldsets
        if _has_role(request, Role.SYSTEM_ADMIN):
            return ((_("Account"), {"fields": self.account_fields}),)
        return (
            (_("Account"), {"fields": ("username", "display_name", "office")}),
            (_("Role and scope"), {"fields": self.role_fields}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Names belong to the system administrator."""
        if obj is not None and _has_role(request, Role.SECURITY_ADMIN):
            return ("username", "display_name", "office")
        return ()

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        """Switching on is refused to the system administrator."""
        if obj is not None and _has_role(request, Role.SYSTEM_ADMIN):
            kwargs["form"] = type("AccountForm", (AccountForm, self.form), {})
        return super().get_form(request, obj, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are made by the system administrator."""
        return _has_role(request, Role.SYSTEM_ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Not the own account; and the system administrator not the other two administrators."""
        if obj is None:
            return super().has_change_permission(request)
        if obj.pk == request.user.pk:
            return False
        if _has_role(request, Role.SYSTEM_ADMIN):
            return obj.role not in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new account is off until it has a role."""
        if not change:
            obj.is_active = False
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Reset by the system administrator; that it happened is on record, the password not."""
        if not _has_role(request, Role.SYSTEM_ADMIN):
            raise PermissionDenied
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == 302:
                audit.record(by=request.user, action="reset_password", obj=User.objects.get(pk=id))
        return response


@admin.register(Actor)
class ActorAdmin(AuditedAdmin):
    """The organisation. Code and place in the tree stay: figures of past weeks are found by them."""

    roles = (Role.SYSTEM_ADMIN,)
    list_display = ("code", "name", "level", "kind", "region", "parent", "reports")
    list_filter = ("level", "kind", "reports")
    list_select_related = ("region", "parent")
    search_fields = ("code", "name", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Actor | None = None) -> Any:
        """Free only while the actor is new."""
        return ("code", "parent") if obj else ()


class CodedAdmin(AuditedAdmin):
    """Reference data with a code that stays."""

    roles = (Role.SYSTEM_ADMIN,)
    list_display = ("code", "name", "name_en", "order")
    search_fields = ("code", "name", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Free only while the row is new."""
        return ("code",) if obj else ()


@admin.register(Region)
class RegionAdmin(CodedAdmin):
    """Regions and their tiles."""

    list_display = ("code", "name", "short", "kind", "reports", "column", "row")
    list_filter = ("kind", "reports")


@admin.register(RegionGroup)
class RegionGroupAdmin(CodedAdmin):
    """Named sets of regions."""

    filter_horizontal = ("regions",)


@admin.register(Plan)
class PlanRulesAdmin(AuditedAdmin):
    """The rules of a plan as data. A change begins a new version of the rules and counts in the open week."""

    roles = (Role.SECURITY_ADMIN,)
    list_display = ("code", "title", "rule_version")
    readonly_fields = ("code", "title", "starts_on", "ends_on", "rule_version")
    rules = (
        "at_risk_below",
        "behind_below",
        "severely_behind_below",
        "due_soon_days",
        "cutoff_weekday",
        "cutoff_time",
        "unit_review",
    )
    fieldsets = (
        (None, {"fields": readonly_fields}),
        (
            _("Rules"),
            {"fields": rules, "description": _("Variances in hundredths of a point: −1000 = −10 points.")},
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Plans are set up by command."""
        return False

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        """Count the version up and let the open week be computed anew."""
        if form.changed_data:
            obj.rule_version += 1
            transaction.on_commit(jobs.roll_up_open_week.delay, robust=True)
        super().save_model(request, obj, form, change)
