"""Twenty families of a synthetic district, of every kind that matters, written out as a panel would read them.

From a project with published lists (the demo's, by default): the first family that fits, on its last lists or else, by
rank, on lists long enough to hold every kind. Writes docs/families.md; the same project gives the same bytes.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.compute as pc

from targeting.commands.console import step
from targeting.commands.publishing import made_from
from targeting.features import plan_from_json
from targeting.features.engine import select
from targeting.linkage.protection import marks_of
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.serving.contents import Flag, Passport, Reason
from targeting.serving.ledger import cause_of
from targeting.serving.lists import make_lists, publish
from targeting.serving.moved import Cause
from targeting.serving.pages.words import said
from targeting.serving.past import Past
from targeting.serving.protected import ASK_THE_AGENCY, protected_cases
from targeting.serving.published import PublishedList, published_heads, read_list
from targeting.serving.reasons import LEAST_CONCERN
from targeting.serving.sentences import count_of, in_words, place_kept
from targeting.serving.terminal import NOTHING_STANDS_OUT, change_lines, gap_lines, rank_lines
from targeting.serving.week import MadeFrom
from targeting.store.generations import GENERATIONS, Generation
from targeting.store.people_index import PeopleIndex
from targeting.store.staging import open_staging

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "families.md"
FAMILIES_ON_A_LIST = 4_000
# The feed that fails in one of the lists, and how long before the list its last delivery was.
FAILED, SILENT_FOR = "police", timedelta(weeks=6)
OPENING = """# Twenty families

What a panel reads of families of every kind that matters. All of them are synthetic: no family here exists. Written by
`make families` from the demo's records. Each is the first that fits its heading and stands under no other: on the
demo's own lists of its last week, or by rank on lists made long enough for this page to hold every kind.

A family that a threshold rule sends to the front door is not here: nobody waits for a meeting.

This list is a prompt to look, not evidence. A child at risk of harm now goes to the safeguarding route today.
"""
PROTECTED = """\
Of whoever is in a refuge or in witness protection, or belongs to a member of staff or of a panel, the panel reads
nothing. They are sealed when records are loaded: no list, page, export or answer holds the family, and no count of such
families stands where a panel looks.

What the one manager reads whom `serving/service.toml` names, by `targeting protected --as NAME`; that it was read is in
the audit log:
"""
ANOTHER_IDENTITY = """\
Of a child who was adopted, or whose gender was recognised, nothing from before that day is ever joined to what came
after. The family reads like any other, and nothing tells the panel. This one has such a child; only for this page were
the marks looked up, in the records as they were loaded:
"""


@dataclass(frozen=True)
class Told:
    """A listed family with its list; `has` gives an indicator's value, 0 where it is unknown."""

    on: PublishedList
    passport: Passport
    in_two_homes: bool
    never_known: bool
    has_another_identity: bool
    without_feed: bool = False

    @property
    def flag(self) -> Flag:
        """Return the family's flag."""
        return self.passport.flag

    def has(self, name: str) -> float:
        """Return the value of an indicator by its name in its file; 0 where unknown."""
        return next((each.value or 0.0 for each in self.passport.indicators if each.name.split(".")[-1] == name), 0.0)

    def is_at_school(self) -> bool:
        """Return whether schools told of a child's attendance in the last two terms."""
        return any(each.value is not None for each in self.passport.indicators if each.name == "absence_two_terms")

    def concerns(self) -> list[str]:
        """Return the concern of each reason to look, the strongest first."""
        return [each.concern for each in self.flag.reasons if not each.is_strength]

    def first_concern(self) -> str:
        """Return the concern of the strongest reason to look; empty where none stands out."""
        return next(iter(self.concerns()), "")

    def was_moved_by(self, cause: Cause) -> bool:
        """Return whether a cause moved the estimate as far as is said."""
        ledger = self.passport.ledger
        return ledger is not None and abs(cause_of(ledger, cause)[0]) >= LEAST_CONCERN

    def change(self) -> str:
        """Return how the family stood before; empty on a first list."""
        return self.flag.change.standing if self.flag.change else ""


Fits = Callable[[Told], bool]
FEED_IS_MISSING, IS_PROTECTED = "The whole feed of an agency is missing", "A family with a protected identity"
KINDS: Sequence[tuple[str, Fits]] = (
    ("The family at the top", lambda told: told.on.head.kind == "offer" and told.flag.rank == 1),
    ("A family never known before, on a place kept for such", lambda told: told.never_known and told.flag.kept_place),
    ("A child is expected", lambda told: told.has("unborn_child") > 0),
    ("A newborn", lambda told: told.has("infants") > 0),
    (
        "Children under five alone, none of them at school",
        lambda told: 0 < told.has("children") == told.has("children_under_five") and not told.is_at_school(),
    ),
    ("Teenagers alone", lambda told: 0 < told.has("children") == told.has("teenagers")),
    ("The young people come first", lambda told: told.first_concern() == "young people"),
    ("A large family", lambda told: told.has("children") >= 5),
    ("A child with two homes: parents who live apart", lambda told: told.in_two_homes),
    ("An agency has no record of the family", lambda told: bool(told.flag.unknowns)),
    (FEED_IS_MISSING, lambda told: told.was_moved_by("feed_outage")),
    (IS_PROTECTED, lambda told: told.has_another_identity),
    ("Not among those considered the week before", lambda told: told.change() == "newly_considered"),
    ("Two families became one", lambda told: told.change() == "merged"),
    ("Models differ on the place", lambda told: _width(told.flag) > 100),
    ("School attendance comes first", lambda told: told.first_concern() == "school attendance"),
    ("Domestic abuse comes first", lambda told: told.first_concern() == "domestic abuse"),
    ("Alcohol or drugs come first", lambda told: told.first_concern() == "alcohol or drugs"),
    ("With early help already", lambda told: told.on.head.kind == "review"),
    ("No concern stands out", lambda told: not told.first_concern()),
)


def _width(flag: Flag) -> int:
    return flag.rank_range.worst - flag.rank_range.best if flag.rank_range else 0


def written_out(root: Path) -> str:
    """Return the page. A kind that the project's lists do not hold is named as such."""
    last = published_heads(root / "var")[0].as_of_date
    project = load_project(root, on=last)
    made = made_from(project, last)
    lists, without = _lists(root, made, last)
    kinds = _Kinds(made, _with_another_identity(project, made.generation, last), last)
    everybody = [*kinds.told(lists), *kinds.told(without, without_feed=True)]
    shown: set[str] = set()
    parts = [OPENING]
    for number, (kind, fits) in enumerate(KINDS, start=1):
        fitting = (each for each in everybody if each.without_feed == (kind == FEED_IS_MISSING) and fits(each))
        told = next((each for each in fitting if each.flag.family_id not in shown), None)
        page = _page(told) if told else "No family of the demo fits."
        parts.append(f"## {number}. {kind}\n\n{_before(kind, project, made, last)}{page}\n")
        shown |= {told.flag.family_id} if told else set()
    return "\n".join(parts)


def _before(kind: str, project: Project, made: MadeFrom, last: date) -> str:
    if kind == IS_PROTECTED:
        return f"{_protected(project)}\n\n{ANOTHER_IDENTITY}\n"
    if kind != FEED_IS_MISSING:
        return ""
    agency = next(each.agency for each in plan_from_json(made.bundle.plan_json).sources if each.name == FAILED)
    return f"The list as it would be if {agency} had sent no records since {in_words(last - SILENT_FOR)}.\n\n"


def _protected(project: Project) -> str:
    agencies = {source.name: source.agency for source in project.sources}
    with open_staging(project.data) as staging:
        cases = protected_cases(staging, project.contract, agencies)
    told = [f"{count_of(each.cases, 'case')} in the records of {each.agency}: {each.handling}." for each in cases]
    return "\n".join([PROTECTED, *(f"- {each}" for each in told), f"- {ASK_THE_AGENCY}"])


def _lists(root: Path, given: MadeFrom, last: date) -> tuple[Sequence[PublishedList], Sequence[PublishedList]]:
    """Return a date's lists, as published and made long, and those had one agency sent nothing for some weeks."""
    made = _long(given)
    of_the_date = [each.id for each in published_heads(root / "var") if each.as_of_date == last]
    published = [read_list(root / "var", each) for each in of_the_date]
    with TemporaryDirectory() as name, step("Making long lists"):
        data = Path(name)
        (data / GENERATIONS).symlink_to(root / "var" / GENERATIONS)
        before = last - timedelta(weeks=1)
        publish(made, data=data, as_of_date=before, published_at=_at(before))
        made = replace(made, past=Past(data))
        failed = replace(made, generation=_without_feed(made.generation, last - SILENT_FOR))
        whole, without = (make_lists(each, as_of_date=last, published_at=_at(last)) for each in (made, failed))
        return [*published, *whole], without


def _without_feed(generation: Generation, until: date) -> Generation:
    """Return the generation as it covers what one source sent until a day, and nothing of that source after it."""
    coverage = tuple(
        replace(each, until=min(each.until, until)) if each.source == FAILED else each for each in generation.coverage
    )
    return replace(generation, manifest=replace(generation.manifest, coverage=coverage))


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


def _long(made: MadeFrom) -> MadeFrom:
    long = {"minutes": FAMILIES_ON_A_LIST, "minutes_a_family": 1}
    kinds = tuple(kind.model_copy(update=long) for kind in made.service.list)
    return replace(made, service=made.service.model_copy(update={"list": kinds}))


@dataclass(frozen=True)
class _Kinds:
    """What is looked up of families beside their flags, to tell of what kind they are."""

    made: MadeFrom
    with_another_identity: frozenset[str]
    on: date

    def told(self, lists: Sequence[PublishedList], *, without_feed: bool = False) -> list[Told]:
        """Return every listed family with its kinds, a list after the other, by rank."""
        return [
            Told(
                on=published,
                passport=passport,
                in_two_homes=passport.flag.family_id in self._in_two_homes,
                never_known=passport.flag.family_id in self._never_known,
                has_another_identity=passport.flag.family_id in self.with_another_identity,
                without_feed=without_feed,
            )
            for published in lists
            for passport in published.passports
        ]

    @cached_property
    def _in_two_homes(self) -> frozenset[str]:
        return _in_two_homes(self.made.generation, self.on)

    @cached_property
    def _never_known(self) -> frozenset[str]:
        name = self.made.service.never_known
        if name is None:
            return frozenset()
        return frozenset(select(self.made.cohorts[name], self.made.generation, self.on).tolist())


def _with_another_identity(project: Project, generation: Generation, on: date) -> frozenset[str]:
    """Return the families of whoever has had another identity since a day."""
    people = PeopleIndex(generation)
    with open_staging(project.data) as staging:
        records = marks_of(staging)["record_id"].to_pylist()
    persons = {person for each in records if (person := people.person_of(each, on)) is not None}
    return frozenset(family for person in persons for family in people.families_of(person, on))


def _in_two_homes(generation: Generation, on: date) -> frozenset[str]:
    """Return the families of children who belong to two on a date."""
    rows = generation.memberships()
    until = pc.fill_null(pc.greater_equal(rows["visible_to"], on), fill_value=True)
    children = rows.filter(pc.and_(pc.and_(pc.less_equal(rows["visible_from"], on), until), rows["is_child"]))
    counted = children.group_by("person_id").aggregate([("family_id", "count_distinct")])
    twice = counted.filter(pc.greater(counted["family_id_count_distinct"], 1))["person_id"].combine_chunks()
    return frozenset(children.filter(pc.is_in(children["person_id"], twice))["family_id"].to_pylist())


def _page(told: Told) -> str:
    flag, head = told.flag, told.on.head
    stop = "" if head.title.endswith("?") else "."
    kept = f", {place_kept(head.many, head.kept_for)}" if flag.kept_place else ""
    place = f"{head.title}{stop} Rank {flag.rank:,} of {head.families:,} considered{kept}."
    lines = [place, " ".join(f"{each}." for each in rank_lines(flag)), "", f"**{flag.band.sentence}**", ""]
    lines += _section("What goes well", [_reason(each) for each in flag.reasons if each.is_strength])
    concerns = [_reason(each) for each in flag.reasons if not each.is_strength]
    lines += _section("Why to look", concerns or [NOTHING_STANDS_OUT])
    lines += _section("What changed", [f"{each}." for each in (change_lines(flag.change) if flag.change else ())])
    lines += _section("What is not known", [f"{'. '.join(gap_lines(each))}." for each in flag.unknowns])
    return "\n".join(lines).rstrip()


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", "", *(f"- {line}" for line in lines), ""] if lines else []


def _reason(reason: Reason) -> str:
    told = said(reason)
    return f"{told.concern}. {told.sentence}. {f'{told.recorded}.' if told.recorded else ''}".rstrip()


def main() -> None:
    """Write docs/families.md."""
    parser = argparse.ArgumentParser(description="Twenty families, as a panel reads them.")
    parser.add_argument("--project", type=Path, default=ROOT / "targeting-demo")
    PAGE.write_text(written_out(parser.parse_args().project), encoding="utf-8")


if __name__ == "__main__":
    main()
