"""Text out of a file is the same array of text however it is read."""

import numpy as np
import pyarrow as pa
import pytest

from targeting.store.vocabularies import text_array


@pytest.mark.parametrize(
    "texts",
    [
        ["f_01", "f_02", "f_10"],
        ["a", "bcd", ""],
        ["é1", "ab"],
        ["é", "ab"],
        ["", ""],
        [],
    ],
    ids=["one length", "several lengths", "as many letters, not bytes", "not ASCII", "empty texts", "none"],
)
def test_texts_are_the_same_as_one_by_one(texts):
    found = text_array(pa.array(texts, pa.string()))
    assert found.tolist() == texts
    assert found.dtype == np.asarray(texts, dtype=np.str_).dtype
    assert text_array(pa.chunked_array([texts, texts], pa.string())).tolist() == texts + texts


def test_a_part_of_an_array_is_read_from_where_it_begins():
    assert text_array(pa.array(["f_01", "f_02", "f_10", "f_11"]).slice(1, 2)).tolist() == ["f_02", "f_10"]
    assert text_array(pa.array(["f_01", "f_02"], pa.large_string())).tolist() == ["f_01", "f_02"]
