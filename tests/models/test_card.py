from dataclasses import replace

import pytest

from targeting.models.card import SYNTHETIC, model_card
from targeting.models.definition import ModelDefinition

POOLED = {
    "n": 4000.0,
    "not_known": 130.0,
    "families": 1000.0,
    "events": 80.0,
    "prevalence": 0.02,
    "average_precision": 0.21,
    "auc": 0.81,
    "precision_at_1_percent": 0.35,
    "recall_at_1_percent": 0.17,
    "precision_at_capacity": 0.4,
    "recall_at_capacity": 0.1,
    "tied_at_capacity": 3.0,
    **{f"{what}_in_{weeks}_weeks": 0.3 for what in ("precision", "recall") for weeks in (13, 52)},
    **{f"reviewed_per_outcome_in_{weeks}_weeks": 3.33 for weeks in (13, 52)},
    "brier": 0.0187,
    "calibration_in_the_large": 1.04,
    "calibration_slope": None,
    "calibration_intercept": 0.01,
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
            "test": {"pooled": POOLED, "intervals": {"auc": [0.78, 0.84], "recall_in_52_weeks": [0.25, 0.35]}},
            "by_group": {
                "a child aged 0 to 1": {
                    "families": 300,
                    "enough": True,
                    "recall_in_52_weeks": 0.31,
                    "precision_in_52_weeks": 0.2,
                    "calibration_in_the_large": 1.1,
                    "intervals": {"recall_in_52_weeks": [0.2, 0.4], "calibration_in_the_large": [0.9, 1.3]},
                },
                "a child aged 16 to 17": {"families": 40, "enough": False},
            },
            "kept_after_a_week": {"the top per cent": 0.96},
            "baselines": {"prior_count": {"pooled": {**POOLED, "average_precision": 0.09}}},
        },
        "gates.json": [{"name": "calibrated", "passed": False, "detail": "Slope undefined."}],
        "multiplicity.json": {
            "as_good": 7,
            "trials": 12,
            "kept": 4,
            "lists": {"1_percent": {"listed_by_all": 0.79, "listed_by_any": 1.24}},
        },
        "verdict.json": {"deploy": False, "sentence": "Do not deploy: it does not clearly beat the points rule."},
        "split.json": {"dates": {"test": ["2025-01-01"]}},
    }


def test_the_card_tells_measures_baselines_and_gates_in_words(model, origin, evidence):
    text = model_card(model, origin, evidence)["card.md"].decode()
    for line in (
        "| Rows with the outcome | 80 (2.0 %) |",
        "| Of families in the top 1 % of a list, had the outcome | 35.0 % |",
        "| AUC | 0.810 (95 % interval 0.780 to 0.840) |",
        "| Calibration slope (1 is right) | undefined |",
        "| Rows ranked whose outcome is not known | 130 |",
        "| Of different families with the outcome, whom the lists of 52 weeks name | 30.0 % "
        "(95 % interval 25.0 % to 35.0 %) |",
        "| Families reviewed for each with the outcome, 13 weeks | 3.3 |",
        "| Families tied at the last place, all lists together | 3 |",
        "| Average precision of a list in no order | 0.020 |",
        "| a child aged 0 to 1 | 300 | 31.0 % (95 % interval 20.0 % to 40.0 %) | 20.0 % | "
        "1.100 (95 % interval 0.900 to 1.300) |",
        "| a child aged 16 to 17 | 40 | too few to judge | too few to judge | too few to judge |",
        "**Do not deploy: it does not clearly beat the points rule.**",
        "| number of earlier referrals | 0.090 | 35.0 % | 0.810 |",
        "- From what: the council's own records",
        "- People who had objected (UK GDPR, Article 21): their own records were left out, and nothing was learnt "
        "from their",
        "| calibrated | FAILED | Slope undefined. |",
        "| fairness audit | no audit was made | see `audit.json` |",
        "- it knows only what was recorded",
    ):
        assert line in text


def test_the_card_says_plainly_that_what_was_asked_of_such_models_is_missed(model, origin, evidence):
    text = model_card(model, origin, evidence)["card.md"].decode()
    assert (
        "asked in 2020 for an average precision of 65.0 %. This model has 21.0 % and does not reach that. A list in no "
        "order has 2.0 %." in text
    )
    evidence["evaluation.json"]["test"]["pooled"] = {**POOLED, "average_precision": 0.66}
    assert "This model has 66.0 % and reaches that." in model_card(model, origin, evidence)["card.md"].decode()


def test_the_card_says_how_far_models_as_good_agree_and_what_stays_from_week_to_week(model, origin, evidence):
    text = model_card(model, origin, evidence)["card.md"].decode()
    assert "Of the top per cent of a list, 96.0 % were still there a week later." in text
    assert "7 of 12 models tried were as good in validation. Of the top per cent of the list, 79.0 % is listed" in text


def _indicator(agencies, *, asked_about=True, unknown_is_none=True):
    return {"agencies": agencies, "asked_about": asked_about, "unknown_is_none": unknown_is_none}


def test_the_card_says_what_an_agency_that_falls_silent_later_would_mean(model, origin, evidence):
    """Two of four that are asked about were never unknown; the size of a family always is known."""
    told = [
        _indicator(["social care"]),
        _indicator(["children's centres", "social care"]),
        _indicator(["police"], unknown_is_none=False),
        _indicator(["schools"], asked_about=False, unknown_is_none=False),
        _indicator([]),
    ]
    card = model_card(model, origin, {**evidence, "indicators.json": told})
    assert (
        "Of the 4 indicators that it asks about, 2 were known of every family from which it learnt (children's "
        "centres 1, social care 2). It never learnt"
    ) in card["card.md"].decode()
    assert "but the model takes it for none" in card["card.html"].decode()
    learnt = [_indicator(["police"], unknown_is_none=False), _indicator([])]
    assert "never learnt" not in model_card(model, origin, {**evidence, "indicators.json": learnt})["card.md"].decode()


def test_the_auc_comes_last_of_the_measures(model, origin, evidence):
    lines = model_card(model, origin, evidence)["card.md"].decode().splitlines()
    measures = lines[lines.index("| measure | value |") + 2 :]
    assert measures[measures.index("") - 1].startswith("| AUC |")


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


def test_the_card_says_in_words_of_whom_it_speaks_and_what_is_estimated_when(model, origin, evidence):
    told = {
        "speaks_of": "Families with a child, not open to social care",
        "estimates": "A child came to need a social worker, from 28 days to 182 days after the list's date",
    }
    cards = model_card(model, origin, {**evidence, "split.json": {**evidence["split.json"], **told}})
    for card, begins, ends in (("card.md", "- ", ""), ("card.html", "<li>", "</li>")):
        text = cards[card].decode().replace("&#39;", "'")
        assert f"{begins}Of whom it speaks: {told['speaks_of']}{ends}\n" in text
        assert f"{begins}What it estimates: {told['estimates']}{ends}\n" in text
    undescribed = model_card(model, origin, evidence)["card.md"].decode()
    assert "- Of whom it speaks: not open\n- What it estimates: escalation\n" in undescribed


@pytest.mark.parametrize(
    ("learnt_from", "said"),
    [
        (("2024-01-01", "2024-06-03", "2025-03-03"), "3 from 1 January 2024 to 3 March 2025"),
        (("2024-06-03",), "3 June 2024"),
        ((), "none is recorded"),
    ],
)
def test_the_card_says_dates_as_one_says_them(model, origin, evidence, learnt_from, said):
    text = model_card(model, replace(origin, as_of_dates=learnt_from), evidence)["card.md"].decode()
    assert "Judged on 1 January 2025: later than" in text
    assert f"- As-of dates learnt from: {said}\n" in text
