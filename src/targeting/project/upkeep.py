"""What of a project no model's compilation looks at: indicators that none takes, and agreements that ran out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from targeting.errors import Fault, what_exists
from targeting.features import Indicator
from targeting.features.compiler import naming_faults
from targeting.models.definition import without_unmatched
from targeting.project.project import Project
from targeting.serving.wording import reading_faults


def loaded_part(project: Project) -> Project:
    """Return a project some of whose indicators did not load, asking for no other; nothing is trained by it."""
    usable = [name for name, indicator in project.indicators.items() if indicator.use == "model"]
    found = {name: without_unmatched(model, usable) for name, model in project.models.items()}
    return replace(project, models={name: model for name, model in found.items() if model}, trainings={}, service=None)


def untaken_faults(project: Project, on: date) -> Iterator[Fault]:
    """Yield what the indicators that no model takes name that does not exist; a model's are told when it compiles."""
    model = next(iter(project.models.values()), None)
    if model is not None:
        yield from naming_faults(_untaken(project), project.rules(model, on=on))


def upkeep_faults(project: Project, on: date, places: Mapping[str, str]) -> Iterator[Fault]:
    """Yield each agreement expired on a date, each indicator for models that none takes, each sentence hard to read."""
    for source in project.sources:
        agreement = source.agreement
        if agreement.expires_on < on:
            said = (
                f"the agreement {agreement.reference} of the source {source.name!r} expired on {agreement.expires_on}: "
                "what it shares is unknown from then on. Renew it and set expires_on, or take the source out."
            )
            yield Fault(places.get(source.name, "features/sources/"), said)
    for indicator in _untaken(project):
        if indicator.use == "model":
            said = (
                f'{indicator.name!r} is in no model: name it in one\'s `indicators`, declare it use="context", or take '
                f"it out. {what_exists('', project.models)}"
            )
            yield Fault(indicator.place, said)
    yield from reading_faults(project.indicators.values())


def _untaken(project: Project) -> list[Indicator]:
    models = loaded_part(project).models.values()
    taken = {indicator.place for model in models for indicator in project.indicators_of(model)}
    return [indicator for indicator in project.indicators.values() if indicator.place not in taken]
