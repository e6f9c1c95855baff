"""Who is sealed: whoever a generation held and the current one does not, for no generation says who is."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa

from targeting.records.contract import contract
from targeting.serving.access.sealed import Sealed
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, SUCCESSIONS, GenerationContents
from targeting.store.generations import prune, write_generation
from targeting.store.manifest import SourceCoverage


def generation(data: Path, families: Iterable[str], went_on: Iterable[tuple[str, str]] = ()) -> None:
    """Write the next generation: its families, each of one person, and which went on as which."""
    members = [
        {
            "family_id": each,
            "person_id": f"p_{each}",
            "is_child": True,
            "birth_date": date(2018, 1, 1),
            "visible_from": date(2019, 1, 1),
            "visible_to": None,
        }
        for each in families
    ]
    successions = [
        {"family_id": one, "successor_id": other, "from_date": date(2026, 1, 1), "how": "went_on_as", "records": 1}
        for one, other in went_on
    ]
    contents = GenerationContents(
        facts={},
        memberships=pa.Table.from_pylist(members, schema=MEMBERSHIPS),
        agency_links=AGENCY_LINKS.empty_table(),
        coverage=(SourceCoverage("police", "contact", date(2015, 1, 1), date(2026, 3, 29)),),
        contract=contract(),
        synthetic=True,
        inputs={},
        successions=pa.Table.from_pylist(successions, schema=SUCCESSIONS),
    )
    write_generation(data, contents)


def test_a_family_that_the_current_generation_leaves_out_is_sealed_to_all_but_the_manager(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path, manager="mia")
    assert sealed.to("ada") == frozenset()
    generation(tmp_path, ["f_a", "f_b", "f_c"])
    assert sealed.to("ada") == frozenset()
    # c went on as a, d is new; of b there is not a word.
    generation(tmp_path, ["f_a", "f_d"], [("f_c", "f_a")])
    assert sealed.to("ada") == {"f_b"}
    assert sealed.to("mia") == frozenset()
    # The mark was withdrawn.
    generation(tmp_path, ["f_a", "f_b", "f_d"], [("f_c", "f_a")])
    assert sealed.to("ada") == frozenset()


def test_families_of_a_generation_that_nothing_names_any_more_are_nobodys_matter(tmp_path: Path) -> None:
    for families in (["f_a", "f_b"], ["f_a", "f_c"], ["f_a"]):
        generation(tmp_path, families)
    prune(tmp_path)
    assert Sealed(tmp_path, manager=None).to("ada") == {"f_c"}
