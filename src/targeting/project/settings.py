"""`targeting.toml`: the file that marks a project folder."""

from datetime import date
from itertools import pairwise
from pathlib import Path

from pydantic import Field

from targeting.errors import DeclarationError, Fault
from targeting.records.terms import Term
from targeting.toml_files import Declared, read_toml

MARKER = "targeting.toml"


class _Term(Declared):
    name: str
    first: date
    last: date


class Settings(Declared):
    """Name of the district, where its data lie, and its school terms."""

    name: str = Field(min_length=1)
    data_folder: str = "var"
    term: tuple[_Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return the school terms in order of their first day."""
        return tuple(sorted(Term(first=term.first, last=term.last, name=term.name) for term in self.term))


def read_settings(root: Path) -> Settings:
    """Return `targeting.toml` of a project folder.

    Raises DeclarationError where it is not TOML, has a key that does not exist, or terms overlap.
    """
    settings = read_toml(root / MARKER, Settings, place=MARKER)
    faults = _faults_of_terms(settings.terms)
    if faults:
        raise DeclarationError(faults)
    return settings


def _faults_of_terms(terms: tuple[Term, ...]) -> list[Fault]:
    faults = [
        Fault(f"{MARKER}: term {term.name}", "ends before it begins.") for term in terms if term.last < term.first
    ]
    for earlier, later in pairwise(terms):
        if later.first <= earlier.last:
            faults.append(Fault(f"{MARKER}: term {later.name}", f"begins before term {earlier.name} ends."))
    return faults
