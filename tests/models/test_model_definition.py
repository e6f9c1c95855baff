import pytest

from targeting.errors import DeclarationError
from targeting.models.definition import choose_indicators, read_model_definition

WHOLE = """
title = "Families whose needs may escalate"
purpose = "early_help"
forbidden_uses = ["enforcement"]
owner = "Head of early help"
cohort = "not_open"
outcome = "escalation"
tier = "council"
indicators = ["absence.*", "referrals_12_months"]
"""
CATALOGUE = (
    "absence.persistent_absence",
    "absence.unauthorised_absence",
    "household.moves",
    "prior_referrals.referrals_12_months",
)


@pytest.fixture
def read(tmp_path):
    def read_text(text, name="escalation"):
        path = tmp_path / "models" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return read_model_definition(path)

    return read_text


def test_a_model_is_named_after_its_file(read):
    assert read(WHOLE, "step_down").name == "step_down"


def test_a_model_of_another_name_than_its_file_is_refused(read):
    with pytest.raises(DeclarationError, match=r"models/escalation.toml: name: .*own name says 'escalation'"):
        read('name = "step_down"\n' + WHOLE)


def test_every_fault_of_the_file_is_told_at_once_and_a_typo_is_told_what_exists(read):
    with pytest.raises(DeclarationError) as raised:
        read(WHOLE.replace("indicators =", "indicatrs =").replace('"council"', '"town"').replace('"early_help"', "3"))
    places = {fault.place: fault.message for fault in raised.value.faults}
    assert set(places) == {f"models/escalation.toml: {key}" for key in ("indicators", "indicatrs", "tier", "purpose")}
    assert "Did you mean indicators" in places["models/escalation.toml: indicatrs"]
    assert "'council', 'police_and_schools' or 'health'" in places["models/escalation.toml: tier"]


def test_a_model_without_forbidden_uses_is_refused(read):
    with pytest.raises(DeclarationError, match="forbidden_uses: tuple should have at least 1 item"):
        read(WHOLE.replace('["enforcement"]', "[]"))


def test_indicators_are_chosen_by_glob_over_module_and_name_or_by_name_alone(read):
    assert choose_indicators(read(WHOLE), CATALOGUE) == (
        "absence.persistent_absence",
        "absence.unauthorised_absence",
        "prior_referrals.referrals_12_months",
    )


def test_an_indicator_named_in_without_is_left_out(read):
    model = read(WHOLE + 'without = ["absence.un*"]\n')
    assert choose_indicators(model, CATALOGUE) == (
        "absence.persistent_absence",
        "prior_referrals.referrals_12_months",
    )


def test_a_pattern_that_matches_nothing_is_told_what_exists(read):
    model = read(WHOLE.replace("absence.*", "absense.persistent_absence"))
    with pytest.raises(
        DeclarationError, match=r"indicators: 'absense.persistent_absence' matches no indicator"
    ) as told:
        choose_indicators(model, CATALOGUE)
    assert "Did you mean absence.persistent_absence" in str(told.value)


def test_a_model_left_without_any_indicator_is_refused(read):
    model = read(WHOLE + 'without = ["*"]\n')
    with pytest.raises(DeclarationError, match="takes every indicator out"):
        choose_indicators(model, CATALOGUE)
