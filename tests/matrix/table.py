"""Who gets what at every address of the product: one line for each name in the URLconf.

    "name": at(OBJECT, get="WHO ANSWER, …", post="WHO ANSWER, …")

OBJECT is a kind of object in `world.py`, left out where the address is about none. WHO is a role or one of
GROUPS; what stands later in a line replaces what stands before it. ANSWER is one of ANSWERS, or three of
them: for an object of the own scope, for one that exists outside of it, and for one that does not exist, as
in `page/none/none`. Nothing is outside the scope of the national supervisor and viewer: they get the first
answer for the second object too. Not stated: visitors get `login`, and to POST everybody else gets `never`.
"""

from dataclasses import dataclass

ANSWERS = {
    "page": "200, and no row has changed",
    "does": "200 or a redirect, and rows have changed",
    "file": "a file to download; that it was handed out is on record",
    "away": "a redirect to another page, and no row has changed",
    "login": "a redirect to the log-in",
    "no": "403, not for this role",
    "none": "404, as if it did not exist",
    "refused": "400, 409 or 422, with words",
    "never": "405, not this method",
}
ROLES = (
    "anonymous",
    "reporter",
    "reviewer",
    "supervisor",
    "limited_supervisor",
    "viewer",
    "limited_viewer",
    "system_admin",
    "security_admin",
    "audit_admin",
)
OWN, FOREIGN, MISSING = "own", "foreign", "missing"
WHICH = (OWN, FOREIGN, MISSING)
SEES_ALL = ("supervisor", "viewer")
_UNITS = ("reporter", "reviewer")
_SUPERVISORS = ("supervisor", "limited_supervisor")
_VIEWERS = ("viewer", "limited_viewer")
_ADMINS = ("system_admin", "security_admin", "audit_admin")
GROUPS = {
    "all": ROLES,
    "everybody": ROLES[1:],
    "people": (*_UNITS, *_SUPERVISORS, *_VIEWERS),
    "units": _UNITS,
    "supervisors": _SUPERVISORS,
    "viewers": _VIEWERS,
    "admins": _ADMINS,
} | {role: (role,) for role in ROLES}


@dataclass(frozen=True)
class Line:
    """What an address answers: (role, which object) → answer, for each method."""

    about: str
    get: dict[tuple[str, str], str]
    post: dict[tuple[str, str], str]

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that are asked for."""
        return WHICH if self.about else (OWN,)


def at(about: str = "", *, get: str, post: str = "") -> Line:
    return Line(about, _answers(get), _answers(f"everybody never, {post}"))


def _answers(text: str) -> dict[tuple[str, str], str]:
    answers = {("anonymous", which): "login" for which in WHICH}
    for part in filter(None, (part.strip() for part in text.split(","))):
        who, _space, what = part.partition(" ")
        words = what.split("/")
        for word in words:
            assert word in ANSWERS, f"{word!r} in {part!r} is no answer"
        for role in GROUPS[who]:
            for which, word in zip(WHICH, words * 3 if len(words) == 1 else words, strict=False):
                answers[role, which] = word
            if role in SEES_ALL:
                answers[role, FOREIGN] = answers[role, OWN]
    return answers


BUSINESS = "people page, admins no"
PEOPLE_SEE_OWN = "people page/none/none, admins no"
SUPERVISORS_DO = "people no/none/none, admins no, supervisors does/none/none"
OUTLINE = "people page/page/none, admins no"  # key tasks and regions are no secret, what is in them is
# The administration pages send whoever has nothing to do there to their log-in, which says so.
OUTSIDE = "everybody login"
BOTH = f"{OUTSIDE}, system_admin page, security_admin page"
BOTH_NEVER = f"{OUTSIDE}, system_admin never, security_admin never"
BOTH_NONE = f"{OUTSIDE}, system_admin none, security_admin none"
NEITHER = f"{OUTSIDE}, system_admin no, security_admin no"
SYSTEM = f"{OUTSIDE}, system_admin page, security_admin no"
SYSTEM_ADDS = f"{OUTSIDE}, system_admin does, security_admin no"
SYSTEM_ROW = f"{OUTSIDE}, system_admin page/page/away, security_admin no"
SYSTEM_CHANGES = f"{OUTSIDE}, system_admin does/does/away, security_admin no"
SYSTEM_HISTORY = f"{OUTSIDE}, system_admin page/page/away, security_admin no/no/away"
SECURITY = f"{OUTSIDE}, security_admin page, system_admin no"
SECURITY_ROW = f"{OUTSIDE}, security_admin page/page/away, system_admin no"
SECURITY_CHANGES = f"{OUTSIDE}, security_admin does/does/away, system_admin no"
SECURITY_HISTORY = f"{OUTSIDE}, security_admin page/page/away, system_admin no/no/away"
BOTH_ROW = f"{OUTSIDE}, system_admin page/page/away, security_admin page/page/away"
BOTH_CHANGE = f"{OUTSIDE}, system_admin does/does/away, security_admin does/does/away"

TABLE = {
    # --- dashboards
    "dashboard": at(get="people page, admins away"),
    "key_tasks": at(get=BUSINESS),
    "key_task": at("key_task", get=OUTLINE),
    "regions": at(get=BUSINESS),
    "region": at("region", get=OUTLINE),
    "actors": at(get=BUSINESS),
    "numbers": at(get="everybody page"),
    # --- plan
    "items": at(get=BUSINESS),
    "item": at("item", get=PEOPLE_SEE_OWN),
    "item_light": at("item", get="everybody never", post=SUPERVISORS_DO),
    "item_light_withdraw": at("item", get="everybody never", post=SUPERVISORS_DO),
    # --- progress
    "my_week": at(get="everybody no, units page"),
    "my_week_item": at(
        "unreported",
        get="everybody no, units page/none/none",
        post="everybody no, reviewer no/none/none, reporter does/none/none",
    ),
    "reviews": at(get="everybody no, supervisors page"),
    "reviews_accept": at("report", get="everybody never", post="everybody no, supervisors does/away/away"),
    "review": at("report", get="everybody no, supervisors page/none/none"),
    "review_accept": at("report", get="everybody never", post="everybody no, supervisors does/none/none"),
    "review_return": at("report", get="everybody never", post="everybody no, supervisors does/none/none"),
    # --- reporting
    "exports": at("subject", get=BUSINESS, post="people file/no/refused, admins no"),
    # --- audit
    "audit_log": at(get="everybody no, audit_admin page"),
    "audit_export": at(get="everybody never", post="everybody no, audit_admin file"),
    # --- people
    "login": at(get="all page", post="all away"),
    "logout": at(get="all never", post="all away"),
    "password_change": at(get="everybody page", post="everybody does"),
    "password_change_done": at(get="everybody page"),
    "set_language": at(get="all away", post="all away"),
    "healthz": at(get="all page", post="all never"),
    # --- administration: no scope there, so foreign rows are rows like others
    "admin:index": at(get=BOTH, post=BOTH),
    "admin:login": at(get="all no, anonymous away", post="all no, anonymous away"),
    "admin:logout": at(get="everybody away, system_admin never, security_admin never", post="everybody away"),
    "admin:password_change": at(get=BOTH, post=f"{OUTSIDE}, system_admin does, security_admin does"),
    "admin:password_change_done": at(get=BOTH, post=BOTH_NEVER),
    "admin:jsi18n": at(get=BOTH, post=BOTH_NEVER),
    "admin:autocomplete": at(get=NEITHER, post=BOTH_NEVER),
    "admin:view_on_site": at("user", get=BOTH_NONE, post=BOTH_NONE),
    "admin:app_list": at("app", get=BOTH, post=BOTH),
    "admin:auth_user_password_change": at(
        "user",
        get=f"{OUTSIDE}, system_admin page/page/none, security_admin no",
        post=f"{OUTSIDE}, system_admin does/does/none, security_admin no",
    ),
    "admin:tasks_tracker_user_changelist": at(get=BOTH, post=BOTH),
    "admin:tasks_tracker_user_add": at(get=SYSTEM, post=SYSTEM_ADDS),
    "admin:tasks_tracker_user_change": at("user", get=BOTH_ROW, post=BOTH_CHANGE),
    "admin:tasks_tracker_user_delete": at("user", get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_user_history": at("user", get=BOTH_ROW, post=BOTH_ROW),
    "admin:tasks_tracker_actor_changelist": at(get=SYSTEM, post=SYSTEM),
    "admin:tasks_tracker_actor_add": at(get=SYSTEM, post=SYSTEM_ADDS),
    "admin:tasks_tracker_actor_change": at("actor", get=SYSTEM_ROW, post=SYSTEM_CHANGES),
    "admin:tasks_tracker_actor_delete": at("actor", get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_actor_history": at("actor", get=SYSTEM_HISTORY, post=SYSTEM_HISTORY),
    "admin:tasks_tracker_region_changelist": at(get=SYSTEM, post=SYSTEM),
    "admin:tasks_tracker_region_add": at(get=SYSTEM, post=SYSTEM_ADDS),
    "admin:tasks_tracker_region_change": at("region_row", get=SYSTEM_ROW, post=SYSTEM_CHANGES),
    "admin:tasks_tracker_region_delete": at("region_row", get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_region_history": at("region_row", get=SYSTEM_HISTORY, post=SYSTEM_HISTORY),
    "admin:tasks_tracker_regiongroup_changelist": at(get=SYSTEM, post=SYSTEM),
    "admin:tasks_tracker_regiongroup_add": at(get=SYSTEM, post=SYSTEM_ADDS),
    "admin:tasks_tracker_regiongroup_change": at("group_row", get=SYSTEM_ROW, post=SYSTEM_CHANGES),
    "admin:tasks_tracker_regiongroup_delete": at("group_row", get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_regiongroup_history": at("group_row", get=SYSTEM_HISTORY, post=SYSTEM_HISTORY),
    "admin:tasks_tracker_plan_changelist": at(get=SECURITY, post=SECURITY),
    "admin:tasks_tracker_plan_add": at(get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_plan_change": at("plan_row", get=SECURITY_ROW, post=SECURITY_CHANGES),
    "admin:tasks_tracker_plan_delete": at("plan_row", get=NEITHER, post=NEITHER),
    "admin:tasks_tracker_plan_history": at("plan_row", get=SECURITY_HISTORY, post=SECURITY_HISTORY),
}
