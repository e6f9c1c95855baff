"""The interface's description: as kept in docs/, with examples that fit their own shapes."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from targeting.records.contract import contract
from targeting.serving.api.document import built_in_description
from targeting.serving.api.documented import InvalidRequest, ProblemDetails
from targeting.serving.api.examples import RESULTS
from targeting.serving.api.rows import JobRow
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served

KEPT = Path(__file__).parents[3] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def described():
    return json.loads(built_in_description())


def test_the_kept_description_is_current(described):
    assert json.loads(KEPT.read_text(encoding="utf-8")) == described, (
        "write it anew: make openapi, or python -m targeting.serving.api.document > docs/openapi.json"
    )


def test_operations_have_names_that_stay(described):
    operations = {
        (method, path): operation["operationId"]
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }
    assert operations == {
        ("get", "/v1/lists"): "read_lists",
        ("get", "/v1/lists/{list_id}"): "read_list",
        ("get", "/v1/lists/{list_id}/flags"): "read_flags",
        ("get", "/v1/flags/{flag_id}"): "read_flag",
        ("get", "/v1/decisions"): "read_decisions",
        ("get", "/v1/flags/{flag_id}/decision"): "read_decision",
        ("put", "/v1/flags/{flag_id}/decision"): "write_decision",
        ("get", "/v1/flags/{flag_id}/decision/revisions"): "read_revisions",
        ("post", "/v1/families/lookup"): "look_up_family",
        ("post", "/v1/scores"): "make_score",
        ("post", "/v1/scoring-jobs"): "make_scoring_job",
        ("get", "/v1/scoring-jobs/{job_id}"): "read_scoring_job",
        ("delete", "/v1/scoring-jobs/{job_id}"): "cancel_scoring_job",
        ("get", "/v1/scoring-jobs/{job_id}/results"): "read_scoring_results",
        ("get", "/v1/models/current"): "read_current_model",
        ("get", "/v1/audits/latest"): "read_latest_audit",
        ("get", "/v1/indicators"): "read_indicators",
        ("get", "/livez"): "is_alive",
        ("get", "/readyz"): "is_ready",
        ("get", "/metrics"): "read_metrics",
    }
    assert described["openapi"].startswith("3.1")


def test_each_example_fits_the_shape_of_its_answer(bare):
    shown = 0
    for router in bare.app.state.interface:
        for route in router.routes:
            success = route.responses[min(route.responses)]
            example = success.get("content", {}).get("application/json", {}).get("example")
            if route.response_model is not None:
                TypeAdapter(route.response_model).validate_json(json.dumps(example))
                shown += 1
    assert shown == 17


def test_every_operation_shows_what_it_takes_and_what_it_gives(described):
    for path, item in described["paths"].items():
        for method, operation in item.items():
            success = operation["responses"][min(operation["responses"])]
            for content in success.get("content", {}).values():
                assert "example" in content, (method, path)
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                is_shown = "example" in parameter or "examples" in parameter or "examples" in schema
                assert is_shown or parameter["name"] == "cursor", (method, path, parameter["name"])


def test_each_line_of_the_example_of_a_jobs_results_fits_its_shape():
    rows = [JobRow.model_validate_json(line) for line in RESULTS.splitlines()]
    assert [(each.row, each.score is None, each.problem is None) for each in rows] == [
        (0, False, True),
        (1, True, False),
    ]


def test_each_example_of_a_problem_fits_its_shape(described):
    for item in described["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    if media_type == "application/problem+json":
                        for slug, example in content["examples"].items():
                            shape = InvalidRequest if slug == "invalid-request" else ProblemDetails
                            assert shape.model_validate(example["value"]).status == int(status)


def test_each_example_of_a_request_fits_its_shape(described):
    scorer = Scorer(Served(Path("var"), district="", signers=()), contract=contract(), identity_key=b"")
    examples = described["components"]["schemas"]["ScoreRequest"]["examples"]
    assert len(examples) >= 3
    for example in examples:
        scorer.request_model.model_validate_json(json.dumps(example))


def test_an_answer_may_gain_members_and_a_request_may_not(described):
    schemas = described["components"]["schemas"]
    assert "additionalProperties" not in schemas["ReadFlag"]
    assert schemas["ScoreRequest"]["additionalProperties"] is False
    assert schemas["Decision"]["additionalProperties"] is False
