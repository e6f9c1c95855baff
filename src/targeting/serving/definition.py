"""What a district declares of its lists: `serving/service.toml` and `serving/signers.toml`."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from targeting.errors import DeclarationError, Fault
from targeting.models.signers import Signer
from targeting.serving.access.definition import Access, faults_of_access
from targeting.serving.access.panels import faults_of_panels_named
from targeting.serving.decisions import Choice
from targeting.serving.district.ward_set import WARDS, WardSet
from targeting.serving.sentences import Words
from targeting.toml_files import Declared, read_toml

__all__ = ["Document", "ListKind", "Panel", "Service", "Signer", "ThresholdRule", "read_service", "read_signers"]

SERVICE = "serving/service.toml"
SIGNERS = "serving/signers.toml"

# A decision of more than a year ago says little about this week, so none keeps a family away for longer.
MOST_REST_WEEKS = 52
REST_WEEKS = 12

Weeks = Annotated[int, Field(ge=0, le=MOST_REST_WEEKS)]
Fallback = Literal["none", "points_rule"]
Standing = Literal["live", "shadow"]
DocumentKind = Literal[
    "impact_assessment", "privacy_notice", "equality_assessment", "sharing_agreements", "complaint_route"
]
NEEDED_TO_BE_LIVE: tuple[DocumentKind, ...] = (
    "impact_assessment",
    "privacy_notice",
    "equality_assessment",
    "sharing_agreements",
    "complaint_route",
)


class Panel(Declared):
    """One early-help panel. `wards` empty: all that no other panel owns. `minutes`: its own meeting's, by list.

    `works_blind`: each member says what they would do before the pages show them a family's band and rank.
    """

    name: str = Field(min_length=1)
    title: str
    wards: tuple[str, ...] = ()
    minutes: dict[str, int] = Field(default_factory=dict)
    works_blind: bool = False


class ListKind(Declared):
    """One weekly list: families of the model's cohort who are in `cohort` too, as many as the meeting has time for."""

    name: str = Field(min_length=1)
    title: str
    cohort: str
    minutes: int = Field(default=60, ge=0)
    minutes_a_family: int = Field(default=6, ge=1)
    places_for_never_known: int = Field(default=2, ge=0)

    def capacity(self, panel: Panel) -> int:
        """Return how many families the panel's meeting has time for."""
        return panel.minutes.get(self.name, self.minutes) // self.minutes_a_family


class ThresholdRule(Declared):
    """Families in `cohort` go to the front door the same day and are on no list; `why` is what the front door reads."""

    name: str = Field(min_length=1)
    cohort: str
    why: str


class ApartPart(Declared):
    """Those of a cohort that is counted apart who are in `cohort` too; `who` they are, and `why` a page tells of them.

    `who` goes on after `families`; `why` is a sentence.
    """

    cohort: str
    who: str = Field(min_length=1)
    why: str = Field(min_length=1)


class CountedApart(Declared):
    """Families in `cohort` of whom the model does not speak: how many they are is told beside each list, with `why`."""

    cohort: str
    why: str = Field(min_length=1)
    part: ApartPart | None = None


class Document(Declared):
    """One of the papers without which lists stay in shadow."""

    kind: DocumentKind
    reference: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    expires_on: date


class Speech(Declared):
    """How the district speaks of what it lists; see `Words`."""

    one: str = Words.one
    many: str = Words.many
    outcome: str = Words.outcome
    urgent: str = Words.urgent


class Retention(Declared):
    """How long a flag holds, and how long the proof of it is kept."""

    flag_weeks: int = Field(default=12, ge=1)
    passport_years: int = Field(default=7, ge=1)


class FlowRules(Declared):
    """How many weeks a decided family is off the agenda, by decision, and what brings it back before.

    It is back once its margin, in log odds, is by more than `returns_above` greater than when it was decided.
    """

    returns_above: float = Field(default=0.7, gt=0)
    rest_weeks: dict[Choice, Weeks] = Field(default_factory=dict)

    def weeks(self, choice: Choice) -> int:
        """Return how many weeks a family rests after a decision."""
        return self.rest_weeks.get(choice, REST_WEEKS)


class Objections(Declared):
    """Who decides whether a person's objection is upheld, by name."""

    officers: tuple[str, ...] = ()


class LookBackRules(Declared):
    """How many families without a place are drawn from each list for a person to look at; 0: none."""

    sampled: int = Field(default=0, ge=0)


class Service(Declared):
    """Panels, lists, their capacity, threshold rules, retention, and whether lists are live or shadow.

    `fallback` orders the lists where the model is suspended or none was promoted: by the points rule, without bands.
    `never_known` names the cohort for which places are kept. `cuts` bound the bands of calibrated probability.
    """

    model: str
    fallback: Fallback = "none"
    live_or_shadow: Standing = "shadow"
    never_known: str | None = None
    cuts: tuple[float, ...] = (0.01, 0.03, 0.10, 0.20, 0.35)
    panel: tuple[Panel, ...] = Field(min_length=1)
    list: tuple[ListKind, ...] = Field(min_length=1)
    threshold_rule: tuple[ThresholdRule, ...] = ()
    counted_apart: tuple[CountedApart, ...] = ()
    document: tuple[Document, ...] = ()
    words: Speech = Speech()
    retention: Retention = Retention()
    flow: FlowRules = FlowRules()
    objections: Objections = Objections()
    look_back: LookBackRules = LookBackRules()
    access: Access = Access()

    def standing(self, on: date) -> Standing:
        """Return `live` where it is declared and every needed paper holds `on` a date, else `shadow`."""
        held = {document.kind for document in self.document if on <= document.expires_on}
        return "live" if self.live_or_shadow == "live" and held >= set(NEEDED_TO_BE_LIVE) else "shadow"

    def cohorts(self) -> tuple[str, ...]:
        """Return the name of every cohort that the service refers to, once each."""
        named = [kind.cohort for kind in self.list] + [rule.cohort for rule in self.threshold_rule]
        apart = [one.cohort for each in self.counted_apart for one in (each, each.part) if one]
        return tuple(dict.fromkeys(named + ([self.never_known] if self.never_known else []) + apart))

    def spoken(self) -> Words:
        """Return how the district speaks of what it lists."""
        return Words(**self.words.model_dump())


class _Signers(Declared):
    signer: tuple[Signer, ...] = ()


def read_service(path: Path) -> Service:
    """Return `service.toml`. Raises DeclarationError with every fault at once."""
    service = read_toml(path, Service, place=SERVICE)
    faults = tuple(_faults_of(service))
    if faults:
        raise DeclarationError(faults)
    return service


def read_signers(path: Path) -> tuple[Signer, ...]:
    """Return the signers of `signers.toml`; none where it declares none. One name signs once."""
    signers = read_toml(path, _Signers, place=SIGNERS).signer
    faults = [Fault(SIGNERS, f"signer {name!r} is declared twice.") for name in _repeated(s.name for s in signers)]
    if faults:
        raise DeclarationError(faults)
    return signers


def _faults_of(service: Service) -> Iterable[Fault]:
    for key, names in (
        ("panel", [panel.name for panel in service.panel]),
        ("list", [kind.name for kind in service.list]),
        ("threshold_rule", [rule.name for rule in service.threshold_rule]),
        ("counted_apart", [each.cohort for each in service.counted_apart]),
        ("document", [document.kind for document in service.document]),
    ):
        for name in _repeated(names):
            yield Fault(f"{SERVICE}: {key}", f"{name!r} is declared twice.")
    if any(later <= earlier for earlier, later in pairwise((0.0, *service.cuts, 1.0))):
        yield Fault(f"{SERVICE}: cuts", "must rise, each above 0 and below 1.")
    yield from _faults_of_panels(service)
    yield from faults_of_access(service.access, SERVICE)
    yield from faults_of_panels_named(service.access, [panel.name for panel in service.panel], f"{SERVICE}: access")
    if service.live_or_shadow == "live" and service.access.protected_identities_manager is None:
        yield Fault(f"{SERVICE}: access", "a live list needs protected_identities_manager, who alone sees such cases.")
    if service.live_or_shadow == "live":
        for kind in sorted(set(NEEDED_TO_BE_LIVE) - {document.kind for document in service.document}):
            yield Fault(f"{SERVICE}: document", f"a live list needs {kind!r}, with reference, owner and expiry.")


def _faults_of_panels(service: Service) -> Iterable[Fault]:
    kinds = {kind.name: kind for kind in service.list}
    for panel in service.panel:
        for name in sorted(set(panel.minutes) - set(kinds)):
            yield Fault(f"{SERVICE}: panel {panel.name}", f"gives minutes for {name!r}. Lists: {', '.join(kinds)}.")
        for kind in kinds.values():
            capacity, kept = kind.capacity(panel), kind.places_for_never_known
            if capacity < max(1, kept):
                time = f"time for {capacity} and keeps {kept} places" if capacity else "no time for a family"
                message = f"a meeting of panel {panel.name!r} has {time}; give it more minutes."
                yield Fault(f"{SERVICE}: list {kind.name}", message)
    if sum(not panel.wards for panel in service.panel) != 1:
        message = "exactly one has no wards: it takes families of every other ward, and those without a known address."
        yield Fault(f"{SERVICE}: panel", message)
    for ward in _repeated(ward for panel in service.panel for ward in panel.wards):
        yield Fault(f"{SERVICE}: panel", f"ward {ward!r} belongs to more than one panel.")


def panel_ward_faults(panels: Iterable[Panel], ward_set: WardSet | None) -> Iterable[Fault]:
    """Yield each ward of a panel that the declared set does not have: no family would be that panel's by it."""
    codes = {each.code for each in ward_set.ward} if ward_set is not None else set()
    for panel in panels:
        for ward in sorted(set(panel.wards) - codes if codes else ()):
            yield Fault(f"{SERVICE}: panel {panel.name}", f"the ward {ward!r} is not declared in {WARDS}.")


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
