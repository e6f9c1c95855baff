"""What is published, as JSON. It never changes, so each part is written once and then only sent."""

from collections.abc import Callable, Mapping
from datetime import date

from targeting.features.plan import PlannedIndicator, plan_from_json
from targeting.models.bundle import Bundle
from targeting.models.registry import AUDIT, GATES
from targeting.models.signatures import read_signatures
from targeting.serving.api.paging import Item
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.shapes import (
    Audit,
    CurrentModel,
    Gate,
    Indicator,
    LatestAudit,
    Ready,
    Signature,
    weekly_list,
)
from targeting.serving.contents import Published
from targeting.serving.published import PublishedList
from targeting.serving.served import Served

# Of some lists' ids, those that the reader may read.
SeenOf = Callable[[tuple[str, ...]], tuple[str, ...]]


class Renderings:
    """The published lists and the model behind them as a client reads them."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._lists: dict[tuple[str, tuple[str, ...]], Item] = {}
        self._audits: dict[str, bytes] = {}
        self._models: dict[tuple[str, tuple[str, ...]], bytes] = {}
        self._indicators: dict[str, tuple[Item, ...]] = {}

    def list(self, published: PublishedList, seen: SeenOf) -> Item:
        """Return one list, naming those of its date that `seen` leaves."""
        together = seen(published.head.together)
        key = published.head.id, together
        if key not in self._lists:
            told = weekly_list(published.head).model_copy(update={"together": together})
            self._lists[key] = Item(published.head.id, _json(told))
        return self._lists[key]

    def model(self, seen: SeenOf) -> bytes:
        """Return the model that made the current lists, naming those that `seen` leaves.

        Raises ProblemError before the first publication.
        """
        bundle, current = self._current()
        key = bundle.digest, seen(current)
        if key not in self._models:
            self._models[key] = _json(_model(bundle, key[1]))
        return self._models[key]

    def audit(self) -> bytes:
        """Return the audit of the model that made the current lists. Raises ProblemError before the first one."""
        bundle, _ = self._current()
        if bundle.digest not in self._audits:
            self._audits[bundle.digest] = _json(_audit(bundle))
        return self._audits[bundle.digest]

    def indicators(self) -> tuple[Item, ...]:
        """Return the indicators of the current model. Raises ProblemError before the first publication."""
        bundle, _ = self._current()
        if bundle.digest not in self._indicators:
            planned = plan_from_json(bundle.plan_json).indicators
            self._indicators[bundle.digest] = tuple(Item(each.name, _json(_indicator(each))) for each in planned)
        return self._indicators[bundle.digest]

    def ready(self) -> bytes:
        """Return what is served. Raises TargetingError where what is published cannot be read, or does not hold."""
        current = self._served.library.current()
        if current:
            self._served.bundle_of(current[0])
        return _json(
            Ready(
                status="ready",
                lists=len(self._served.library.lists()),
                as_of_date=current[0].head.as_of_date if current else None,
                message="The current lists are served." if current else "No list is published yet.",
            )
        )

    def _current(self) -> tuple[Bundle, tuple[str, ...]]:
        lists = self._served.library.current()
        if not lists:
            raise ProblemError("no-list-published", "No list is published yet.")
        return self._served.bundle_of(lists[0]), tuple(each.head.id for each in lists)


def _json(content: Published) -> bytes:
    return content.model_dump_json().encode()


def _model(bundle: Bundle, lists: tuple[str, ...]) -> CurrentModel:
    origin, audit = bundle.origin, bundle.evidence_json(AUDIT)
    gates: list[Mapping[str, object]] = bundle.evidence_json(GATES)
    signatures = tuple(Signature(name=each.name, re_audit_by=each.re_audit_by) for each in read_signatures(bundle))
    return CurrentModel(
        model=bundle.model,
        version=bundle.version,
        bundle_digest=bundle.digest,
        title=origin.title,
        purpose=origin.purpose,
        forbidden_uses=origin.forbidden_uses,
        owner=origin.owner,
        cohort=origin.cohort,
        outcome=origin.outcome,
        tier=origin.tier,
        synthetic=origin.synthetic,
        trained_on=tuple(map(date.fromisoformat, origin.as_of_dates)),
        code_version=origin.code_version,
        gates=tuple(Gate.model_validate(gate) for gate in gates),
        audit=Audit(verdict=audit["verdict"], sentence=audit["sentence"]),
        signatures=signatures,
        lists=lists,
    )


def _audit(bundle: Bundle) -> LatestAudit:
    audit = bundle.evidence_json(AUDIT)
    return LatestAudit(
        model=bundle.model,
        version=bundle.version,
        bundle_digest=bundle.digest,
        verdict=audit["verdict"],
        sentence=audit["sentence"],
        audit=audit,
    )


def _indicator(planned: PlannedIndicator) -> Indicator:
    return Indicator(**{name: getattr(planned, name) for name in Indicator.model_fields})
