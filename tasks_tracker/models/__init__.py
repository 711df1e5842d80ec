"""The public face of the tables, stage by stage."""

from tasks_tracker.models.audit import AppendOnly, AuditEntry, AuditSeal, Channel
from tasks_tracker.models.cutoffs import CutoffException
from tasks_tracker.models.evidence import Evidence
from tasks_tracker.models.notices import Mail, Notice
from tasks_tracker.models.people import (
    ADMIN_ROLES,
    OFFICE_ROLES,
    UNIT_ROLES,
    Actor,
    Region,
    RegionGroup,
    Role,
    Scope,
    User,
)
from tasks_tracker.models.plan import (
    COUNTED_LIGHTS,
    NEEDS_ATTENTION,
    RUNNING_STATES,
    STATES_IN_SCOPE,
    WHOLE,
    Light,
    Milestone,
    Plan,
    PlanChange,
    PlanSegment,
    Reason,
    State,
    WorkItem,
)
from tasks_tracker.models.policy import Industry, KeyTask, Measure, Paragraph, Policy, PolicyText
from tasks_tracker.models.progress import (
    GIVEN,
    WAITING,
    Problem,
    ProgressReport,
    ReportStatus,
    UnitReview,
    unit_reviewers,
)
from tasks_tracker.models.reporting import ReportScope, WorkbookExport
from tasks_tracker.models.rollup import Cell, PlannedPoint, StaleCell, WeekRollup
from tasks_tracker.models.standing import Standing
from tasks_tracker.models.supervision import LIGHTS_TO_SET, LightOverride
from tasks_tracker.models.urging import Level, Occasion, Round, Slip, SlipAnswer, Urging

__all__ = [
    "ADMIN_ROLES",
    "COUNTED_LIGHTS",
    "GIVEN",
    "LIGHTS_TO_SET",
    "NEEDS_ATTENTION",
    "OFFICE_ROLES",
    "RUNNING_STATES",
    "STATES_IN_SCOPE",
    "UNIT_ROLES",
    "WAITING",
    "WHOLE",
    "Actor",
    "AppendOnly",
    "AuditEntry",
    "AuditSeal",
    "Cell",
    "Channel",
    "CutoffException",
    "Evidence",
    "Industry",
    "KeyTask",
    "Level",
    "Light",
    "LightOverride",
    "Mail",
    "Measure",
    "Milestone",
    "Notice",
    "Occasion",
    "Paragraph",
    "Plan",
    "PlanChange",
    "PlanSegment",
    "PlannedPoint",
    "Policy",
    "PolicyText",
    "Problem",
    "ProgressReport",
    "Reason",
    "Region",
    "RegionGroup",
    "ReportScope",
    "ReportStatus",
    "Role",
    "Round",
    "Scope",
    "Slip",
    "SlipAnswer",
    "StaleCell",
    "Standing",
    "State",
    "UnitReview",
    "Urging",
    "User",
    "WeekRollup",
    "WorkItem",
    "WorkbookExport",
    "unit_reviewers",
]
