"""The catalogue as a page for governance staff: `python -m targeting.project.catalogue_page > docs/indicators.html`.

Made from the declarations, the worked examples of `tests/catalogue/examples/`, and the figures in
`docs/evidence/indicators.json`, which are of a synthetic district. It works whole without JavaScript.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from targeting.features import Indicator
from targeting.features.leaves import kinds_of, leaves_of
from targeting.features.written import written
from targeting.project.catalogue import agencies_of, memory_of, sources_of
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.project.template import checkout_folder
from targeting.project.worked_examples import WorkedExample, read_worked_examples
from targeting.serving.sentences import fill
from targeting.sources.definition import Source

TEMPLATES = Path(__file__).parent / "templates"
WITHHELD = "c"
DIRECTIONS = {
    "raises": "more raises the estimate, never lowers it",
    "lowers": "more lowers the estimate, never raises it",
}
USES = {
    "model": "an input of models",
    "context": "context for an offer, no input of any model",
    "refused": "refused: no model and no panel reads it",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One indicator as the page shows it."""

    indicator: Indicator
    agencies: tuple[str, ...]
    coverage: tuple[str, ...]
    purposes: tuple[str, ...]
    memory: str
    models: tuple[str, ...]
    examples: tuple["Shown", ...]
    figures: Mapping[str, Any] | None

    @property
    def direction(self) -> str:
        """Return what more of it does to an estimate."""
        if self.indicator.use != "model":
            return "none: no model reads it"
        return DIRECTIONS.get(self.indicator.direction or "", "either, as records show")

    @property
    def use(self) -> str:
        """Return whether a model may read it."""
        return USES[self.indicator.use]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A worked example with the value as a figure and as the sentence that a panel reads."""

    example: WorkedExample
    value: str
    sentence: str


def catalogue_page(project: Project, examples: Sequence[WorkedExample], figures: Mapping[str, Any]) -> str:
    """Return the page: a search, then the indicators by concern in alphabetical order, each with all that is known."""
    entries = sorted(_entries(project, examples, figures), key=lambda each: each.indicator.concern)
    concerns = [(concern, list(held)) for concern, held in groupby(entries, key=lambda each: each.indicator.concern)]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": count, "share": share, "anchor": anchor, "capital": capital, "written": written}
    return environment.get_template("indicators.html.j2").render(
        district=project.settings.name,
        concerns=concerns,
        entries=entries,
        inputs=sum(each.indicator.use == "model" for each in entries),
        by_hand=len({each.indicator for each in examples if each.checked}),
        figures=figures,
    )


def _entries(project: Project, examples: Sequence[WorkedExample], figures: Mapping[str, Any]) -> Iterator[Entry]:
    for indicator in project.indicators.values():
        sources = sources_of(indicator, project)
        mine = [each for each in examples if each.indicator == indicator.name]
        yield Entry(
            indicator=indicator,
            agencies=agencies_of(indicator, project),
            coverage=tuple(line for source in sources for line in _coverage(indicator, source, project)),
            purposes=tuple(sorted({purpose.replace("_", " ") for source in sources for purpose in source.purposes})),
            memory=memory_of(indicator),
            models=tuple(name for name, m in project.models.items() if indicator in project.indicators_of(m)),
            examples=tuple(_shown(indicator, each) for each in mine),
            figures=figures.get("indicators", {}).get(indicator.name),
        )


def _coverage(indicator: Indicator, source: Source, project: Project) -> Iterator[str]:
    """Yield from when a source shares what an indicator reads, and under which agreement, each once."""
    kinds = {kind for leaf in leaves_of(indicator.value) for kind in kinds_of(leaf, project.contract)}
    for entry in source.coverage:
        if not entry.kinds or kinds & set(entry.kinds):
            until = f" to {in_words(entry.until)}" if entry.until else ""
            expires = in_words(source.agreement.expires_on)
            yield f"{source.agency}: shared from {in_words(entry.shared_from)}{until}, agreed until {expires}"


def _shown(indicator: Indicator, example: WorkedExample) -> Shown:
    if example.value is None:
        return Shown(example=example, value="unknown", sentence=indicator.unknown_means)
    none = indicator.sentence_if_none if example.value == 0 else fill(indicator.sentence, example.value)
    return Shown(example=example, value=f"{example.value:.3g}", sentence=none)


def in_words(day: date) -> str:
    """Return a date as one writes it: 1 April 2021."""
    return f"{day.day} {day:%B %Y}"


def count(number: int | None) -> str:
    """Return a number of families, `c` where it is withheld."""
    return WITHHELD if number is None else f"{number:,}"


def share(value: float | None) -> str:
    """Return a share as a whole per cent, `c` where it is withheld."""
    return WITHHELD if value is None else f"{value:.0%}"


def anchor(text: str) -> str:
    """Return an id for a heading."""
    return text.replace("'", "").replace(" ", "-")


def capital(text: str) -> str:
    """Return a text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def page_of(root: Path) -> str:
    """Return the page of a checkout, its figures those that were last measured."""
    figures = json.loads((root / "docs" / "evidence" / "indicators.json").read_text(encoding="utf-8"))
    project = load_project(root, on=date.fromisoformat(figures["date"]))
    names = tuple(each.name for each in project.indicators.values())
    return catalogue_page(project, read_worked_examples(root / "tests" / "catalogue" / "examples", names), figures)


if __name__ == "__main__":
    sys.stdout.write(page_of(checkout_folder() or Path.cwd()))
