"""The models of a data folder, version by version: in use, in use before, or trained and waiting."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from targeting.errors import DataError, TargetingError
from targeting.models.bundle import MANIFEST, Bundle, read_bundle
from targeting.models.registry import BUNDLES, Champion, check_may_be_used, read_champions
from targeting.models.signatures import Signature as HeldSignature
from targeting.models.signatures import accept_signature, holds, read_signatures
from targeting.models.signers import Signer
from targeting.models.watched import Watch, kept_watches

CANDIDATES = "candidates"
Standing = Literal["in use", "in use before", "candidate"]
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class Signed:
    """A signature that lies with a bundle. `role` is empty for somebody whom the declarations no longer name."""

    name: str
    role: str
    accepts_until: date | None
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a model. `obstacles` says why it may not be used today; empty where it may.

    `watches` are what the watch saw of it, the latest date first; `watch_fault` says why what was kept cannot be read.
    """

    bundle: Bundle
    standing: Standing
    signed: tuple[Signed, ...]
    obstacles: str
    watches: tuple[Watch, ...] = ()
    watch_fault: str = ""

    @property
    def accepted_until(self) -> date | None:
        """Return until when an audit that cannot tell is accepted by those whose signatures hold."""
        days = [each.accepts_until for each in self.signed if each.holds and each.role == "data_protection"]
        return min((day for day in days if day is not None), default=None)


class ModelsHeld:
    """The bundles below a data folder; each is read and checked once, its signatures at every question."""

    def __init__(self, data: Path, signers: Sequence[Signer]) -> None:
        self._data, self._signers = data, tuple(signers)
        self._bundles: dict[Path, Bundle] = {}
        self._lock = threading.Lock()

    def models(self) -> tuple[str, ...]:
        """Return the name of every model of which a version is held."""
        found = {path.parent.parent.name for root in (BUNDLES, CANDIDATES) for path in self._manifests(root, "*", "*")}
        return tuple(sorted(found))

    def versions(self, model: str, *, on: date) -> tuple[Version, ...]:
        """Return a model's versions on a date: that in use, those in use before, candidates."""
        names = {path.parent.name for root in (BUNDLES, CANDIDATES) for path in self._manifests(root, model, "*")}
        found = [each for each in (self.version(model, name, on=on) for name in sorted(names)) if each is not None]
        order: tuple[Standing, ...] = ("in use", "in use before", "candidate")
        return tuple(sorted(found, key=lambda each: order.index(each.standing)))

    def version(self, model: str, version: str, *, on: date) -> Version | None:
        """Return one version on a date; None where there is none.

        Raises BundleError where its files were changed.
        """
        bundle = self._bundle(model, version)
        if bundle is None:
            return None
        signatures = read_signatures(bundle)
        watches, watch_fault = self._watches(bundle)
        return Version(
            bundle=bundle,
            standing=_standing(bundle, read_champions(self._data).get(model)),
            signed=tuple(self._signed(each, bundle) for each in signatures),
            obstacles=self._obstacles(bundle, on),
            watches=watches,
            watch_fault=watch_fault,
        )

    def accept(self, bundle: Bundle, content: bytes) -> HeldSignature:
        """Keep a signature with a bundle and return it. Raises SignatureError where it does not hold."""
        return accept_signature(bundle, content, signers=self._signers)

    def _bundle(self, model: str, version: str) -> Bundle | None:
        """Return a version where it was trained, else where it is used: signatures are handed in with candidates."""
        if not _PLAIN.fullmatch(model) or not _PLAIN.fullmatch(version):
            return None
        for root in (CANDIDATES, BUNDLES):
            for path in self._manifests(root, model, version):
                return self._read(path.parent)
        return None

    def _read(self, folder: Path) -> Bundle:
        with self._lock:
            if folder not in self._bundles:
                self._bundles[folder] = read_bundle(folder)
            return self._bundles[folder]

    def _manifests(self, root: str, model: str, version: str) -> Iterator[Path]:
        for path in sorted((self._data / root).glob(f"{model}/{version}/{MANIFEST}")):
            if not any(each.name.startswith(".") for each in (path.parent, path.parent.parent)):
                yield path

    def _signed(self, signature: HeldSignature, bundle: Bundle) -> Signed:
        roles = {each.name: each.role for each in self._signers}
        role = roles.get(signature.name, "")
        return Signed(signature.name, role, signature.re_audit_by, holds(signature, bundle, self._signers))

    def _watches(self, bundle: Bundle) -> tuple[tuple[Watch, ...], str]:
        try:
            kept = kept_watches(self._data, bundle.model)
        except DataError as error:
            return (), str(error)
        return tuple(each for each in kept if each.version == bundle.version), ""

    def _obstacles(self, bundle: Bundle, on: date) -> str:
        try:
            check_may_be_used(bundle, signers=self._signers, on=on)
        except TargetingError as error:
            return str(error)
        return ""


def _standing(bundle: Bundle, champion: Champion | None) -> Standing:
    if champion is None:
        return "candidate"
    if champion.digest == bundle.digest:
        return "in use"
    return "in use before" if (bundle.version, bundle.digest) in champion.earlier else "candidate"
