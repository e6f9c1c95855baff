"""Which panel would consider a family that a request tells of: the one that owns its ward, else the one without."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targeting.serving.definition import Panel
from targeting.serving.library import Library
from targeting.serving.panel_families import PanelFamilies, panels_of_families
from targeting.serving.scores.refusals import Refusal


@pytest.fixture(scope="module")
def two_panels(served_by: Callable[..., Any], made_from: Any) -> Any:
    """Return the district made by hand with a panel of ward A and one of all other wards."""
    panels = (
        Panel(name="north", title="North", wards=("A",)),
        Panel(name="rest", title="Rest"),
    )
    return served_by(service=replace_panels(made_from.service, panels))


def replace_panels(service: Any, panels: tuple[Panel, ...]) -> Any:
    return service.model_copy(update={"panel": panels})


def moved(child: str, ward: str) -> dict[str, Any]:
    return {
        "kind": "address_recorded",
        "person": {"system": "social_care", "value": child},
        "source": "social_care",
        "event_date": "2026-02-01",
        "knowledge_date": "2026-02-02",
        "ward": ward,
    }


def panel_of(district: Any, list_id: str) -> str:
    (panel,) = (each.head.panel for each in district.lists if each.head.id == list_id)
    return str(panel)


def test_a_family_is_its_wards_panels_and_moves_with_its_address(two_panels: Any) -> None:
    assert panel_of(two_panels, two_panels.known("f_abuse").list_id) == "north"
    assert panel_of(two_panels, two_panels.known("f_both").list_id) == "rest"
    for child, ward, panel in (("both child", "A", "north"), ("abuse child", "Z", "rest")):
        score = two_panels.ask({"records": [moved(child, ward)]})
        assert panel_of(two_panels, score.list_id) == panel
        assert score.records.not_read == 0


def test_a_family_of_no_known_ward_goes_to_the_panel_that_takes_all_others(two_panels: Any) -> None:
    child = {"system": "request", "value": "child"}
    asked = {"sources_asked": ["social_care"]}
    told = {"people": [{"person": child, "is_child": True, "from_date": "2020-01-01"}], **asked}
    assert panel_of(two_panels, two_panels.ask(told).list_id) == "rest"
    with pytest.raises(Refusal, match="outside-cohort"):
        two_panels.ask({"people": [told["people"][0] | {"birth_date": "1990-01-01"}]})


def test_every_family_that_is_held_is_one_panels(two_panels: Any) -> None:
    found = panels_of_families(two_panels.served.data, two_panels.lists)
    north = {family for family, panel in found.items() if panel == "north"}
    assert north == {"f_abuse", "f_absent", "f_helped", "f_open", "f_sent"}
    assert set(found) == set(two_panels.generation.family_ids().tolist())
    families = two_panels.served.panel_families
    assert families.of_others(frozenset({"north"})) == set(found) - north
    assert families.of_others(frozenset({"north", "rest"})) == families.of_others(None) == frozenset()
    assert families.of_others(frozenset()) == set(found)


def test_a_family_whose_ward_was_not_written_is_no_panels_unless_a_list_spoke_of_it(
    two_panels: Any, tmp_path: Path
) -> None:
    data = tmp_path / "var"
    shutil.copytree(two_panels.served.data, data, ignore=shutil.ignore_patterns("family_wards"))
    everybody = set(two_panels.generation.family_ids().tolist())
    families = PanelFamilies(data, Library(data))
    # The case of f_open is open, so no list considered it; f_sent was sent to the front door by one of north's.
    assert families.of_others(frozenset({"north"})) == everybody - {"f_abuse", "f_absent", "f_helped", "f_sent"}
    assert "f_open" in families.of_others(frozenset({"north", "rest"}))
    assert families.of_others(None) == frozenset()


def test_of_two_families_of_a_child_the_hidden_one_is_not_named(two_panels: Any) -> None:
    child = {"system": "social_care", "value": "visitor child"}

    def asked(*hidden: str) -> Any:
        request = two_panels.scorer.request_model.model_validate_json(json.dumps({"family": child}))
        return two_panels.scorer.score(request, hidden=frozenset(hidden))

    with pytest.raises(Refusal, match="more-than-one-family"):
        asked()
    assert asked("f_second").family_id == "f_visitor"
    with pytest.raises(Refusal, match="unknown-person"):
        asked("f_second", "f_visitor")


def test_whoever_a_hidden_family_alone_has_comes_into_another_as_somebody_new(two_panels: Any) -> None:
    people = [
        {"person": {"system": "social_care", "value": name}, "is_child": True, "from_date": "2020-01-01"}
        for name in ("both child", "never child")
    ]
    request = two_panels.scorer.request_model.model_validate_json(json.dumps({"people": people}))
    score = two_panels.scorer.score(request, hidden=frozenset({"f_never"}))
    assert (score.family_id, score.people.received, score.people.already_held) == ("f_both", 2, 1)
    with pytest.raises(Refusal, match="more-than-one-family") as refused:
        two_panels.scorer.score(request)
    assert refused.value.extra == {"families": ["f_both", "f_never"]}
