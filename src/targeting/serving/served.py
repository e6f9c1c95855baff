"""What a running service serves: published lists, and the models that made them, their signatures checked."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targeting.errors import TargetingError
from targeting.fairness.results import Signed
from targeting.models.bundle import Bundle
from targeting.models.registry import bundle_of_digest, check_may_be_used
from targeting.models.signers import Signer
from targeting.serving.audit_signatures import signed_on
from targeting.serving.definition import Document
from targeting.serving.district.boundaries import Drawn
from targeting.serving.district.ward_set import WardSet
from targeting.serving.governance.models_held import ModelsHeld
from targeting.serving.library import Library
from targeting.serving.panel_families import PanelFamilies
from targeting.serving.protected import ProtectedRecords
from targeting.serving.published import PublishedList
from targeting.store.generations import current_id, open_generation


class NotSyntheticError(TargetingError):
    """Records of real people, which nobody may be shown by what holds for synthetic data alone."""


@dataclass(frozen=True, kw_only=True)
class BesideLists:
    """What a service shows beside its lists; without any of it the pages say so.

    `documents` are the papers that the district declares, `ward_set` its wards, `boundaries` these as drawn, where they
    are not tiles. `protected` has the marks of protected identities, for the one manager named.
    """

    documents: tuple[Document, ...] = ()
    ward_set: WardSet | None = None
    boundaries: Drawn | None = None
    protected: ProtectedRecords | None = None


class Served:
    """The lists of one data folder and the bundles that made them. `district` is its name, for people to read.

    `case_systems` are those that the district's sources declare, each with its source.
    """

    def __init__(
        self,
        data: Path,
        *,
        district: str,
        signers: Sequence[Signer],
        beside: BesideLists | None = None,
        case_systems: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.case_systems = dict(case_systems or {})
        self.district = district
        self.beside = beside or BesideLists()
        self.models_held = ModelsHeld(data, signers)
        self.library = Library(data)
        self.panel_families = PanelFamilies(data, self.library)
        self._signers = tuple(signers)
        self._bundles: dict[str, Bundle] = {}
        self._lock = threading.Lock()

    def is_synthetic(self) -> bool:
        """Return whether the district's data, and every published list, are marked synthetic."""
        generation = open_generation(self.data) if current_id(self.data) else None
        return (generation is None or generation.synthetic) and self.are_lists_synthetic()

    def are_lists_synthetic(self) -> bool:
        """Return whether every published list is marked synthetic."""
        return all(each.head.synthetic for each in self.library.lists())

    def check_lists_are_synthetic(self) -> None:
        """Raise NotSyntheticError where a list of real people appeared while a demonstration's tokens count."""
        if not self.are_lists_synthetic():
            raise NotSyntheticError(
                "a list of real people was published, and the service began with a demonstration's tokens: start it "
                "anew."
            )

    def bundle_of(self, published: PublishedList) -> Bundle:
        """Return the bundle that made a list, after checking its gates, audit and signatures as of the list's date.

        Raises TargetingError where it is no longer there, or does not hold.
        """
        made_by = published.head.provenance
        with self._lock:
            if made_by.bundle_digest not in self._bundles:
                bundle = bundle_of_digest(self.data, made_by.model, made_by.bundle_digest)
                # A points rule was not trained: it has no gates, no audit and no signatures, and gives no estimate.
                if published.head.ordered_by == "model":
                    check_may_be_used(bundle, signers=self._signers, on=published.head.as_of_date)
                self._bundles[made_by.bundle_digest] = bundle
            return self._bundles[made_by.bundle_digest]

    def signed(self, bundle: Bundle) -> tuple[Signed, ...]:
        """Return who signed a bundle; none where nobody has. Raises SignatureError where a signature does not hold."""
        return signed_on(bundle, self._signers)

    def current_bundle(self) -> Bundle | None:
        """Return the bundle that made the lists of the latest date; None before the first publication."""
        current = self.library.current()
        return self.bundle_of(current[0]) if current else None
