"""A decision as a client sends it, whatever else is asked of it."""

from typing import Any

DECISION: dict[str, Any] = {
    "decision": "more_information_needed",
    "reason": "The school knows more.",
    "first_view": None,
    "threshold_level": "early_help",
    "children": [],
    "agreement": "not_sought_yet",
    "safe_contact": None,
    "owner": "family hub north",
    "due_date": "2026-04-13",
    "follow_ups": [],
}
