"""Twenty families of a synthetic district, of every kind that matters, written out as a panel would read them.

From a project with published lists (the demo's, by default), with lists long enough to hold every kind: the first
family by rank that fits. Writes docs/families.md; the same project gives the same bytes.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.compute as pc

from targeting.commands.console import step
from targeting.commands.publishing import made_from
from targeting.features.engine import select
from targeting.project.loading import load_project
from targeting.serving.contents import Flag, Passport, Reason
from targeting.serving.lists import make_lists, publish
from targeting.serving.pages.words import said
from targeting.serving.past import Past
from targeting.serving.published import PublishedList, published_heads
from targeting.serving.terminal import NOTHING_STANDS_OUT, change_lines, gap_lines, rank_lines
from targeting.serving.week import MadeFrom
from targeting.store.generations import GENERATIONS, Generation

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "families.md"
FAMILIES_ON_A_LIST = 600
OPENING = """# Twenty families

What a panel reads of families of every kind that matters. All of them are synthetic: no family here exists. Written by
`make families` from the demo's records, with lists long enough to hold every kind; the rank is the family's own. Each
is the first by rank that fits its heading and stands under no other.

A family with a **protected identity** (adopted, in a refuge, in witness protection, of staff) is nowhere on this page:
no list holds it, and what is known of it goes to a named manager. A family that a threshold rule sends to the front
door is not here either: nobody waits for a meeting.

This list is a prompt to look, not evidence. A child at risk of harm now goes to the safeguarding route today.
"""


@dataclass(frozen=True)
class Told:
    """A listed family with its list; `has` gives an indicator's value, 0 where it is unknown."""

    on: PublishedList
    passport: Passport
    in_two_homes: bool
    never_known: bool

    @property
    def flag(self) -> Flag:
        """Return the family's flag."""
        return self.passport.flag

    def has(self, name: str) -> float:
        """Return the value of an indicator by its name in its file; 0 where unknown."""
        return next((each.value or 0.0 for each in self.passport.indicators if each.name.split(".")[-1] == name), 0.0)

    def first_concern(self) -> str:
        """Return the concern of the strongest reason to look; empty where none stands out."""
        return next((each.concern for each in self.flag.reasons if not each.is_strength), "")

    def concerns(self) -> frozenset[str]:
        """Return the concerns of the reasons to look."""
        return frozenset(each.concern for each in self.flag.reasons if not each.is_strength)

    def change(self) -> str:
        """Return how the family stood before; empty on a first list."""
        return self.flag.change.standing if self.flag.change else ""


Fits = Callable[[Told], bool]
KINDS: Sequence[tuple[str, Fits]] = (
    ("The family at the top", lambda told: told.on.head.kind == "offer" and told.flag.rank == 1),
    ("A family never known before", lambda told: told.never_known),
    ("A child is expected", lambda told: told.has("unborn_child") > 0),
    ("A newborn", lambda told: told.has("infants") > 0),
    ("Children under five alone", lambda told: 0 < told.has("children") == told.has("children_under_five")),
    ("Teenagers alone", lambda told: 0 < told.has("children") == told.has("teenagers")),
    ("A large family", lambda told: told.has("children") >= 5),
    ("A child with two homes: parents who live apart", lambda told: told.in_two_homes),
    ("An agency has no record of the family", lambda told: bool(told.flag.unknowns)),
    ("Something was newly recorded", lambda told: bool(told.flag.change and told.flag.change.new_records)),
    ("Not among those considered the week before", lambda told: told.change() == "newly_considered"),
    ("Two families became one", lambda told: told.change() == "merged"),
    ("Models differ on the place", lambda told: _width(told.flag) > 100),
    ("School attendance comes first", lambda told: told.first_concern() == "school attendance"),
    ("Domestic abuse comes first", lambda told: told.first_concern() == "domestic abuse"),
    ("The mental health of an adult is a reason", lambda told: "mental health of an adult" in told.concerns()),
    ("Alcohol or drugs come first", lambda told: told.first_concern() == "alcohol or drugs"),
    ("Young people come first", lambda told: told.first_concern() == "young people"),
    ("Earlier plans come first", lambda told: told.first_concern() == "earlier help and plans"),
    ("With early help already", lambda told: told.on.head.kind == "review"),
    ("No concern stands out", lambda told: not told.first_concern()),
)


def _width(flag: Flag) -> int:
    return flag.rank_range.worst - flag.rank_range.best if flag.rank_range else 0


def written_out(root: Path) -> str:
    """Return the page. A kind that the project's lists do not hold is named as such."""
    last = published_heads(root / "var")[0].as_of_date
    lists = _lists(root, last)
    everybody = _everybody(lists, made_from(load_project(root, on=last), last), last)
    shown: set[str] = set()
    parts = [OPENING]
    for number, (kind, fits) in enumerate(KINDS, start=1):
        told = next((each for each in everybody if each.flag.id not in shown and fits(each)), None)
        parts.append(f"## {number}. {kind}\n\n{_page(told) if told else 'No family of the demo fits.'}\n")
        shown |= {told.flag.id} if told else set()
    return "\n".join(parts)


def _lists(root: Path, last: date) -> tuple[PublishedList, ...]:
    made = _long(made_from(load_project(root, on=last), last))
    with TemporaryDirectory() as name, step("Making long lists"):
        data = Path(name)
        (data / GENERATIONS).symlink_to(root / "var" / GENERATIONS)
        before = last - timedelta(weeks=1)
        publish(made, data=data, as_of_date=before, published_at=_at(before))
        return make_lists(replace(made, past=Past(data)), as_of_date=last, published_at=_at(last))


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


def _long(made: MadeFrom) -> MadeFrom:
    long = {"minutes": FAMILIES_ON_A_LIST, "minutes_a_family": 1}
    kinds = tuple(kind.model_copy(update=long) for kind in made.service.list)
    return replace(made, service=made.service.model_copy(update={"list": kinds}))


def _everybody(lists: Sequence[PublishedList], made: MadeFrom, on: date) -> list[Told]:
    apart = _in_two_homes(made.generation, on)
    name = made.service.never_known
    never_known = set(select(made.cohorts[name], made.generation, on).tolist()) if name else set()
    return [
        Told(published, passport, passport.flag.family_id in apart, passport.flag.family_id in never_known)
        for published in lists
        for passport in published.passports
    ]


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
    place = f"{head.title}. Rank {flag.rank:,} of {head.families:,} considered."
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
