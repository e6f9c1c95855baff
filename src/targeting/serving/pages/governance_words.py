"""What governance's pages say of models, gates, signatures, open actions and the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from targeting.models.bundle import Bundle
from targeting.models.registry import AUDIT, GATES
from targeting.models.signers import TITLES
from targeting.models.suspension import Suspension
from targeting.serving.governance.models_held import Standing, Version
from targeting.serving.governance.open_actions import OpenAction
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import in_words

VERDICT, CARD_FILE, AUDIT_FILE = "verdict.json", "card.html", "audit.html"
NEVER_AUDITED = "Not audited"
# What the audit log calls an action, in words; any other by its own name.
ACTIONS: Mapping[str, str] = {
    "another panel's": "List or family of another panel opened",
    "check_decision": "Decision checked before it was sent",
    "do_action": "Action entered as done",
    "enter_action": "Action entered",
    "enter_attendees": "Attendees entered",
    "enter_conflict": "Conflict of interest entered",
    "enter_not_used": "Entered that lists were not used",
    "expire_list": "List removed, its time over",
    "export": "File made for a case system",
    "export_list": "List exported",
    "hand_in_signature": "Signature handed in",
    "lift_suspension": "Suspension lifted",
    "make_sign_in_link": "Sign-in link made",
    "note_first_view": "Own view noted before the band",
    "publish_list": "List published",
    "rotate_key": "Key of the identities changed",
    "see_contact": "Form of a first contact opened",
    "see_decision": "Form of a decision opened",
    "see_export": "Form of an export opened",
    "see_flag": "Family opened",
    "see_former": "Former household opened",
    "see_list": "List opened",
    "see_meeting": "Meeting opened",
    "see_protected": "Protected identities opened",
    "see_tasks": "Tasks opened",
    "sign_in": "Signed in",
    "sign_off": "Meeting signed off",
    "sign_out": "Signed out",
    "suspend": "Flags suspended",
    "take_correction_step": "Noted what became of a wrong record",
    "withdraw_conflict": "Conflict of interest withdrawn",
    "write_decision": "Decision recorded",
}
REFUSED = "refused "
STANDS: Mapping[Standing, str] = {
    "in use": "In use",
    "in use before": "In use before",
    "candidate": "Trained, not in use",
}


@dataclass(frozen=True)
class GateSaid:
    """A gate, its verdict and what was seen, in words."""

    name: str
    verdict: str
    detail: str


@dataclass(frozen=True)
class SignatureSaid:
    """Who signed, in which role, whether it holds, and until when the signer accepts an audit that cannot tell."""

    name: str
    role: str
    holds: str
    accepts: str


@dataclass(frozen=True, kw_only=True)
class VersionSaid:
    """One version of a model, as the page of models and its own page show it."""

    model: str
    version: str
    href: str
    stands: str
    digest: str
    trainer: str
    owner: str
    learnt_from: str
    audit: str
    audit_sentence: str
    verdict: str
    gates: tuple[GateSaid, ...]
    gates_in_short: str
    signatures: tuple[SignatureSaid, ...]
    signed_in_short: str
    obstacles: str
    has_card: bool
    has_audit: bool
    synthetic: bool
    command: str
    needs_acceptance: bool


@dataclass(frozen=True)
class ActionSaid:
    """An open action with by when, and by whom."""

    what: str
    owner: str
    due: str


def logged_action_said(action: str) -> str:
    """Return what the audit log calls an action in words; of one that was not let through, that it was not."""
    asked = action.removeprefix(REFUSED)
    said = ACTIONS.get(asked) or capitalised(asked.replace("_", " "))
    return said if asked == action else f"Refused: {said[:1].lower()}{said[1:]}"


def version_said(version: Version) -> VersionSaid:
    """Return a version in words."""
    bundle, origin = version.bundle, version.bundle.origin
    audit = _held(bundle, AUDIT)
    gates = gates_said(_held(bundle, GATES) or ())
    signatures = tuple(_signature_said(version, each.name) for each in version.signed)
    return VersionSaid(
        model=bundle.model,
        version=bundle.version,
        href=f"/models/{bundle.model}/{bundle.version}",
        stands=STANDS[version.standing],
        digest=bundle.digest,
        trainer=origin.trainer,
        owner=origin.owner,
        learnt_from=_learnt_from(origin.as_of_dates),
        audit=capitalised(str(audit["verdict"])) if audit else NEVER_AUDITED,
        audit_sentence=str(audit.get("sentence", "")) if audit else "",
        verdict=str((_held(bundle, VERDICT) or {}).get("sentence", "")),
        gates=gates,
        gates_in_short=_in_short(gates),
        signatures=signatures,
        signed_in_short=_signed_in_short(version),
        obstacles=version.obstacles,
        has_card=CARD_FILE in bundle.evidence,
        has_audit=AUDIT_FILE in bundle.evidence,
        synthetic=origin.synthetic,
        command=f"targeting sign {bundle.model} {bundle.version} --as NAME --key KEY.pem",
        needs_acceptance=bool(audit) and audit["verdict"] == "cannot tell",
    )


def gates_said(gates: Sequence[Mapping[str, Any]]) -> tuple[GateSaid, ...]:
    """Return gates with their verdicts in words, those that failed first."""
    told = [
        GateSaid(
            capitalised(str(each["name"]).replace("_", " ").replace(" auc", " AUC")),
            "Passed" if each["passed"] is True else "Failed",
            str(each["detail"]),
        )
        for each in gates
    ]
    return tuple(sorted(told, key=lambda each: each.verdict == "Passed"))


def suspension_said(suspension: Suspension | None) -> str:
    """Return whether a model's flags hold, or since when they are suspended, by whom and why."""
    if suspension is None:
        return "Not suspended."
    by = f" by {suspension.by}" if suspension.by else ""
    return f"Flags are suspended since {in_words(suspension.on)}{by}: {suspension.reason}"


def action_said(action: OpenAction, *, on: date) -> ActionSaid:
    """Return an open action in words; one whose day is over is late."""
    if action.due is None:
        return ActionSaid(action.what, action.owner, "Waits now")
    late = "Late: was due by " if action.is_late(on) else ""
    return ActionSaid(action.what, action.owner, f"{late}{in_words(action.due)}")


def _held(bundle: Bundle, name: str) -> Any:
    return bundle.evidence_json(name) if name in bundle.evidence else None


def _learnt_from(dates: Sequence[str]) -> str:
    if not dates:
        return "No date is recorded."
    first, last = (in_words(date.fromisoformat(each)) for each in (min(dates), max(dates)))
    count = "1 date" if len(dates) == 1 else f"{len(dates)} dates"
    return f"{count}, {first}" if first == last else f"{count} from {first} to {last}"


def _in_short(gates: Sequence[GateSaid]) -> str:
    if not gates:
        return "No gates are recorded"
    failed = sum(each.verdict != "Passed" for each in gates)
    return f"{failed} of {len(gates)} failed" if failed else f"All {len(gates)} passed"


def _signed_in_short(version: Version) -> str:
    roles = sorted({TITLES[each.role] for each in version.signed if each.holds})
    return f"Signed by {' and '.join(roles)}" if roles else "Not signed"


def _signature_said(version: Version, name: str) -> SignatureSaid:
    held = next(each for each in version.signed if each.name == name)
    return SignatureSaid(
        name=held.name,
        role=capitalised(TITLES[held.role]) if held.role else "Not declared as a signer",
        holds="Holds" if held.holds else "Does not hold",
        accepts=f"Until {in_words(held.accepts_until)}" if held.accepts_until else "Nothing to accept",
    )
