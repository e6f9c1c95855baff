"""What a client reads of published lists and their flags, and how it walks through them."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from targeting import __version__
from targeting.serving.published import PublishedList
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]
MONDAYS = [date(2026, 3, 30) - timedelta(weeks=weeks) for weeks in range(7)]


def test_a_list_says_what_it_is_and_nothing_of_a_margin(serving, a_list: Make):
    published = a_list()
    answered = serving(published).get(f"/v1/lists/{published.head.id}")
    assert answered.status_code == 200
    assert answered.json() == {
        "id": published.head.id,
        "together": [published.head.id],
        "panel": "district",
        "panel_title": "Early help panel",
        "kind": "offer",
        "title": "Families who may welcome an offer of early help",
        "as_of_date": "2026-03-30",
        "published_at": "2026-03-30T06:00:00Z",
        "synthetic": True,
        "standing": "shadow",
        "outcome": "later needed a social worker within 6 months",
        "notice": "This list is a prompt to look, not evidence.",
        "urgent": "A child at risk of harm now goes to the safeguarding route today, not to a list.",
        "data_as_of": [{"source": "police", "agency": "Police", "until": "2026-03-29"}],
        "capacity": 2,
        "families": 40,
        "listed": 2,
        "just_below": 5,
        "sent_to_front_door": 1,
        "provenance": {
            "model": "escalation",
            "bundle_digest": "b" * 8,
            "declarations_digest": "d" * 8,
            "generation_id": "g" * 8,
            "generation_manifest": "m" * 8,
            "code_version": __version__,
        },
    }


def test_a_flag_is_the_published_one_to_the_letter(serving, a_list: Make):
    published = a_list()
    client = serving(published)
    for flag in published.flags:
        answered = client.get(f"/v1/flags/{flag.id}")
        assert answered.status_code == 200
        told = answered.json()
        assert (told.pop("withheld"), told.pop("suspended"), told.pop("successors")) == ([], None, [])
        assert told == json.loads(flag.model_dump_json())
        assert set(answered.json()) == {
            *("id", "list_id", "family_id", "rank", "kept_place", "band", "reasons", "unknowns", "expires_on"),
            *("rank_range", "change", "withheld", "suspended", "returned", "successors"),
        }


def test_the_flags_of_a_list_come_by_rank(serving, a_list: Make):
    published = a_list()
    answered = serving(published).get(f"/v1/lists/{published.head.id}/flags")
    assert [flag["rank"] for flag in answered.json()["items"]] == [1, 7]
    assert answered.json()["next_cursor"] is None


def test_lists_come_with_the_latest_date_first(serving, a_list: Make):
    client = serving(*(a_list(day) for day in reversed(MONDAYS)))
    shown = [each["as_of_date"] for each in client.get("/v1/lists").json()["items"]]
    assert shown == [day.isoformat() for day in MONDAYS]


def test_every_item_is_met_once_at_every_page_size(serving, walk, a_list: Make):
    client = serving(*(a_list(day) for day in MONDAYS))
    published = [a_list(day).head.id for day in MONDAYS]
    for limit in range(1, len(MONDAYS) + 2):
        assert [each["id"] for each in walk(client, "/v1/lists", limit)] == published
        assert [each["rank"] for each in walk(client, f"/v1/lists/{published[0]}/flags", limit)] == [1, 7]


@pytest.mark.parametrize("new", [MONDAYS[0] + timedelta(weeks=1), MONDAYS[-1] - timedelta(weeks=1)])
def test_a_list_published_during_a_walk_neither_hides_nor_repeats_another(
    serving, walk, a_list: Make, tmp_path: Path, new: date
):
    client = serving(*(a_list(day) for day in MONDAYS))
    walked = walk(client, "/v1/lists", 2)
    met = [next(walked)["as_of_date"] for _ in range(3)]
    write_lists([a_list(new)], data=tmp_path)
    met += [each["as_of_date"] for each in walked]
    assert [day for day in met if day != new.isoformat()] == [day.isoformat() for day in MONDAYS]


def test_a_list_published_while_the_service_runs_is_found(serving, a_list: Make, tmp_path: Path):
    client = serving(a_list())
    later = a_list(MONDAYS[0] + timedelta(weeks=1))
    assert client.get(f"/v1/flags/{later.flags[0].id}").status_code == 404
    write_lists([later], data=tmp_path)
    assert client.get(f"/v1/flags/{later.flags[0].id}").json()["list_id"] == later.head.id
    assert client.get("/v1/lists").json()["items"][0]["id"] == later.head.id


def test_before_the_first_publication_the_collection_is_empty(bare):
    assert bare.get("/v1/lists").json() == {"items": [], "next_cursor": None}
    assert bare.get("/v1/lists", params={"cursor": "l_x"}).json()["type"] == "/problems/unknown-cursor"
    assert bare.get("/readyz").json() == {
        "status": "ready",
        "lists": 0,
        "as_of_date": None,
        "message": "No list is published yet.",
    }
    for path in ("/v1/models/current", "/v1/indicators"):
        answered = bare.get(path)
        assert (answered.status_code, answered.json()["type"]) == (404, "/problems/no-list-published")
