"""What a request may hold, said by its schema to the last code."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from targeting.records.contract import contract
from targeting.serving.scores.request import score_request

MODEL = score_request(contract())
SCHEMA = MODEL.model_json_schema()
CHILD = {"system": "request", "value": "child"}
RECORD = {
    "kind": "domestic_abuse_incident",
    "person": CHILD,
    "source": "police",
    "event_date": "2026-03-01",
    "knowledge_date": "2026-03-02",
    "child_present": True,
}


def refused(body: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(ValidationError) as caught:
        MODEL.model_validate_json(json.dumps(body))
    return [(error["type"], error["loc"]) for error in caught.value.errors()]


def test_its_examples_fit_in_json_and_in_python() -> None:
    assert len(SCHEMA["examples"]) == 4
    for example in SCHEMA["examples"]:
        assert MODEL.model_validate_json(json.dumps(example)) == MODEL.model_validate(example)


def test_each_kind_has_a_schema_with_its_columns_bounds_and_codes() -> None:
    mapping = SCHEMA["properties"]["records"]["items"]["discriminator"]["mapping"]
    assert set(mapping) == set(contract())
    grade = SCHEMA["$defs"]["DomesticAbuseIncidentRecord"]["properties"]["grade"]
    assert grade["anyOf"] == [{"enum": ["standard", "medium", "high"], "type": "string"}, {"type": "null"}]
    decile = SCHEMA["$defs"]["AddressRecordedRecord"]["properties"]["deprivation_decile"]["anyOf"][0]
    assert (decile["type"], decile["minimum"], decile["maximum"]) == ("integer", 1, 10)
    assert SCHEMA["$defs"]["ReferralRecord"]["required"][-2:] == ["episode_id", "referral_source"]
    assert "2A: a school" in SCHEMA["$defs"]["ReferralRecord"]["properties"]["referral_source"]["description"]


def test_what_may_be_left_out_is_not_null() -> None:
    assert "null" not in json.dumps(SCHEMA["properties"]["family"])
    assert refused({"family": None}) == [("model_type", ("family",))]
    assert refused({"records": [RECORD | {"superseded_on": None}]})[0][0] == "date_type"
    assert refused({}) == [("value_error", ())]
    assert SCHEMA["anyOf"] == [{"required": [name]} for name in ("family", "people", "records")]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"child_present": 1}, "bool_type"),
        ({"grade": "medium "}, "literal_error"),
        ({"event_date": "2026-3-1"}, "date_type"),
        ({"event_date": "2026-02-30"}, "date_type"),
        ({"event_date": "2026-03-01T00:00:00"}, "date_type"),
        ({"event_date": 20513}, "date_type"),
        ({"person": {"system": "request", "value": " "}}, "string_pattern_mismatch"),
        ({"person": {"system": "request"}}, "missing"),
        ({"hours": 3}, "extra_forbidden"),
        ({"own_grade": "high"}, "extra_forbidden"),
    ],
)
def test_nothing_is_converted_and_nothing_more_is_taken(changes: dict[str, Any], kind: str) -> None:
    assert refused({"records": [RECORD | changes]})[0][0] == kind


@pytest.mark.parametrize(("hours", "kind"), [(-1, "greater_than_equal"), (2e9, "less_than_equal"), ("3", "float_type")])
def test_a_number_has_bounds(hours: Any, kind: str) -> None:
    missing = {name: RECORD[name] for name in ("person", "source", "event_date", "knowledge_date")}
    assert refused({"records": [missing | {"kind": "missing_episode", "hours": hours}]})[0][0] == kind


def test_an_id_is_not_in_what_is_printed() -> None:
    request = MODEL.model_validate({"family": {"system": "schools", "value": "104729"}})
    assert "104729" not in repr(request)
    assert request.family is not None
    assert request.family.value == "104729"
