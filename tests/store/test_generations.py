"""A generation is whole or absent, equal for equal contents, and never rewritten."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.errors import DataError
from targeting.store.contents import GenerationContents
from targeting.store.generations import open_generation, prune, write_generation
from targeting.store.manifest import SourceCoverage, contract_fingerprint


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_generation_gives_back_what_it_was_written_from(contents: GenerationContents, tmp_path: Path) -> None:
    written = write_generation(tmp_path, contents)
    generation = open_generation(tmp_path)
    assert generation.id == written.id
    assert not generation.synthetic
    assert generation.sources == ("a",)
    assert generation.coverage == contents.coverage
    assert generation.data_until == date(2024, 6, 30)
    assert generation.family_ids().tolist() == ["f_1", "f_2", "f_3"]
    assert generation.memberships().equals(contents.memberships)
    assert generation.agency_links().equals(contents.agency_links)
    assert generation.facts("visit")["fact_id"].to_pylist() == [1, 2, 3, 4, 5]
    assert generation.facts("suspension").num_rows == 0
    assert len(generation.manifest_digest) == 64
    generation.verify()


def test_the_same_contents_in_any_order_make_the_same_id_and_bytes(
    contents: GenerationContents, tmp_path: Path
) -> None:
    backwards = pa.array(range(4, -1, -1))
    shuffled = replace(
        contents,
        facts={"visit": contents.facts["visit"].take(backwards)},
        memberships=contents.memberships.take(backwards),
        coverage=contents.coverage[::-1],
    )
    first, second = write_generation(tmp_path / "one", contents), write_generation(tmp_path / "two", shuffled)
    assert first.id == second.id
    assert all_bytes(first.path) == all_bytes(second.path)


@pytest.mark.parametrize(
    "change",
    [
        lambda contents: replace(contents, synthetic=True),
        lambda contents: replace(contents, inputs={"a/visits.csv": "1" * 64}),
        lambda contents: replace(contents, memberships=contents.memberships.slice(0, 3)),
        lambda contents: replace(contents, contract={**contents.contract, "other": contents.contract["visit"]}),
        lambda contents: replace(
            contents, coverage=(SourceCoverage("a", "visit", date(2020, 1, 2), date(2024, 6, 30)),)
        ),
    ],
)
def test_other_contents_make_another_id(
    contents: GenerationContents, tmp_path: Path, change: Callable[[GenerationContents], GenerationContents]
) -> None:
    assert write_generation(tmp_path, contents).id != write_generation(tmp_path, change(contents)).id


def test_writing_switches_to_the_new_generation_and_an_older_one_can_still_be_opened(
    contents: GenerationContents, tmp_path: Path
) -> None:
    first = write_generation(tmp_path, contents)
    second = write_generation(tmp_path, replace(contents, synthetic=True))
    assert open_generation(tmp_path).id == second.id
    assert open_generation(tmp_path, first.id).synthetic is False


def test_writing_the_current_generation_again_changes_nothing(contents: GenerationContents, tmp_path: Path) -> None:
    write_generation(tmp_path, contents)
    before = all_bytes(tmp_path)
    write_generation(tmp_path, contents)
    assert all_bytes(tmp_path) == before


def test_a_write_that_fails_leaves_the_current_generation_and_nothing_else(
    contents: GenerationContents, tmp_path: Path
) -> None:
    write_generation(tmp_path, contents)
    before = all_bytes(tmp_path)
    overlapping = pa.concat_tables([contents.memberships, contents.memberships])
    with pytest.raises(ValueError, match="overlap"):
        write_generation(tmp_path, replace(contents, memberships=overlapping))
    assert all_bytes(tmp_path) == before


def test_a_killed_write_leaves_the_current_generation(contents: GenerationContents, tmp_path: Path) -> None:
    current = write_generation(tmp_path, contents).id
    script = textwrap.dedent(
        """
        import sys
        from datetime import date
        from pathlib import Path
        import pyarrow as pa
        from targeting.records.contract import contract
        from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, GenerationContents
        from targeting.store.generations import write_generation

        day = date(2024, 1, 1)
        rows = [(f"f_{n:05}", f"p_{n:05}", True, None, day, None) for n in range(5000)]
        members = pa.Table.from_pylist([dict(zip(MEMBERSHIPS.names, row)) for row in rows], schema=MEMBERSHIPS)
        contents = GenerationContents({}, members, AGENCY_LINKS.empty_table(), (), contract(), False, {})
        # A shard a family: some seconds of writing.
        write_generation(Path(sys.argv[1]), contents, families_per_shard=1)
        """
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    try:
        while not list((tmp_path / "generations").glob(".unfinished-*/shards/0009")):
            assert writer.poll() is None
            time.sleep(0.02)
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert open_generation(tmp_path).id == current
    assert prune(tmp_path) == ()
    assert [path.name for path in (tmp_path / "generations").iterdir()] == [current]


def test_two_generations_are_kept_and_those_that_are_named(contents: GenerationContents, tmp_path: Path) -> None:
    ids = [write_generation(tmp_path, replace(contents, inputs={"a": str(number)})).id for number in range(4)]
    assert set(prune(tmp_path, keep={ids[0]})) == {ids[1]}
    assert open_generation(tmp_path).id == ids[3]
    open_generation(tmp_path, ids[0]).verify()
    open_generation(tmp_path, ids[2]).verify()


def test_without_a_generation_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no generation yet\. Run `targeting load EXTRACTS` and then `targeting link`"):
        open_generation(tmp_path)


def test_an_unknown_generation_is_named_with_those_that_exist(contents: GenerationContents, tmp_path: Path) -> None:
    existing = write_generation(tmp_path, contents).id
    with pytest.raises(DataError, match=f"no such generation. Those that do: {existing}"):
        open_generation(tmp_path, "nope")


def test_a_changed_file_and_a_changed_manifest_are_found_out(contents: GenerationContents, tmp_path: Path) -> None:
    generation = write_generation(tmp_path, contents)
    facts = generation.path / "facts" / "visit.parquet"
    facts.write_bytes(facts.read_bytes() + b" ")
    (generation.path / "memberships.parquet").unlink()
    with pytest.raises(DataError, match=r"changed since it was written: facts/visit.parquet, memberships.parquet"):
        generation.verify()
    manifest = generation.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"synthetic": false', '"synthetic": true'))
    with pytest.raises(DataError, match=r"manifest\.json: changed since it was written"):
        open_generation(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing or unreadable"),
        ("[]", "missing or unreadable"),
        ('{"store_version": 99}', "store version 99; this program reads 1"),
    ],
)
def test_a_manifest_that_cannot_be_read_says_so(
    contents: GenerationContents, tmp_path: Path, text: str, message: str
) -> None:
    (write_generation(tmp_path, contents).path / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=message):
        open_generation(tmp_path)


def test_files_are_readable_to_their_owner_alone(contents: GenerationContents, tmp_path: Path) -> None:
    write_generation(tmp_path / "var", contents)
    for path in (tmp_path / "var").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_facts_of_a_kind_that_the_contract_lacks_are_refused(contents: GenerationContents, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kinds that the contract does not have: visits"):
        write_generation(tmp_path, replace(contents, facts={"visits": contents.facts["visit"]}))
    with pytest.raises(KeyError, match="visits"):
        write_generation(tmp_path, contents).facts("visits")


def test_without_coverage_there_is_no_last_day(contents: GenerationContents, tmp_path: Path) -> None:
    generation = write_generation(tmp_path, replace(contents, coverage=()))
    with pytest.raises(DataError, match="no source covers any day"):
        _ = generation.data_until


def test_the_fingerprint_of_a_contract_follows_its_rules(contents: GenerationContents) -> None:
    visit = contents.contract["visit"]
    changed = {**contents.contract, "visit": replace(visit, never_an_input="it was asked for")}
    assert contract_fingerprint(contents.contract) == contract_fingerprint(dict(contents.contract))
    assert contract_fingerprint(contents.contract) != contract_fingerprint(changed)
