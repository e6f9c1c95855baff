"""The words of a decision as pages show them, in the order in which a form asks."""

from collections.abc import Mapping

from targeting.serving.corrections import Step
from targeting.serving.decisions import Agreement, Choice, ContactRole, Outcome, ThresholdLevel

# The order is the alphabet's, so that none is the first because it is wanted; hints say what follows.
CHOICES: Mapping[Choice, str] = {
    "already_getting_the_right_help": "Already getting the right help",
    "more_information_needed": "More information needed",
    "no_contact_needed_now": "No contact needed now",
    "offer_help": "Offer help",
    "record_is_wrong": "Record is wrong",
    "refer_up": "Refer up",
}
CHOICE_HINTS: Mapping[Choice, str] = {
    "already_getting_the_right_help": "Somebody works with them, and that is enough",
    "more_information_needed": "Say below whom you will ask, and for what",
    "no_contact_needed_now": "Nothing here asks for anything",
    "offer_help": "Say below who may be contacted safely",
    "record_is_wrong": "Opens a task for the agency whose record it is",
    "refer_up": "To children’s social care. A child at risk of harm now does not wait for this form",
}
LEVELS: Mapping[ThresholdLevel, str] = {
    "universal": "Universal services",
    "early_help": "Early help",
    "child_in_need": "Child in need",
    "child_protection": "Child protection",
}
AGREEMENTS: Mapping[Agreement, str] = {
    "agreed": "Yes, and they agreed",
    "declined": "Yes, and they said no",
    "not_sought_yet": "Not yet",
    "not_safe_to_ask": "No: it is not safe to ask",
}
CONTACT_ROLES: Mapping[ContactRole, str] = {
    "early_help_worker": "An early help worker",
    "family_hub_worker": "A family hub worker",
    "health_visitor": "A health visitor",
    "midwife": "A midwife",
    "school_staff": "Somebody of the school",
    "voluntary_or_community_worker": "A voluntary or community worker",
    "youth_worker": "A youth worker",
    "somebody_else": "Somebody else",
}
OUTCOMES: Mapping[Outcome, str] = {
    "needs_met": "Needs met",
    "needs_met_in_part": "Needs met in part",
    "needs_unmet": "Needs unmet",
    "stepped_up": "Stepped up to social care",
    "moved_away": "Moved away",
    "not_known": "Not known",
}
STEP_WORDS: Mapping[Step, str] = {
    "sent": "Sent to the agency",
    "put_right": "The agency put it right",
    "found_right": "The agency found the record right",
}
MONTHS = (3, 6, 12)
