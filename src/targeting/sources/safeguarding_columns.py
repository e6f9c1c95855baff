"""Columns that tables of the Standard Safeguarding Dataset lack, made from those that they have, row by row."""

import json
from collections.abc import Callable, Mapping, Sequence

Texts = Callable[[str], list[str]]
Added = Mapping[str, Sequence[str]]

YES = frozenset({"y", "yes", "1", "true", "t"})
NO = frozenset({"n", "no", "0", "false", "f"})


def _json(text: str) -> dict[str, str]:
    """Return the members of a JSON object by name in lower case, empty where it is none."""
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    members = value.items() if isinstance(value, dict) else ()
    return {
        str(name).lower().removeprefix("outcome_"): "" if one is None else str(one).strip() for name, one in members
    }


def is_yes(text: str) -> bool:
    return text.casefold() in YES


def address(read: Texts) -> Added:
    parts = [_json(text) for text in read("addr_address_json")]
    return {
        "House": [" ".join(filter(None, (part.get("flat", ""), part.get("house", "")))) for part in parts],
        "Street": [part.get("street", "") for part in parts],
        "Town": [part.get("town", "") for part in parts],
        "Uprn": [part.get("uprn", "") for part in parts],
    }


REFERRED = ("new_referral_flag", "existing_referral_flag", "cp_enquiry_flag")
CLOSED = ("nfa_flag", "advice_flag")


def contact_outcome(read: Texts) -> Added:
    return {"Outcome": [_contact(_json(text)) for text in read("cont_contact_outcome_json")]}


def _contact(outcomes: Mapping[str, str]) -> str:
    if any(is_yes(outcomes.get(name, "")) for name in REFERRED):
        return "referral"
    if any("early_help" in name and is_yes(value) for name, value in outcomes.items()):
        return "early_help"
    return "no_further_action" if any(is_yes(outcomes.get(name, "")) for name in CLOSED) else ""


def found_in_need(read: Texts) -> Added:
    closed = [text.casefold() for text in read("cina_assessment_outcome_nfa")]
    return {"FoundInNeed": ["no" if text in YES else "yes" if text in NO else "" for text in closed]}


def enquiry_outcome(read: Texts) -> Added:
    pairs = zip(read("s47e_s47_outcome_json"), read("s47e_s47_nfa"), strict=True)
    return {"Outcome": [_enquiry(_json(text), nfa) for text, nfa in pairs]}


def _enquiry(outcomes: Mapping[str, str], nfa: str) -> str:
    if is_yes(outcomes.get("cp_conference_flag", "")):
        return "conference"
    if is_yes(nfa) or is_yes(outcomes.get("nfa_flag", "")):
        return "unsubstantiated"
    return "concerns_not_continuing" if any(is_yes(value) for value in outcomes.values()) else ""


def own_plans(read: Texts) -> Added:
    return {"IsOwn": ["no" if is_yes(text) else "yes" for text in read("cppl_cp_plan_ola")]}


def interviews(read: Texts) -> Added:
    offered, accepted = read("miss_missing_rhi_offered"), read("miss_missing_rhi_accepted")
    found = [_interview(one.casefold(), other.casefold()) for one, other in zip(offered, accepted, strict=True)]
    return {"Interview": found, "IsInterview": ["yes" if status else "no" for status in found]}


def _interview(offered: str, accepted: str) -> str:
    if accepted in YES:
        return "done"
    if offered in NO:
        return "not_offered"
    return "declined" if offered in YES and accepted in NO else ""


def pre_proceedings(read: Texts) -> Added:
    issued, agreed = read("prep_care_pro_letter_date"), read("prep_agree_stepdown_issue_date")
    return {
        "PreProceedingsEndedOn": [court or down for court, down in zip(issued, agreed, strict=True)],
        "PreProceedingsOutcome": ["care_proceedings" if court else "stepped_down" for court in issued],
    }
