"""The addresses of the app, stage by stage."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from tasks_tracker.views import (
    actors,
    audit,
    changes,
    compare,
    dashboard,
    evidence,
    exports,
    filing,
    health,
    imports,
    indicators,
    item,
    item_plan,
    items,
    lifecycle,
    matrix,
    measure,
    notices,
    numbers,
    outline,
    people,
    plan,
    planning,
    policy,
    policy_draft,
    problems,
    progress,
    requests,
    reviews,
    signal_rules,
    signals,
    slips,
    supervision,
    wall,
    week_table,
    week_workbook,
    weekly_pack,
    weekly_report,
    why,
)
from tasks_tracker.views.accounts import LoginView
from tasks_tracker.views.steps import STEPS

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("key-tasks/", dashboard.key_tasks, name="key_tasks"),
    path("key-tasks/<int:number>/", dashboard.key_task, name="key_task"),
    path("regions/", dashboard.regions, name="regions"),
    path("regions/<slug:code>/", dashboard.region, name="region"),
    path("why/", why.why, name="why"),
    path("compare/", compare.compare, name="compare"),
    path("matrix/", matrix.page, name="matrix"),
    path("wall/", wall.wall, name="wall"),
    # progress: logging it and deciding on it
    path("my-week/", progress.my_week, name="my_week"),
    path("my-week-table/", week_table.my_week_table, name="my_week_table"),
    path("my-week-workbook/", week_workbook.week_workbook, name="week_workbook"),
    *(
        path(f"my-week-workbook/{verb}/", view, name=f"week_workbook_{verb}")
        for verb, view in week_workbook.VERBS.items()
    ),
    path("my-week/<str:code>/", progress.my_week_item, name="my_week_item"),
    path("my-week/<str:code>/evidence/", evidence.evidence_add, name="evidence_add"),
    path("my-week/<str:code>/evidence/<int:pk>/remove/", evidence.evidence_remove, name="evidence_remove"),
    path("evidence/<int:pk>/", evidence.evidence_download, name="evidence_download"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/batch/", reviews.reviews_batch, name="reviews_batch"),
    path("reviews/accept/", reviews.reviews_accept, name="reviews_accept"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/accept/", reviews.review_accept, name="review_accept"),
    path("reviews/<int:pk>/return/", reviews.review_return, name="review_return"),
    # the ledger of problems
    path("problems/", problems.problems, name="problems"),
    path("problems/<int:pk>/", problems.problem, name="problem"),
    *(
        path(f"problems/<int:pk>/{verb}/", problems.problem_act, {"verb": verb}, name=f"problem_{verb}")
        for verb in problems.VERBS
    ),
    # the watch list: early signals, and the rules that find them
    path("signals/", signals.signals, name="signals"),
    path("signals/rules/", signal_rules.signal_rules, name="signal_rules"),
    path("signals/rules/<slug:code>/", signal_rules.signal_rule, name="signal_rule"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
    *(
        path(f"signals/<int:pk>/{verb}/", signals.signal_act, {"verb": verb}, name=f"signal_{verb}")
        for verb in signals.VERBS
    ),
    # supervision: who owes what, asking for it, and what everybody is told
    path("filing/", filing.filing, name="filing"),
    path("filing/cutoffs/", filing.cutoffs, name="cutoffs"),
    path("filing/cutoffs/<str:week>/withdraw/", filing.cutoff_withdraw, name="cutoff_withdraw"),
    path("filing/urge/<slug:code>/", slips.urge_unit, name="urge_unit"),
    path("slips/", slips.slips, name="slips"),
    path("slips/<int:pk>/", slips.slip, name="slip"),
    path("slips/<int:pk>/answer/", slips.slip_answer, name="slip_answer"),
    path("slips/<int:pk>/close/", slips.slip_close, name="slip_close"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("notices/<int:pk>/open/", notices.notice_open, name="notice_open"),
    # people: the own account
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", login_not_required(auth.LogoutView.as_view()), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("items/", items.items, name="items"),
    path("items/<str:code>/", item.item, name="item"),
    path("items/<str:code>/light/", supervision.item_light, name="item_light"),
    path("items/<str:code>/light/withdraw/", supervision.item_light_withdraw, name="item_light_withdraw"),
    # plan: the life cycle of items, and every change of what is agreed
    path("items/<str:code>/edit/", item_plan.item_edit, name="item_edit"),
    path("items/<str:code>/plan/", item_plan.item_plan, name="item_plan"),
    path("items/<str:code>/parts/", item_plan.item_decompose, name="item_decompose"),
    *(
        path(f"items/<str:code>/{name[5:]}/", lifecycle.item_step, {"name": name}, name=name)
        for name in STEPS
    ),
    path("new-item/", planning.assign, name="assign"),
    path("distribute/", planning.distribute, name="distribute"),
    path("to-accept/", lifecycle.to_accept, name="to_accept"),
    path("to-accept/all/", lifecycle.to_accept_all, name="to_accept_all"),
    path("requests/", requests.requests, name="requests"),
    *(
        path(f"requests/<int:pk>/{verb}/", requests.request_decide, {"verb": verb}, name=verb)
        for verb in requests.DECISIONS
    ),
    path("changes/", changes.changes, name="changes"),
    path("actors/", actors.actors, name="actors"),
    path("actors/<str:code>/", actors.actor, name="actor"),
    path("measures/<str:code>/", measure.measure, name="measure"),
    # policy: its text, and drafts of its outline
    path("policy/", policy.policy, name="policy"),
    path("policy/draft/", policy_draft.policy_draft, name="policy_draft"),
    path("policy/draft/new/", policy_draft.policy_draft_new, name="policy_draft_new"),
    path("policy/draft/adopt/", policy_draft.policy_draft_adopt, name="policy_draft_adopt"),
    path("policy/draft/discard/", policy_draft.policy_draft_discard, name="policy_draft_discard"),
    # indicators: of measures and of work items
    path(
        "plan/measures/<str:code>/indicators/new/",
        indicators.measure_indicator_new,
        name="measure_indicator_new",
    ),
    path("items/<str:code>/indicators/new/", indicators.item_indicator_new, name="item_indicator_new"),
    path("indicators/<int:pk>/", indicators.indicator, name="indicator"),
    path("indicators/<int:pk>/edit/", indicators.indicator_edit, name="indicator_edit"),
    path("indicators/<int:pk>/retire/", indicators.indicator_retire, name="indicator_retire"),
    path("indicators/<int:pk>/values/", indicators.indicator_value, name="indicator_value"),
    path("indicators/<int:pk>/values/<int:value>/", indicators.indicator_correct, name="indicator_correct"),
    # editing the plan, for supervisors
    path("plan/", plan.plan, name="plan"),
    path("plan/new/", plan.plan_new, name="plan_new"),
    path("plan/edit/", plan.plan_edit, name="plan_edit"),
    # importing a plan from an office's own ledger
    path("plan/imports/", imports.plan_imports, name="plan_imports"),
    path("plan/imports/example/", imports.plan_import_example, name="plan_import_example"),
    path("plan/imports/<int:pk>/", imports.plan_import, name="plan_import"),
    path("plan/imports/<int:pk>/columns/", imports.plan_import_columns, name="plan_import_columns"),
    path("plan/imports/<int:pk>/names/", imports.plan_import_names, name="plan_import_names"),
    path("plan/imports/<int:pk>/confirm/", imports.plan_import_confirm, name="plan_import_confirm"),
    path("plan/imports/<int:pk>/discard/", imports.plan_import_discard, name="plan_import_discard"),
    path("plan/imports/<int:pk>/progress/", imports.plan_import_progress, name="plan_import_progress"),
    path("plan/imports/<int:pk>/file/", imports.plan_import_file, name="plan_import_file"),
    path("plan/outline/", outline.outline, name="outline"),
    path("plan/locate/", outline.measure_locate, name="measure_locate"),
    path("plan/key-tasks/new/", outline.key_task_new, name="key_task_new"),
    path("plan/key-tasks/<int:number>/", outline.key_task_edit, name="key_task_edit"),
    path("plan/key-tasks/<int:number>/retire/", outline.key_task_retire, name="key_task_retire"),
    path("plan/key-tasks/<int:number>/delete/", outline.key_task_delete, name="key_task_delete"),
    path("plan/measures/new/", outline.measure_new, name="measure_new"),
    path("plan/measures/<str:code>/", outline.measure_edit, name="measure_edit"),
    path("plan/measures/<str:code>/retire/", outline.measure_retire, name="measure_retire"),
    path("plan/measures/<str:code>/delete/", outline.measure_delete, name="measure_delete"),
    path("plan/units/", people.actor_list, name="actor_list"),
    path("plan/units/new/", people.actor_new, name="actor_new"),
    path("plan/units/<str:code>/", people.actor_edit, name="actor_edit"),
    path("plan/units/<str:code>/retire/", people.actor_retire, name="actor_retire"),
    path("plan/units/<str:code>/delete/", people.actor_delete, name="actor_delete"),
    path("plan/regions/", people.region_list, name="region_list"),
    path("plan/regions/<slug:code>/", people.region_edit, name="region_edit"),
    path("exports/", exports.exports, name="exports"),
    # the weekly report: register, draft and issue, and its files
    path("weekly/", weekly_report.weekly_reports, name="weekly_reports"),
    path("weekly/pack/", weekly_pack.weekly_pack, name="weekly_pack"),
    path("weekly/pack/readers/", weekly_pack.weekly_pack_readers, name="weekly_pack_readers"),
    path("weekly/pack/<int:pk>/", weekly_pack.weekly_pack_file, name="weekly_pack_file"),
    path("weekly/pack/<int:pk>/again/", weekly_pack.weekly_pack_again, name="weekly_pack_again"),
    path("weekly/<int:pk>/", weekly_report.weekly_report, name="weekly_report"),
    path("weekly/<int:pk>/compose/", weekly_report.weekly_compose, name="weekly_compose"),
    path("weekly/<int:pk>/publish/", weekly_report.weekly_publish, name="weekly_publish"),
    path("weekly/<int:pk>/revise/", weekly_report.weekly_revise, name="weekly_revise"),
    path("weekly/<int:pk>/text/<slug:key>/", weekly_report.weekly_paragraph, name="weekly_paragraph"),
    path("weekly/<int:pk>/<slug:format>/", weekly_report.weekly_file, name="weekly_file"),
    path("numbers/", numbers.numbers, name="numbers"),
    path("audit/", audit.audit_log, name="audit_log"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("healthz", health.healthz, name="healthz"),
]
