"""The permission table, as data: what each role may ask, for whom it reads, and what each route needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from targeting.serving.access.definition import Role, Scope

Audience = str
Come = Literal["token", "session"]


@dataclass(frozen=True)
class Rights:
    """What a role may ask, at most, and for whom it reads: sources say whom they may be shown to.

    `is_district_wide`: of every panel, unless a sign-in or token names some; other roles read as their panels do.
    """

    scopes: frozenset[Scope]
    audiences: frozenset[Audience] = frozenset()
    is_district_wide: bool = False


PANEL: frozenset[Scope] = frozenset({"lists:read", "flags:read", "scores:write", "decisions:write", "audits:read"})

# An administrator runs the service and sees no family; a manager sees where need is, and no family either. Business
# support prepares a meeting and reads no reason.
RIGHTS: Mapping[Role, Rights] = {
    "panel_member": Rights(PANEL, frozenset({"panel"})),
    "chair": Rights(PANEL, frozenset({"panel"})),
    "business_support": Rights(frozenset({"lists:read", "flags:read"})),
    "data_scientist": Rights(frozenset({"lists:read", "audits:read", "scores:research"}), is_district_wide=True),
    "governance": Rights(
        frozenset({"lists:read", "flags:read", "audits:read"}), frozenset({"governance"}), is_district_wide=True
    ),
    "integration_client": Rights(frozenset({*PANEL, "scores:research"})),
    "administrator": Rights(frozenset({"lists:read", "audits:read"}), is_district_wide=True),
    "manager": Rights(frozenset({"lists:read", "audits:read"}), is_district_wide=True),
}
# Somebody of another agency than the council's early help reads for `partner` in place of `panel`.
OF_ANOTHER_AGENCY: Mapping[Audience, Audience] = {"panel": "partner"}
# Who works with the family now.
INVOLVED: Audience = "case_holder"


@dataclass(frozen=True)
class Rule:
    """What a route needs: a scope, and how one comes; no scope: anybody may ask. `action` names it in the audit log.

    `shows_families`: whoever is answered leaves an event. `roles`: those alone; none named, all that have the scope.
    """

    action: str
    scope: Scope | None = None
    by: Come = "token"
    shows_families: bool = False
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class NeedsSession(Rule):
    """What a page needs: a session of somebody whose role has the scope."""

    by: Come = "session"


CHAIR: frozenset[Role] = frozenset({"chair"})
# Who prepares a meeting and keeps its papers; who is in it.
PREPARES: frozenset[Role] = CHAIR | {"business_support"}
MEETS: frozenset[Role] = PREPARES | {"panel_member"}
# Who hands in signatures; who reads what others did.
GOVERNS: frozenset[Role] = frozenset({"governance"})
KEEPS_THE_LOG: frozenset[Role] = GOVERNS | {"administrator"}

Route = tuple[str, str]
RULES: Mapping[Route, Rule] = {
    ("GET", "/v1/lists"): Rule("read_lists", "lists:read"),
    ("GET", "/v1/lists/{list_id}"): Rule("read_list", "lists:read"),
    ("GET", "/v1/lists/{list_id}/flags"): Rule("read_flags", "flags:read", shows_families=True),
    ("GET", "/v1/flags/{flag_id}"): Rule("read_flag", "flags:read", shows_families=True),
    ("GET", "/v1/flags/{flag_id}/decision"): Rule("read_decision", "flags:read", shows_families=True),
    ("GET", "/v1/flags/{flag_id}/decision/revisions"): Rule("read_revisions", "flags:read", shows_families=True),
    ("PUT", "/v1/flags/{flag_id}/decision"): Rule("write_decision", "decisions:write"),
    ("GET", "/v1/decisions"): Rule("read_decisions", "flags:read", shows_families=True),
    ("POST", "/v1/scores"): Rule("make_score", "scores:write", shows_families=True),
    ("POST", "/v1/families/lookup"): Rule("look_up", "flags:read", shows_families=True),
    ("POST", "/v1/scoring-jobs"): Rule("make_job", "scores:write"),
    ("GET", "/v1/scoring-jobs/{job_id}"): Rule("read_job", "scores:write"),
    ("DELETE", "/v1/scoring-jobs/{job_id}"): Rule("cancel_job", "scores:write"),
    ("GET", "/v1/scoring-jobs/{job_id}/results"): Rule("read_results", "scores:write", shows_families=True),
    ("GET", "/v1/models/current"): Rule("read_model", "lists:read"),
    ("GET", "/v1/audits/latest"): Rule("read_audit", "audits:read"),
    ("GET", "/v1/indicators"): Rule("read_indicators", "lists:read"),
    ("GET", "/livez"): Rule("is_alive"),
    ("GET", "/readyz"): Rule("is_ready"),
    ("GET", "/metrics"): Rule("read_metrics"),
    ("GET", "/openapi.json"): Rule("read_description"),
    ("GET", "/"): NeedsSession("see_this_week", "lists:read"),
    ("GET", "/lists"): NeedsSession("see_lists", "lists:read"),
    ("GET", "/lists/{list_id}"): NeedsSession("see_list", "flags:read", shows_families=True),
    ("GET", "/flags/{flag_id}"): NeedsSession("see_flag", "flags:read", shows_families=True),
    ("GET", "/flags/{flag_id}/former"): NeedsSession("see_former", "flags:read", shows_families=True),
    ("POST", "/flags/{flag_id}/first-view"): NeedsSession("note_first_view", "decisions:write"),
    ("GET", "/flags/{flag_id}/decision"): NeedsSession("see_decision", "decisions:write", shows_families=True),
    ("POST", "/flags/{flag_id}/decision/check"): NeedsSession("check_decision", "decisions:write", shows_families=True),
    ("POST", "/flags/{flag_id}/decision"): NeedsSession("write_decision", "decisions:write"),
    ("GET", "/flags/{flag_id}/first-contact"): NeedsSession("see_contact", "decisions:write", shows_families=True),
    ("POST", "/flags/{flag_id}/first-contact"): NeedsSession("write_decision", "decisions:write"),
    ("GET", "/lists/{list_id}/export"): NeedsSession("see_export", "flags:read"),
    ("POST", "/lists/{list_id}/export"): NeedsSession("export_list", "flags:read", shows_families=True),
    ("GET", "/meetings"): NeedsSession("see_meetings", "flags:read"),
    ("GET", "/meetings/{meeting_id}"): NeedsSession("see_meeting", "flags:read", shows_families=True),
    ("POST", "/meetings/{meeting_id}/attendees"): NeedsSession("enter_attendees", "flags:read", roles=PREPARES),
    ("POST", "/meetings/{meeting_id}/conflicts"): NeedsSession("enter_conflict", "decisions:write"),
    ("POST", "/meetings/{meeting_id}/conflicts/withdrawn"): NeedsSession("withdraw_conflict", "decisions:write"),
    ("POST", "/meetings/{meeting_id}/actions"): NeedsSession("enter_action", "flags:read", roles=MEETS),
    ("POST", "/meetings/{meeting_id}/not-used"): NeedsSession("enter_not_used", "flags:read", roles=PREPARES),
    ("POST", "/meetings/{meeting_id}/sign-off"): NeedsSession("sign_off", "decisions:write", roles=CHAIR),
    ("GET", "/tasks"): NeedsSession("see_tasks", "flags:read", shows_families=True),
    ("POST", "/tasks/corrections/{number}"): NeedsSession("take_correction_step", "flags:read", roles=PREPARES),
    ("POST", "/tasks/actions/{number}"): NeedsSession("do_action", "flags:read", roles=MEETS),
    ("GET", "/indicators"): NeedsSession("see_indicators", "lists:read"),
    ("GET", "/model"): NeedsSession("see_model", "lists:read"),
    ("GET", "/audit"): NeedsSession("see_audit", "audits:read"),
    ("GET", "/models"): NeedsSession("see_models", "audits:read"),
    ("GET", "/models/{model}/{version}"): NeedsSession("see_version", "audits:read"),
    ("GET", "/models/{model}/{version}/card"): NeedsSession("see_card_of_version", "audits:read"),
    ("GET", "/models/{model}/{version}/audit"): NeedsSession("see_audit_of_version", "audits:read"),
    ("POST", "/models/{model}/{version}/signature"): NeedsSession("hand_in_signature", "audits:read", roles=GOVERNS),
    ("GET", "/audit-log"): NeedsSession("see_audit_log", "audits:read", roles=KEEPS_THE_LOG),
    # Beside its rule, it is for the one manager named: see `check_is_named`.
    ("GET", "/protected"): NeedsSession("see_protected", "lists:read", shows_families=True),
    ("GET", "/district"): NeedsSession("see_district", "lists:read"),
    ("GET", "/district/clusters/{cluster}"): NeedsSession("see_cluster", "lists:read"),
    ("GET", "/problems"): Rule("see_problems"),
    ("GET", "/problems/{slug}"): Rule("see_problem"),
    ("GET", "/print/{name}"): Rule("see_print_style"),
    ("GET", "/assets/{digest}/{name}"): Rule("see_asset"),
    ("GET", "/sign-in"): Rule("begin_sign_in"),
    ("GET", "/sign-in/return"): Rule("sign_in"),
    ("GET", "/sign-in/{secret}"): Rule("sign_in"),
    ("POST", "/sign-out"): NeedsSession("sign_out", "lists:read"),
}


def rule_of(method: str, path: str) -> Rule:
    """Return the rule of a route. Raises KeyError where it has none: then the service does not start."""
    return RULES[method, path]


def roles_that_may(rule: Rule) -> frozenset[Role]:
    """Return every role that a rule lets in."""
    by_scope = frozenset(role for role, rights in RIGHTS.items() if rule.scope is None or rule.scope in rights.scopes)
    return by_scope & rule.roles if rule.roles else by_scope
