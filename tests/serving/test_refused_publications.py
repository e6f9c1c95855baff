"""What keeps lists from being published is said, and what was published before stays as it was to the byte."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from targeting.errors import DataError, TargetingError
from targeting.models.bundle import BundleContents, write_bundle
from targeting.models.registry import current_bundle, promote
from targeting.models.signatures import SignatureError, make_key, sign_bundle
from targeting.models.signers import Signer
from targeting.serving.lists import publish
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import AlreadyPublishedError

EARLIER, AS_OF = date(2026, 3, 23), date(2026, 3, 30)
AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
GATES = {"gates.json": b'[{"name": "auc", "passed": true, "detail": "x"}]', "audit.json": b'{"verdict": "pass"}'}


class District:
    """A district that publishes with whatever bundle is in use, and has published a week before."""

    def __init__(self, made_from: MadeFrom, data: Path) -> None:
        self.made_from, self.data = made_from, data
        self.signers = tuple(
            Signer(name=name, role=role, public_key=make_key(data / "keys" / name))  # type: ignore[arg-type]
            for name, role in (("Ada", "service_lead"), ("Ben", "data_protection"))
        )
        publish(made_from, data=data, as_of_date=EARLIER, published_at=AT)

    def promoted(self) -> Path:
        """Bring the district's bundle into use and return its folder."""
        held = self.made_from.bundle
        contents = BundleContents(
            origin=held.origin,
            booster=held.booster,
            calibrator=held.calibrator,
            plan_json=held.plan_json,
            evidence=GATES,
        )
        bundle = write_bundle(self.data / "candidates", contents)
        for each in self.signers:
            sign_bundle(bundle, name=each.name, key=self.data / "keys" / each.name, signers=self.signers)
        return promote(bundle, self.data, signers=self.signers, on=AS_OF).folder

    def published(self, on: date = AS_OF) -> tuple[PublishedList, ...]:
        bundle = current_bundle(self.data, "escalation", signers=self.signers, on=on)
        made = replace(self.made_from, bundle=bundle)
        return publish(made, data=self.data, as_of_date=on, published_at=AT)

    def refusing(self, error: type[TargetingError], message: str, on: date = AS_OF) -> None:
        before = self.content()
        with pytest.raises(error, match=message):
            self.published(on)
        assert self.content() == before

    def content(self) -> dict[str, bytes]:
        folder = self.data / "published"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("l_*/*")}


@pytest.fixture
def district(made_from: MadeFrom, tmp_path: Path) -> District:
    return District(made_from, tmp_path)


def test_without_a_model_in_use_nothing_is_published(district: District) -> None:
    district.refusing(TargetingError, "No version of escalation was promoted yet: `targeting promote escalation")


def test_a_signature_that_does_not_hold_is_said_and_nothing_is_published(district: District) -> None:
    folder = district.promoted()
    path = folder / "signatures" / "Ben.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"Ben"', '"Bea"'), encoding="utf-8")
    district.refusing(SignatureError, "Be")


@pytest.mark.parametrize(
    ("on", "message"),
    [
        (date(2014, 12, 31), "no source shares anything before 2015-01-01"),
        (date(2026, 6, 1), "the data end on 2026-03-29, more than 28 days before 2026-06-01"),
    ],
)
def test_a_date_that_the_data_do_not_reach_is_said_and_nothing_is_published(
    district: District, on: date, message: str
) -> None:
    district.promoted()
    district.refusing(DataError, message, on)


def test_a_date_published_already_is_said_and_stays_as_it_was(district: District) -> None:
    district.promoted()
    assert len(district.published()) == 2
    district.refusing(AlreadyPublishedError, r"as of 2026-03-30 is published already and stays as it is")


def test_a_date_gone_by_is_not_published_behind_a_later_one(district: District) -> None:
    district.promoted()
    district.published()
    district.refusing(
        AlreadyPublishedError,
        "lists as of 2026-03-30 are published already, and none as of 2026-03-16; nothing was written",
        date(2026, 3, 16),
    )


def test_a_date_on_which_nobody_is_known_is_said_and_nothing_is_published(made_from: MadeFrom, tmp_path: Path) -> None:
    first = min(each.shared_from for each in made_from.generation.coverage) + timedelta(days=1)
    with pytest.raises(DataError, match=f"nobody whom the lists are about is known as of {first}: name a later date"):
        publish(made_from, data=tmp_path, as_of_date=first, published_at=AT)
    assert list(tmp_path.rglob("l_*")) == []


def test_a_feed_that_is_missing_makes_values_unknown_and_each_family_and_the_list_say_so(
    made_from: MadeFrom, tmp_path: Path
) -> None:
    generation = made_from.generation
    shared = tuple(each for each in generation.coverage if each.source != "schools")
    without = replace(generation, manifest=replace(generation.manifest, coverage=shared))
    made = replace(made_from, generation=without)
    offer = publish(made, data=tmp_path, as_of_date=AS_OF, published_at=AT)[0]
    assert "schools" not in [each.source for each in offer.head.data_as_of]
    assert {gap.sentence for flag in offer.flags for gap in flag.unknowns} == {
        "School attendance is not known: these records are not shared for this date"
    }
    assert not any("sessions" in reason.sentence for flag in offer.flags for reason in flag.reasons)
