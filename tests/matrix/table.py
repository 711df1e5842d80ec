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
SUPERVISORS_SEE = "everybody no, supervisors page"
SUPERVISORS_ONLY = "everybody no, supervisors does/none/none"
SUPERVISORS_OPEN = "people no/none/none, admins no, supervisors page/none/none"
SIGN_NOT_THEIRS = f"{SUPERVISORS_ONLY}, reviewer refused/none/none"
UNITS_DO = "people no/none/none, admins no, units does/none/none"
LEAD_OR_SUPERVISORS_OPEN = f"{SUPERVISORS_OPEN}, units page/none/none"
LEAD_OR_SUPERVISORS_DO = f"{SUPERVISORS_DO}, units does/none/none"
REPORTER_OR_SUPERVISORS_DO = f"{SUPERVISORS_DO}, reporter does/none/none"
REPORTERS_DO = "everybody no, units no/none/none, reporter does/none/none"
NATIONAL_OPENS = "everybody no, supervisor page/page/none"
NATIONAL_DOES = "everybody no, supervisor does/does/none"
SUPERVISORS_DRAFT = "people none/none/none, admins no, supervisors does/none/none"
SUPERVISORS_ALONE_OPEN = "everybody no, supervisors page/none/none"
MEASURE_OPENS = "everybody no, supervisor page/page/none, limited_supervisor page/none/none"
MEASURE_DOES = "everybody no, supervisor does/does/none, limited_supervisor does/none/none"
WEEKLY_READ = (
    "people none/none/none, admins no, supervisor page/page/none, limited_supervisor page/none/none, "
    "viewer page/page/none"
)
WEEKLY_FILE = WEEKLY_READ.replace("page", "file")
WEEKLY_WRITE = (
    "people none/none/none, admins no, supervisor page/page/none, limited_supervisor page/none/none"
)
WEEKLY_DO = WEEKLY_WRITE.replace("page", "does")
REPORTS_DRAFT = "people no, admins no, supervisor does/does/refused, limited_supervisor does/refused/refused"
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
    "matrix": at(get=BUSINESS),
    "key_tasks": at(get=BUSINESS),
    "key_task": at("key_task", get=OUTLINE),
    "regions": at(get=BUSINESS),
    "region": at("region", get=OUTLINE),
    "actor": at("unit", get=PEOPLE_SEE_OWN),
    "wall": at(get=BUSINESS),
    "actors": at(get=BUSINESS),
    "why": at(get=BUSINESS),
    "compare": at(get=BUSINESS),
    "numbers": at(get="everybody page"),
    # --- plan
    "items": at(get=BUSINESS),
    "item": at("item", get=PEOPLE_SEE_OWN),
    "item_light": at("item", get="everybody never", post=SUPERVISORS_DO),
    "item_light_withdraw": at("item", get="everybody never", post=SUPERVISORS_DO),
    # --- plan: the life cycle of items
    "item_accept": at("assigned", get="everybody never", post=UNITS_DO),
    "item_assign": at("draft", get="everybody never", post=SUPERVISORS_DRAFT),
    "item_cancel": at("item", get="everybody never", post=SUPERVISORS_DO),
    "item_completion": at("unreported", get="everybody never", post=UNITS_DO),
    "item_extension": at("unreported", get="everybody never", post=UNITS_DO),
    "item_reopen": at("closed", get="everybody never", post=SUPERVISORS_DO),
    "item_resume": at("suspended", get="everybody never", post=SUPERVISORS_DO),
    "item_suspend": at("item", get="everybody never", post=SUPERVISORS_DO),
    "item_edit": at("item", get=SUPERVISORS_OPEN, post=SUPERVISORS_DO),
    "item_plan": at("item", get=SUPERVISORS_OPEN, post=SUPERVISORS_DO),
    "item_decompose": at("item", get=LEAD_OR_SUPERVISORS_OPEN, post=LEAD_OR_SUPERVISORS_DO),
    "assign": at("place", get=SUPERVISORS_SEE, post="everybody no, supervisors does/refused/refused"),
    "distribute": at("place", get=SUPERVISORS_SEE, post="everybody no, supervisors does/refused/refused"),
    "to_accept": at(get="everybody no, units page"),
    "to_accept_all": at("assigned", get="everybody never", post="everybody no, units does/away/away"),
    "requests": at(get=SUPERVISORS_SEE),
    "grant_completion": at("completion", get="everybody never", post=SUPERVISORS_ONLY),
    "return_completion": at("completion", get="everybody never", post=SUPERVISORS_ONLY),
    "grant_extension": at("extension", get="everybody never", post=SUPERVISORS_ONLY),
    "refuse_extension": at("extension", get="everybody never", post=SUPERVISORS_ONLY),
    "changes": at(get=BUSINESS),
    # --- plan: indicators
    "indicator": at("indicator", get=PEOPLE_SEE_OWN),
    "indicator_edit": at("indicator", get=SUPERVISORS_OPEN, post=SUPERVISORS_DO),
    "indicator_retire": at("indicator", get="everybody never", post=SUPERVISORS_DO),
    "indicator_value": at("indicator", get="everybody never", post=REPORTER_OR_SUPERVISORS_DO),
    "indicator_correct": at(
        "value", get=f"{SUPERVISORS_OPEN}, reporter page/none/none", post=REPORTER_OR_SUPERVISORS_DO
    ),
    "item_indicator_new": at("item", get=SUPERVISORS_ALONE_OPEN, post=SUPERVISORS_ONLY),
    "measure_indicator_new": at("measure", get=MEASURE_OPENS, post=MEASURE_DOES),
    # --- policy: its text, and drafts of its outline; one is open, so that another must wait
    "policy": at(get=BUSINESS),
    "policy_draft": at(get="everybody no, supervisor page", post="everybody no, supervisor does"),
    "policy_draft_new": at(get="everybody never", post="everybody no, supervisor away"),
    "policy_draft_adopt": at(get="everybody never", post="everybody no, supervisor does"),
    "policy_draft_discard": at(get="everybody never", post="everybody no, supervisor does"),
    # --- plan: editing it
    "measure": at("measure", get=f"{OUTLINE}, limited_supervisor page/none/none"),
    "plan": at(get=SUPERVISORS_SEE),
    "plan_new": at(get="everybody no, supervisor away", post="everybody no, supervisor away"),
    "plan_edit": at(get="everybody no, supervisor page", post="everybody no, supervisor does"),
    # --- plan: importing a ledger; one sees all of them, a limited supervisor the own ones
    "plan_imports": at(get=SUPERVISORS_SEE, post="everybody no, supervisors does"),
    "plan_import_example": at(get="everybody no, supervisors file"),
    "plan_import": at("import", get=SUPERVISORS_ALONE_OPEN),
    "plan_import_columns": at("import", get=SUPERVISORS_ALONE_OPEN, post=SUPERVISORS_ONLY),
    "plan_import_names": at("import", get="everybody never", post=SUPERVISORS_ONLY),
    "plan_import_confirm": at("import", get="everybody never", post=SUPERVISORS_ONLY),
    "plan_import_discard": at("import", get="everybody never", post=SUPERVISORS_ONLY),
    "plan_import_progress": at("import", get=SUPERVISORS_ALONE_OPEN),
    "plan_import_file": at("import", get="everybody never", post="everybody no, supervisors file/none/none"),
    "outline": at(get=SUPERVISORS_SEE),
    "measure_locate": at(get=SUPERVISORS_SEE),
    "key_task_new": at(get="everybody no, supervisor page", post="everybody no, supervisor does"),
    "key_task_edit": at("key_task", get=NATIONAL_OPENS, post=NATIONAL_DOES),
    "key_task_retire": at("key_task", get="everybody never", post=NATIONAL_DOES),
    "key_task_delete": at("key_task", get="everybody never", post="everybody no, supervisor away/away/none"),
    "measure_new": at(get=SUPERVISORS_SEE, post="everybody no, supervisors does"),
    "measure_edit": at("measure", get=MEASURE_OPENS, post=MEASURE_DOES),
    "measure_retire": at("measure", get="everybody never", post=MEASURE_DOES),
    "measure_delete": at(
        "measure",
        get="everybody never",
        post="everybody no, supervisor away/away/none, limited_supervisor away/none/none",
    ),
    "actor_list": at(get="everybody no, supervisor page"),
    "actor_new": at(get="everybody no, supervisor page", post="everybody no, supervisor does"),
    "actor_edit": at("unit", get=NATIONAL_OPENS, post=NATIONAL_DOES),
    "actor_retire": at("unit", get="everybody never", post=NATIONAL_DOES),
    "actor_delete": at("unit", get="everybody never", post="everybody no, supervisor away/away/none"),
    "region_list": at(get="everybody no, supervisor page"),
    "region_edit": at("region", get=NATIONAL_OPENS, post=NATIONAL_DOES),
    # --- progress
    "my_week": at(get="everybody no, units page"),
    "my_week_table": at(
        "unreported",
        get="everybody no, units page",
        post="everybody no, reviewer no/none/none, reporter does/none/none",
    ),
    "week_workbook": at(get="everybody no, reporter page"),
    "week_workbook_download": at(get="everybody never", post="everybody no, reporter file"),
    "week_workbook_upload": at(get="everybody never", post="everybody no, reporter does"),
    "week_workbook_check": at(get="everybody no, reporter page"),
    "week_workbook_confirm": at(get="everybody never", post="everybody no, reporter does"),
    "week_workbook_copy": at(get="everybody never", post="everybody no, reporter file"),
    "week_workbook_discard": at(get="everybody never", post="everybody no, reporter does"),
    "my_week_item": at(
        "unreported",
        get="everybody no, units page/none/none",
        post="everybody no, reviewer no/none/none, reporter does/none/none",
    ),
    # The waiting report needs no signature of its unit: its reviewer reads it and is told so.
    "reviews": at(get="everybody no, supervisors page, reviewer page"),
    "reviews_accept": at(
        "report", get="everybody never", post="everybody no, supervisors does/away/away, reviewer away"
    ),
    "review": at("report", get="everybody no, supervisors page/none/none, reviewer page/none/none"),
    "review_accept": at(
        "report", get="everybody never", post=f"{SUPERVISORS_ONLY}, reviewer refused/none/none"
    ),
    "review_return": at(
        "report", get="everybody never", post=f"{SUPERVISORS_ONLY}, reviewer refused/none/none"
    ),
    "reviews_batch": at(get="everybody no, supervisors page, reviewer page"),
    "evidence_add": at("unreported", get="everybody never", post=REPORTERS_DO),
    "evidence_remove": at("drafted", get="everybody never", post=REPORTERS_DO),
    "evidence_download": at("evidence", get="everybody never", post="people file/none/none, admins none"),
    # --- the ledger of problems
    "problems": at(get=BUSINESS),
    "problem": at("case", get=PEOPLE_SEE_OWN),
    "problem_coordinate": at("case", get="everybody never", post=SUPERVISORS_DO),
    "problem_solve": at("case", get="everybody never", post=SUPERVISORS_DO),
    "problem_reopen": at("solved_case", get="everybody never", post=SUPERVISORS_DO),
    "problem_answer": at("case", get="everybody never", post=UNITS_DO),
    # --- the watch list
    "signals": at(get=BUSINESS),
    "signal": at("signal", get=PEOPLE_SEE_OWN),
    "signal_assess": at("signal", get="everybody never", post=SUPERVISORS_DO),
    "signal_handle": at("signal", get="everybody never", post=SUPERVISORS_DO),
    "signal_solve": at("signal", get="everybody never", post=SUPERVISORS_DO),
    "signal_rules": at(get=BUSINESS),
    "signal_rule": at("signal_rule", get=NATIONAL_OPENS, post=NATIONAL_DOES),
    # --- supervision: who owes what
    "filing": at(get=BUSINESS),
    "cutoffs": at(get=BUSINESS, post="everybody no, supervisor does"),
    "cutoff_withdraw": at("week", get="everybody never", post="everybody no, supervisor does/does/away"),
    "urge_unit": at("unit", get=SUPERVISORS_ALONE_OPEN, post=SUPERVISORS_ONLY),
    "slips": at(get=BUSINESS),
    "slip": at("slip", get=PEOPLE_SEE_OWN),
    "slip_answer": at("slip", get="everybody never", post=UNITS_DO),
    "slip_close": at("slip", get="everybody never", post=SUPERVISORS_DO),
    "notices": at(get="everybody page"),
    "notices_read": at(get="everybody never", post="everybody away, units does"),
    "notice_open": at(
        "notice", get="everybody never", post="everybody none/none/none, reporter does/none/none"
    ),
    # --- reporting
    "exports": at("subject", get=BUSINESS, post="people file/no/refused, admins no"),
    # The issue is about a key task as a whole: those who see only a part of it do not read it.
    "weekly_reports": at("subject", get=BUSINESS, post=REPORTS_DRAFT),
    "weekly_report": at("weekly", get=WEEKLY_READ),
    "weekly_compose": at("weekly_draft", get="everybody never", post=WEEKLY_DO),
    "weekly_publish": at("weekly_draft", get="everybody never", post=WEEKLY_DO),
    "weekly_revise": at("weekly", get="everybody never", post=f"{WEEKLY_DO}, viewer no/no/none"),
    "weekly_paragraph": at("weekly_draft", get=WEEKLY_WRITE, post=WEEKLY_DO),
    "weekly_file": at("weekly", get="everybody never", post=WEEKLY_FILE),
    "weekly_pack": at(get=BUSINESS),
    "weekly_pack_readers": at(get="everybody never", post="everybody no, supervisor does"),
    "weekly_pack_file": at("pack_file", get="everybody never", post=WEEKLY_FILE),
    "weekly_pack_again": at("pack_file", get="everybody never", post=f"{WEEKLY_DO}, viewer no/no/none"),
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
