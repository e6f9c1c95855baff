"""What each answer looks like, for the reader of the interface's description; a test holds them to the shapes."""

import json
from collections.abc import Mapping
from typing import Any

from targeting.serving.api.problem_types import ProblemType
from targeting.serving.sentences import PROMPT, SAFEGUARDING

Json = Mapping[str, Any]

LIST_ID = "l_pop5r2wbqoulp6rm5qnl357wuo"
FLAG_ID = "g_n3xq6s2mfzh7v5k4twb3jd2yca"
FAMILY_ID = "f_4lduaej3phs2fclcobvdljpwlm"
DIGEST = "05ba3a0cbafb27d8a0dcf8d6fd22f179c013dc426fa95ad506582e22272d7468"

DATA_AS_OF: Json = {"source": "police", "agency": "police", "until": "2026-03-29"}
PROVENANCE: Json = {
    "model": "escalation",
    "bundle_digest": DIGEST,
    "declarations_digest": "91cfae165eac51b008fc0e6279821c2e784fa4fc203195680d1cfe27e9b41a5e",
    "generation_id": "llr7ahukshkxahgz54iin7hkw3",
    "generation_manifest": "6e5776c19e6eb8102f32e228e8ce3c19d6bb6242533f263b6b6c56d27286616c",
    "code_version": "0.4.0",
}
LIST: Json = {
    "id": LIST_ID,
    "together": [LIST_ID],
    "panel": "district",
    "panel_title": "Early help panel of the district",
    "kind": "offer",
    "title": "Families who may welcome an offer of early help",
    "as_of_date": "2026-03-30",
    "published_at": "2026-03-30T05:00:00Z",
    "synthetic": True,
    "standing": "shadow",
    "outcome": "later needed a social worker within 6 months",
    "notice": PROMPT,
    "urgent": SAFEGUARDING,
    "data_as_of": [DATA_AS_OF],
    "capacity": 10,
    "families": 23503,
    "listed": 10,
    "just_below": 78,
    "sent_to_front_door": 1,
    "provenance": PROVENANCE,
}
LISTS: Json = {"items": [LIST], "next_cursor": None}

WITHHELD: Json = {"held_by": "health", "reasons": 1, "sentence": "1 reason is held by health"}
FLAG: Json = {
    "id": FLAG_ID,
    "list_id": LIST_ID,
    "family_id": FAMILY_ID,
    "rank": 4,
    "kept_place": False,
    "band": {
        "lower": 0.35,
        "upper": 1.0,
        "about": 4,
        "of": 10,
        "sentence": "Of 10 families with records like these, about 4 later needed a social worker within 6 months; "
        "6 did not.",
    },
    "reasons": [
        {
            "concern": "suspension and change of school",
            "sentence": "No child was suspended in the last 12 months",
            "indicator": "suspensions_12_months",
            "agency": "schools",
            "latest_date": None,
            "age": "",
            "is_strength": True,
        },
        {
            "concern": "earlier help and plans",
            "sentence": "A case of social care was closed within the last 24 months",
            "indicator": "case_closed_24_months",
            "agency": "children's social care",
            "latest_date": "2026-03-05",
            "age": "4 weeks ago",
            "is_strength": False,
        },
    ],
    "unknowns": [
        {
            "sentence": "What a health visitor saw is not known: these records are not shared for this date",
            "because": "not_shared",
            "indicators": ["low_mood_recorded"],
            "could_place": None,
        }
    ],
    "expires_on": "2026-06-22",
    "rank_range": {
        "best": 3,
        "worst": 9,
        "by_models": {"best": 3, "worst": 9},
        "by_unknowns": None,
        "sentence": "between 3rd and 9th",
        "why": ["Other models that did as well in tests place it there too"],
    },
    "change": {
        "since": "2026-03-23",
        "standing": "considered",
        "rank_before": 11,
        "was_listed": False,
        "new_records": [
            {
                "indicator": "case_closed_24_months",
                "records": 1,
                "sentence": "1 new record on earlier help and plans, from children's social care",
            }
        ],
        "because": ["Records are new, or were corrected or closed: 5 places up", "Other families moved: 2 places up"],
        "sentence": "On 23 March 2026 this family was 11th and not on the list",
    },
    "withheld": [WITHHELD],
    "suspended": None,
    "successors": [],
}
FLAGS: Json = {"items": [FLAG], "next_cursor": FLAG_ID}

MODEL: Json = {
    "model": "escalation",
    "version": DIGEST[:12],
    "bundle_digest": DIGEST,
    "title": "Families whose needs may be about to escalate",
    "purpose": "early_help",
    "forbidden_uses": ["deciding anything by itself: a panel looks, and people decide"],
    "owner": "Head of early help",
    "cohort": "not_open_to_social_care",
    "outcome": "escalation",
    "tier": "health",
    "synthetic": True,
    "trained_on": ["2025-04-28", "2025-06-23"],
    "code_version": "0.4.0",
    "gates": [
        {"name": "enough_events", "passed": True, "detail": "870 outcomes on the test dates; 50 needed."},
    ],
    "audit": {"verdict": "pass", "sentence": "Of 7 gating comparisons: 7 pass."},
    "signatures": [
        {"name": "demo data protection officer", "re_audit_by": "2026-09-28"},
        {"name": "demo service lead", "re_audit_by": None},
    ],
    "lists": [LIST_ID],
}
INDICATOR: Json = {
    "name": "absence_last_term",
    "description": "Share of sessions missed last term by the child who missed most",
    "concern": "school attendance",
    "sentence": "The most any child missed was {percent} of school sessions in the last term",
    "sentence_if_none": "",
    "unit": "",
    "direction": "raises",
    "unknown_means": "School attendance is not known",
    "evidence": "Department for Education: a pupil who misses 10% or more of sessions is persistently absent",
    "kinds": ["attendance_term"],
    "sources": ["schools"],
    "agencies": ["schools"],
    "attributes": [],
}
INDICATORS: Json = {"items": [INDICATOR], "next_cursor": "absence_last_term"}

SCORE: Json = {
    "id": "s_wm4kq7d2ovz5xhcbn3rt6ejy2a",
    "family_id": FAMILY_ID,
    "provisional": False,
    "as_of_date": "2026-03-30",
    "list_id": LIST_ID,
    "flag_id": FLAG_ID,
    "probability": None,
    **{name: FLAG[name] for name in ("band", "reasons", "unknowns", "expires_on", "withheld")},
    "records": {"received": 0, "already_held": 0, "not_read": 0},
    "people": {"received": 0, "already_held": 0},
    "not_asked": [],
    "provenance": {
        "model": "escalation",
        "model_version": DIGEST[:12],
        "bundle_digest": DIGEST,
        "calibration_version": "5d0c27f41b9e",
        "policy_version": "a3e98c6610d7",
        "declarations_digest": PROVENANCE["declarations_digest"],
        "generation_id": PROVENANCE["generation_id"],
        "data_as_of": [DATA_AS_OF],
        "values_digest": "c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a",
    },
    "notice": PROMPT,
    "urgent": SAFEGUARDING,
}

IDENTIFIER: Json = {"system": "social_care", "value": "104729"}
FAMILY_FOUND: Json = {
    "family_id": FAMILY_ID,
    "as_of_date": "2026-03-30",
    "successors": [],
    "flags": [{"id": FLAG_ID, "list_id": LIST_ID, "as_of_date": "2026-03-30", "expires_on": "2026-06-22"}],
}
JOB_ID = "j_q6x2v7mzb5rktd3wfy4hcn2aoe"
JOB: Json = {
    "id": JOB_ID,
    "status": "running",
    "lists": [LIST_ID],
    "made_at": "2026-03-31T09:10:02.551207Z",
    "rows": 100000,
    "rows_done": 41500,
    "rows_scored": 41388,
    "ended_at": None,
    "forget_at": "2026-04-01T09:10:02.551207Z",
}
ROWS = (
    "\n".join(
        json.dumps({"family": {"system": system, "value": value}})
        for system, value in (("targeting", FAMILY_ID), ("social_care", "104729"))
    )
    + "\n"
)
NOT_HELD: Json = {
    "type": "/problems/unknown-person",
    "title": "No such person",
    "status": 404,
    "detail": "No person is held by that id on 2026-03-30. Systems that exist: targeting, social_care.",
    "instance": f"/v1/scoring-jobs/{JOB_ID}/results#1",
}
RESULTS = "".join(
    json.dumps(row) + "\n"
    for row in ({"row": 0, "score": SCORE, "problem": None}, {"row": 1, "score": None, "problem": NOT_HELD})
)

DECISION: Json = {
    "decision": "offer_help",
    "reason": "Mornings are hard, and both schools have offered a place at breakfast club.",
    "first_view": None,
    "threshold_level": "early_help",
    "children": [{"child": "the younger child", "impact": "Misses the start of the day", "voice": "I like art club"}],
    "agreement": "agreed",
    "safe_contact": {"who": "the mother", "how": "by telephone, in the morning", "when_not": "after 16:00"},
    "best_placed": "the grandmother",
    "correction": None,
    "owner": "family hub north",
    "due_date": "2026-04-13",
    "first_contact": {"contacted_on": "2026-04-02", "by": "family_hub_worker"},
    "follow_ups": [],
}
RECORDED: Json = {
    "flag_id": FLAG_ID,
    "list_id": LIST_ID,
    "revision": 1,
    "sequence": 4711,
    "recorded_at": "2026-03-31T09:12:44.120394Z",
    "recorded_by": "a.chair@example.gov.uk",
    "role": "chair",
    "content": DECISION,
}
DECISION_STANDING: Json = {"flag_id": FLAG_ID, "revision": 1, "decision": RECORDED}
REVISIONS: Json = {"items": [RECORDED]}
DECISIONS: Json = {"items": [RECORDED], "next_cursor": "4711"}

AUDIT: Json = {
    "model": "escalation",
    "version": DIGEST[:12],
    "bundle_digest": DIGEST,
    "verdict": "pass",
    "sentence": "Of 7 gating comparisons: 7 pass.",
    "audit": {"format": 1, "verdict": "pass", "sentence": "Of 7 gating comparisons: 7 pass."},
}
ALIVE: Json = {"status": "alive"}
READY: Json = {
    "status": "ready",
    "lists": 2,
    "as_of_date": "2026-03-30",
    "message": "The current lists are served.",
}
METRICS = 'targeting_requests_total{method="GET",route="/v1/flags/{flag_id}",status="200"} 3.0\n'


def problem_example(kind: ProblemType) -> Json:
    """Return what a problem of a type looks like."""
    held: dict[str, Any] = {
        "type": kind.address,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.explanation,
        "instance": "urn:uuid:6f1ed002-ab5b-4f4e-9a5c-0d7c7a1b9f3e",
    }
    if kind.slug == "invalid-request":
        held["errors"] = [
            {"where": "query.limit", "message": "Input should be less than or equal to 100"},
        ]
    return held
