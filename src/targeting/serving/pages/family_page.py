"""One family as a page shows it."""

from dataclasses import dataclass

from targeting.serving.contents import Flag
from targeting.serving.library import Found
from targeting.serving.pages.list_page import Link, shadow_notice, suspended_notice, synthetic_notice, title_of_family
from targeting.serving.pages.model_words import ModelSaid
from targeting.serving.pages.print_style import print_address
from targeting.serving.pages.words import SaidReason, families, kept_place, reach, said
from targeting.serving.published import PublishedList
from targeting.serving.reading import ReadList
from targeting.serving.sentences import in_words
from targeting.serving.terminal import change_lines, gap_lines, rank_lines


@dataclass(frozen=True, kw_only=True)
class FamilyView:
    """All that a family's page says; `previous` and `following` are its neighbours on the list."""

    title: str
    number: int
    of: int
    list_title: str
    panel: str
    as_of: str
    back: str
    synthetic: str
    shadow: str
    suspended: str
    urgent: str
    one: str
    family_id: str
    flag_id: str
    band: str
    place: str
    kept: str
    plausible: tuple[str, ...]
    changes: tuple[str, ...]
    expires: str
    strengths: tuple[SaidReason, ...]
    concerns: tuple[SaidReason, ...]
    unknowns: tuple[str, ...]
    withheld: tuple[str, ...]
    previous: Link | None
    following: Link | None
    facts: tuple[tuple[str, str], ...]
    reach: tuple[tuple[str, str], ...]
    print_address: str


def view_of_family(found: Found, read: ReadList, model: ModelSaid) -> FamilyView:
    """Return what the page of a flag shows to its reader, who reads its list as `read`."""
    published, head = read.published, read.published.head
    number = [each.id for each in published.flags].index(found.flag.id) + 1
    flag = published.flags[number - 1]
    return FamilyView(
        title=title_of_family(head, number),
        number=number,
        of=len(published.flags),
        list_title=head.title,
        panel=head.panel_title,
        as_of=in_words(head.as_of_date),
        back=f"/lists/{head.id}#family-{number}",
        synthetic=synthetic_notice(head),
        shadow=shadow_notice(head),
        suspended=suspended_notice(read),
        urgent=head.urgent,
        one=head.one,
        family_id=flag.family_id,
        flag_id=flag.id,
        band=flag.band.sentence,
        place=f"{flag.rank:,} of {families(head.families, head)} considered",
        kept=kept_place(head, flag.rank) if flag.kept_place else "",
        plausible=tuple(rank_lines(flag)),
        changes=tuple(change_lines(flag.change)) if flag.change else (),
        expires=in_words(flag.expires_on),
        strengths=tuple(said(each) for each in flag.reasons if each.is_strength),
        concerns=tuple(said(each) for each in flag.reasons if not each.is_strength),
        unknowns=tuple(". ".join(gap_lines(each)) for each in flag.unknowns),
        withheld=tuple(each.sentence for each in read.withheld[flag.id]),
        previous=_neighbour(published, number - 1),
        following=_neighbour(published, number + 1),
        facts=_how_made(found, model),
        reach=reach(head.data_as_of),
        print_address=print_address(head),
    )


def _neighbour(published: PublishedList, number: int) -> Link | None:
    if not 1 <= number <= len(published.flags):
        return None
    neighbour: Flag = published.flags[number - 1]
    return Link(title_of_family(published.head, number), f"/flags/{neighbour.id}")


def _how_made(found: Found, model: ModelSaid) -> tuple[tuple[str, str], ...]:
    """Return what the flag's passport names, by which it can be computed again and proved."""
    made_by, looked_at = found.passport.provenance, found.passport.indicators
    known = sum(each.value is not None for each in looked_at)
    return (
        ("Model", f"{model.name}, version {model.version}"),
        ("Looked at", f"{len(looked_at):,} indicators, of which {known:,} are known for this {found.on.head.one}"),
        ("Flag", found.flag.id),
        ("List", found.on.head.id),
        ("State of the records", made_by.generation_id),
        ("What the district declared", made_by.declarations_digest),
        ("Program", f"Targeting {made_by.code_version}"),
        ("Proof kept until", in_words(found.on.head.keep_until)),
    )
