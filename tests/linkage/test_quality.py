"""Linkage measured on labelled files: pairs counted by hand, what was missed and why, files read as they come."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.linkage.definition import Linkage
from targeting.linkage.labelled import LabelledRecords, columns_of_text, labels, read_labelled
from targeting.linkage.quality import LinkQuality, Pairs, for_size, measure_quality, pairs_of

COLUMNS = columns_of_text(
    "given_name=first, family_name=last, date_of_birth=born, house_number=no, address=street, postcode=code"
)
RECORDS = """id, first, last, born, no, street, code
a-1, Rosie, Bairstow, 19800217, 12, Elm Street, BD1 1AA
a-2, Rosie, Bairstow, 1980-02-17, 12, Elm St, BD1 1AA
a-3, Rosei, Bairstow, 17/02/1980, 12, Elm Road, BD1 1AB
b-1, Imogen, Crabtree, 19910730, 4, Ash Lane, BD2 2AA
b-2, Tabitha, Crabtree, 19910730, 4, Ash Lane, BD2 2AA
c-1, Dylan, , 19751340, , ,
c-2, , Ogden, , , ,
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("labelled")

    def write(text: str) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def labelled(written: Callable[[str], Path]) -> LabelledRecords:
    return read_labelled([written(RECORDS)], COLUMNS, labels("id", r"(\w)-\d"))


@pytest.fixture(scope="module")
def quality(labelled: LabelledRecords, linkage: Linkage) -> LinkQuality:
    return measure_quality(labelled, linkage)


def test_pairs_are_counted_within_one_file_and_across_two() -> None:
    """Records 0-2 are one person, 3 and 4 another; joined are 0, 1 and 3."""
    truth, person = np.array([0, 0, 0, 1, 1]), np.array([7, 7, 8, 7, 9])
    assert pairs_of(person, truth, np.zeros(5, np.int64)) == Pairs(true=4, joined=3, right=1)
    # Across files of two and three records: true are 0-2 and 1-2, joined 0-3 and 1-3.
    across = pairs_of(person, truth, np.array([0, 0, 1, 1, 1]))
    assert across == Pairs(true=2, joined=2, right=0)
    assert (across.precision, across.recall, across.f1) == (0.0, 0.0, 0.0)


def test_a_file_is_read_as_it_comes_and_what_is_no_date_is_left_out_and_counted(labelled: LabelledRecords) -> None:
    rows = labelled.records.to_pylist()
    assert {str(row["date_of_birth"]) for row in rows[:3]} == {"1980-02-17"}
    assert rows[1]["street"] == "Elm St"
    assert rows[5]["family_name"] is rows[5]["date_of_birth"] is None
    assert labelled.truth.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert labelled.unreadable == {"date_of_birth": 1}


def test_what_twins_look_like_is_not_joined_and_is_said_to_be_the_reason(quality: LinkQuality) -> None:
    assert quality.pairs == Pairs(true=5, joined=3, right=3)
    assert quality.missed == {"agree on fewer than two things": 1, "contradict each other": 1}
    assert quality.contradictions == {"other given names": 1}
    assert quality.by_weights_alone == Pairs(true=5, joined=4, right=4)


SLIPS = """id, first, last, born, no, street, code
a-1, Dylan, Ogden, 2004-01-30, 4, Elm Street, BD1 4AA
a-2, Dyaln, Ogden, 1997-11-12, 4, Elm Street, BD1 4AA
b-1, Tavia, Ramsden, 1994-02-28, 3, Ash Lane, BD2 3AA
c-1, Taviia, Ramsden, 1987-12-14, 3, Ash Lane, BD2 3AA
d-1, Jude, Farrar, 1982-09-05, 8, Oak Row, BD3 8AA
d-2, Farrar, Jude, 1982-01-27, 8, Oak Row, BD3 8AA
"""


def test_a_birth_wrong_in_every_part_is_forgiven_a_slip_of_a_known_name_and_names_in_each_others_place(
    written: Callable[[str], Path], linkage: Linkage
) -> None:
    """Nobody is called Dyaln; Tavia and Taviia may be two sisters, for the district knows neither name."""
    found = measure_quality(read_labelled([written(SLIPS)], COLUMNS, labels("id", r"(\w)-\d")), linkage)
    assert found.pairs == Pairs(true=2, joined=2, right=2)
    assert found.by_weights_alone == Pairs(true=2, joined=3, right=2)


def test_numbers_that_fail_their_check_are_left_out_and_counted(written: Callable[[str], Path]) -> None:
    path = written("id,nhs,upn\nx,9990000018,H801200001001\ny,9990000019,A801200001001\n")
    found = read_labelled([path], columns_of_text("nhs_number=nhs,upn=upn"), labels("id", None))
    rows = found.records.to_pylist()
    assert [row["nhs_number"] for row in rows] == ["9990000018", None]
    assert [row["upn"] for row in rows] == ["H801200001001", None]
    assert found.unreadable == {"nhs_number": 1, "upn": 1}


def test_a_small_file_has_fewer_strangers_to_a_record(linkage: Linkage, quality: LinkQuality) -> None:
    assert for_size(linkage, 5_000).prior == pytest.approx(linkage.prior * 100)
    assert quality.prior == 0.1


def test_a_file_without_labels_or_columns_is_refused(written: Callable[[str], Path]) -> None:
    path = written("id,first\nx,Ann\n")
    with pytest.raises(DeclarationError) as told:
        read_labelled([path], {"given_name": "fist", "email": "mail"}, labels("id", None))
    assert [str(fault).removeprefix(f"{path}: ") for fault in told.value.faults] == [
        "no column is named 'fist'. Those that do: first, id. Did you mean first?",
        "no column is named 'mail'. Those that do: first, id.",
    ]
    with pytest.raises(DataError, match="line 2: id does not say who the record is of"):
        read_labelled([path], {"given_name": "first"}, labels("id", r"\d+"))
    with pytest.raises(DataError, match="holds no records"):
        read_labelled([written("id,first\n")], {"given_name": "first"}, labels("id", None))
    with pytest.raises(DataError, match="is no regular expression"):
        labels("id", "(")


def test_every_fault_of_the_columns_is_told_at_once() -> None:
    with pytest.raises(DeclarationError) as told:
        columns_of_text("given_nam=first,email=,upn=a,upn=b")
    assert [fault.message for fault in told.value.faults] == [
        "'email' needs a column of the file, as in `email=their_name`.",
        "each of ours is named once.",
        "no column of ours is named 'given_nam'. Those that do: address, date_of_birth, email, family_name, "
        "given_name, house_number, locality, nhs_number, postcode, sex, upn. Did you mean given_name?",
    ]
