"""Which reasons a reader sees, by the agencies whose records may be shown to them."""

from collections.abc import Callable
from typing import Any

import pytest

from targeting.serving.access.fields import Agency, Fields
from targeting.serving.published import PublishedList
from targeting.serving.reasons import WHO_KNOWS_THEM


@pytest.mark.parametrize(("shown", "is_seen"), [({"Police"}, True), (set(), False)])
def test_what_whoever_knows_a_family_knows_is_seen_by_whom_any_agencys_records_are_shown(
    a_list: Callable[..., PublishedList], shown: set[str], is_seen: bool
) -> None:
    (_, reason) = a_list().flags[0].reasons
    of_age: Any = reason.model_copy(update={"agency": WHO_KNOWS_THEM, "sentence": "The youngest child is 2 years old"})
    fields = Fields({"Police": Agency("Police", frozenset({"panel"}), "council")})
    said = fields.said([of_age], [], frozenset(shown), lambda _indicator: ())
    assert [each.sentence for each in said.reasons] == ([of_age.sentence] if is_seen else [])
    assert [each.held_by for each in said.withheld] == ([] if is_seen else ["another agency"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("schools, police", ("schools", "police")),
        ("police and schools", ("police", "schools")),
        ("schools, births and babies and police", ("schools", "births and babies", "police")),
        ("police and strangers", ("",)),
    ],
)
def test_agencies_are_told_apart_however_a_reason_joins_them(text: str, names: tuple[str, ...]) -> None:
    fields = Fields({name: Agency(name, frozenset(), "council") for name in ("schools", "police", "births and babies")})
    assert fields._named_in(text, frozenset()) == names
