"""The staging database: one writer, private files, tables that follow the contract."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from targeting.errors import DataError
from targeting.records.contract import contract
from targeting.records.definition import Column, FactKind
from targeting.store.pseudonyms import derived_key, pseudonym
from targeting.store.staging import Staging, fact_table, open_staging


def test_an_empty_staging_database_answers_with_nothing(tmp_path: Path) -> None:
    with open_staging(tmp_path) as staging:
        assert staging.fact_kinds() == ()
        assert staging.is_synthetic() is None
        assert staging.inputs() == {}
        for table in (staging.deliveries(), staging.person_records(), staging.relationships(), staging.quarantine()):
            assert table.num_rows == 0
        with pytest.raises(KeyError, match="contact"):
            staging.facts("contact")


def test_a_second_process_is_told_who_has_the_database_open(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\nfrom targeting.store.staging import open_staging\n"
        f"with open_staging(Path({str(tmp_path)!r})): pass"
    )
    with open_staging(tmp_path):
        second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "DataError" in second.stderr
    assert "staging.duckdb: open in process" in second.stderr
    assert "one load or link runs at a time" in second.stderr


def test_its_files_are_private_while_it_is_written_and_after(tmp_path: Path) -> None:
    with open_staging(tmp_path) as staging:
        staging.prepare_facts(contract()["contact"])
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes["staging.duckdb"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_column_that_the_contract_gains_is_added(tmp_path: Path) -> None:
    kind = contract()["contact"]
    wider = replace(kind, columns=(*kind.columns, Column(name="hours", description="How long", type="number")))
    with open_staging(tmp_path) as staging:
        staging.prepare_facts(kind)
        staging.prepare_facts(wider)
        assert "hours" in staging.facts("contact").column_names


def _begin_and_fail(staging: Staging, kind: FactKind) -> None:
    with staging.transaction():
        staging.prepare_facts(kind)
        staging.know_fact_ids()
        message = "amid the file"
        raise RuntimeError(message)


def test_what_a_failed_transaction_had_made_is_made_again(tmp_path: Path) -> None:
    kind = contract()["contact"]
    with open_staging(tmp_path) as staging:
        with pytest.raises(RuntimeError, match="amid the file"):
            _begin_and_fail(staging, kind)
        assert staging.fact_kinds() == ()
        staging.prepare_facts(kind)
        staging.know_fact_ids()
        assert (staging.fact_kinds(), staging.table("from fact_ids").num_rows) == (("contact",), 0)


def test_a_column_that_changed_its_type_stops_the_load(tmp_path: Path) -> None:
    kind = contract()["contact"]
    other = replace(kind, columns=(replace(kind.columns[0], type="integer"), kind.columns[1]))
    with open_staging(tmp_path) as staging:
        staging.prepare_facts(kind)
        with pytest.raises(
            DataError, match=r"contact\.referral_source was loaded as varchar; the contract now says bigint"
        ):
            staging.prepare_facts(other)


@pytest.mark.parametrize("name", ["Contact", "contact; drop table facts", 'a"b', ""])
def test_only_a_plain_name_names_a_table(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a kind of fact"):
        fact_table(name)


def test_a_pseudonym_follows_from_key_purpose_and_text_alone() -> None:
    key, other = bytes(32), bytes([1]) * 32
    assert pseudonym(key, "person", "police/1") == pseudonym(key, "person", "police/1")
    names = {pseudonym(k, p, t) for k in (key, other) for p in ("person", "family") for t in ("police/1", "police/2")}
    assert len(names) == 8
    assert all(len(name) == 26 and set(name) <= set("abcdefghijklmnopqrstuvwxyz234567") for name in names)
    assert derived_key(key, "person") != derived_key(key, "family")
