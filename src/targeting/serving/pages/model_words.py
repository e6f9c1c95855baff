"""The model that made a list, in words; its indicators as a reader's catalogue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from targeting.errors import TargetingError
from targeting.features.definition import Direction
from targeting.features.plan import PlannedIndicator, plan_from_json
from targeting.models.bundle import Bundle
from targeting.serving.pages.words import capitalised
from targeting.serving.published import PublishedList
from targeting.serving.sentences import enumerated
from targeting.serving.served import Served

VERSION_LENGTH = 12

IN_WORDS: Mapping[Direction | None, str] = {
    "raises": "More of it can only raise the estimate.",
    "lowers": "More of it can only lower the estimate.",
    None: "It may raise the estimate or lower it.",
}


@dataclass(frozen=True)
class ModelSaid:
    """A model's name and version, of whom it speaks, and its audit's verdict; both empty where it is held no longer."""

    name: str
    version: str
    cohort: str
    verdict: str


@dataclass(frozen=True)
class IndicatorSaid:
    """One indicator of the catalogue in plain words."""

    name: str
    description: str
    direction: str
    recorded: str
    evidence: str


@dataclass(frozen=True)
class Concern:
    """The indicators that a reader finds under one heading."""

    title: str
    anchor: str
    indicators: tuple[IndicatorSaid, ...]


def model_of(served: Served, published: PublishedList) -> ModelSaid:
    """Return the model that made a list. A list is readable also where its model is not held any more."""
    made_by = published.head.provenance
    version = made_by.bundle_digest[:VERSION_LENGTH]
    try:
        bundle = served.bundle_of(published)
    except TargetingError:
        return ModelSaid(made_by.model, version, "", "")
    return ModelSaid(
        bundle.origin.title, version, _cohort(bundle.plan_json), _verdict(bundle.evidence.get("audit.json"))
    )


def catalogue(bundle: Bundle) -> tuple[Concern, ...]:
    """Return the indicators of a model under their concerns, in declared order."""
    indicators = plan_from_json(bundle.plan_json).indicators
    concerns = dict.fromkeys(each.concern for each in indicators)
    return tuple(
        Concern(capitalised(concern), f"concern-{number}", _under(concern, indicators))
        for number, concern in enumerate(concerns, start=1)
    )


# A model's files never change, and every page of a list speaks of its model.
@lru_cache(maxsize=16)
def _cohort(plan_json: str) -> str:
    cohort = plan_from_json(plan_json).cohort
    return cohort.description if cohort else ""


@lru_cache(maxsize=16)
def _verdict(audit_json: bytes | None) -> str:
    """Return what the audit that was signed with a model came to: its own sentence, else its verdict.

    No list is made by a model whose audit cannot tell, unless governance has accepted that.
    """
    if audit_json is None:
        return ""
    audit = json.loads(audit_json)
    sentence = str(audit.get("sentence") or capitalised(str(audit.get("verdict", ""))))
    if audit.get("verdict") != "cannot tell":
        return sentence
    return f"{sentence.split('. ', maxsplit=1)[0]}. Governance accepted that until a day, which the audit names."


def _under(concern: str, indicators: tuple[PlannedIndicator, ...]) -> tuple[IndicatorSaid, ...]:
    return tuple(_said(each) for each in indicators if each.concern == concern)


def _said(indicator: PlannedIndicator) -> IndicatorSaid:
    recorded = f"Recorded by {enumerated(indicator.agencies)}." if indicator.agencies else ""
    return IndicatorSaid(
        name=indicator.name,
        description=indicator.description,
        direction=IN_WORDS[indicator.direction],
        recorded=recorded,
        evidence=indicator.evidence,
    )
