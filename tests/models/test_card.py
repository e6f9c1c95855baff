from dataclasses import replace

import pytest

from targeting.models.card import SYNTHETIC, model_card
from targeting.models.definition import ModelDefinition

POOLED = {
    "n": 4000.0,
    "families": 1000.0,
    "events": 80.0,
    "prevalence": 0.02,
    "average_precision": 0.21,
    "auc": 0.81,
    "precision_at_1_percent": 0.35,
    "recall_at_1_percent": 0.17,
    "precision_at_capacity": 0.4,
    "brier": 0.0187,
    "calibration_in_the_large": 1.04,
    "calibration_slope": None,
}


@pytest.fixture
def model():
    return ModelDefinition(
        name="escalation",
        title="Families <whose> needs may escalate",
        purpose="early_help",
        forbidden_uses=("enforcement",),
        owner="Head of early help",
        cohort="not_open",
        outcome="escalation",
        tier="council",
        indicators=("*",),
        limits=("it knows only what was recorded",),
    )


@pytest.fixture
def evidence():
    return {
        "evaluation.json": {
            "test": {"pooled": POOLED, "intervals": {"auc": [0.78, 0.84]}},
            "baselines": {"prior_count": {"pooled": {**POOLED, "average_precision": 0.09}}},
        },
        "gates.json": [{"name": "calibrated", "passed": False, "detail": "Slope undefined."}],
        "split.json": {"dates": {"test": ["2025-01-01"]}},
    }


def test_the_card_tells_measures_baselines_and_gates_in_words(model, origin, evidence):
    text = model_card(model, origin, evidence)["card.md"].decode()
    for line in (
        "| Rows with the outcome | 80 (2.0 %) |",
        "| Of families in the top 1 % of a list, had the outcome | 35.0 % |",
        "| AUC | 0.810 (95 % interval 0.780 to 0.840) |",
        "| Calibration slope (1 is right) | undefined |",
        "| prior count | 0.090 | 35.0 % | 0.810 |",
        "| calibrated | FAILED | Slope undefined. |",
        "| fairness audit | no audit was made | see `audit.json` |",
        "- it knows only what was recorded",
    ):
        assert line in text


def test_the_card_says_what_the_audit_found(model, origin, evidence):
    text = model_card(model, origin, {**evidence, "audit.json": {"verdict": "concern"}})["card.md"].decode()
    assert "| fairness audit | concern |" in text


def test_a_card_of_synthetic_data_says_so_and_one_of_real_data_does_not(model, origin, evidence):
    synthetic = model_card(model, origin, evidence)
    real = model_card(model, replace(origin, synthetic=False), evidence)
    assert all(SYNTHETIC.encode() in card for card in synthetic.values())
    assert not any(SYNTHETIC.encode() in card for card in real.values())


def test_the_card_says_whether_the_model_kept_has_learnt_from_the_test_dates(model, origin, evidence):
    sentence = b"The model that is kept has learnt from these dates too."
    assert sentence not in model_card(model, origin, evidence)["card.md"]
    refitted = replace(origin, as_of_dates=("2024-01-01", "2025-01-01"))
    assert sentence in model_card(model, refitted, evidence)["card.md"]


def test_declared_text_is_escaped_in_html(model, origin, evidence):
    page = model_card(model, origin, evidence)["card.html"].decode()
    assert "Families &lt;whose&gt; needs" in page
    assert "<whose>" not in page


def test_equal_evidence_gives_equal_bytes(model, origin, evidence):
    assert model_card(model, origin, evidence) == model_card(model, origin, evidence)
