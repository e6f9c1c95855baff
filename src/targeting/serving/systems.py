"""By which systems' own ids people can be named: agencies' sources, and the case systems whose ids they bear."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from targeting.errors import Fault, TargetingError, what_exists
from targeting.serving.scores.request import REQUEST, TARGETING
from targeting.sources.definition import Source

# What else the system of an id can be: a family's own id, and a label within one request.
RESERVED = (TARGETING, REQUEST)


@dataclass(frozen=True)
class Systems:
    """The sources whose records are held, by name, and of each case system that is declared, its source."""

    sources: tuple[str, ...]
    case_systems: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the systems by whose ids people can be named: the sources, then the case systems of those."""
        return (*self.sources, *(name for name, source in self.case_systems.items() if source in self.sources))

    def source_of(self, system: str) -> str | None:
        """Return the source whose records bear a system's ids; None where no such records are held.

        >>> systems = Systems(("schools", "social_care"), {"ehm": "social_care"})
        >>> systems.source_of("ehm"), systems.source_of("schools"), systems.source_of("nhs")
        ('social_care', 'schools', None)
        """
        source = self.case_systems.get(system, system)
        return source if source in self.sources else None

    def named(self, system: str) -> str:
        """Return the source whose records bear a system's ids. Raises TargetingError where no such records are held."""
        source = self.source_of(system)
        if source is None:
            raise TargetingError(f"the system {system!r} does not exist. {what_exists(system, self.names)}")
        return source


def case_systems_of(sources: Iterable[Source]) -> dict[str, str]:
    """Return each case system that sources declare, sorted, with its source."""
    return dict(sorted((name, source.name) for source in sources for name in source.case_systems))


def system_faults(sources: Sequence[Source], places: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what keeps a name from meaning one numbering; `places` says where each source, by name, is declared."""
    bears = {source.name: "is the name of a source" for source in sources}
    bears |= {name: f"is a word of the service's own: {', '.join(RESERVED)}" for name in RESERVED}
    for source in sources:
        place = places[source.name]
        if source.name in RESERVED:
            yield Fault(place, f"the source's name {source.name!r} {bears[source.name]}. Name it otherwise.")
        for name in source.case_systems:
            if name in bears:
                yield Fault(place, f"the case system {name!r} {bears[name]}. Name it otherwise.")
            else:
                bears[name] = f"is one of the source {source.name!r} already"
