"""Which bundle is in use: promoted once its gates, audit and signatures hold, and checked again whenever it is read."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from targeting.errors import TargetingError, what_exists
from targeting.models.bundle import SIGNATURES, Bundle, read_bundle
from targeting.models.signatures import Signature, Signer, verify_signatures
from targeting.models.suspension import check_not_suspended
from targeting.store.files import alone, place_folder, private_folder, write_atomically

BUNDLES, CHAMPIONS = "bundles", "champions.json"
AUDIT, GATES = "audit.json", "gates.json"
_NO_GATES = "its evidence holds no gates"


class PromotionError(TargetingError):
    """A bundle that may not come into use, with every reason."""


@dataclass(frozen=True)
class Champion:
    """The version of a model in use, and the digest that its bundle must have; `earlier` were in use before, in order.

    A version appears once, where it was last promoted.
    """

    version: str
    digest: str
    earlier: tuple[tuple[str, str], ...] = ()


def candidate(candidates: Path, model: str, version: str) -> Bundle:
    """Return the trained bundle whose version begins with `version`. Raises TargetingError listing those there are."""
    there = sorted(path.name for path in (candidates / model).glob("*") if not path.name.startswith("."))
    found = [name for name in there if version and name.startswith(version)]
    if len(found) != 1:
        problem = f"is the beginning of {len(found)} versions" if found else "does not exist"
        raise TargetingError(f"Version {version!r} of {model} {problem}. {what_exists(version, there)}")
    return read_bundle(candidates / model / found[0])


def promote(bundle: Bundle, data: Path, *, signers: Sequence[Signer], on: date) -> Bundle:
    """Copy a bundle into the data folder, make it the one in use, and return it as read there.

    Raises what `check_may_be_used` raises, of the copy too: one that lies there from before may have been changed. Then
    the version in use stays in use.
    """
    checked = read_bundle(bundle.folder)
    check_may_be_used(checked, signers=signers, on=on)
    target = data / BUNDLES / checked.model / checked.version
    with alone(data / CHAMPIONS):
        _copy(checked.folder, target)
        copied = read_bundle(target)
        check_may_be_used(copied, signers=signers, on=on)
        _set_champion(data, copied.model, _after(read_champions(data).get(copied.model), copied))
    return copied


def rollback(data: Path, model: str, *, signers: Sequence[Signer], on: date) -> Bundle:
    """Bring the version back into use that was in use before, and return it; it is checked as if promoted anew.

    The version taken out of use is forgotten as an earlier one, so that a second call goes further back. Raises
    TargetingError where none was in use before, and what `check_may_be_used` raises.
    """
    with alone(data / CHAMPIONS):
        champion = read_champions(data).get(model)
        if champion is None or not champion.earlier:
            raise TargetingError(f"No earlier version of {model} was in use; there is nothing to go back to.")
        version, digest = champion.earlier[-1]
        bundle = read_bundle(data / BUNDLES / model / version)
        if bundle.digest != digest:
            raise PromotionError(f"{model} {version} is not what was promoted: its manifest was changed.")
        check_may_be_used(bundle, signers=signers, on=on)
        _set_champion(data, model, Champion(version, digest, champion.earlier[:-1]))
        return bundle


def _after(before: Champion | None, bundle: Bundle) -> Champion:
    passed = (*before.earlier, (before.version, before.digest)) if before is not None else ()
    return Champion(bundle.version, bundle.digest, tuple(each for each in passed if each[0] != bundle.version))


def check_may_be_used(bundle: Bundle, *, signers: Sequence[Signer], on: date) -> None:
    """Raise PromotionError, with every reason, where a gate failed or the audit does not allow use `on` a date.

    An audit that cannot tell allows it where a data protection officer accepted that until a date not yet past. Raises
    SignatureError where the signatures do not hold.
    """
    signatures = verify_signatures(bundle, signers)
    reasons = [*_failed_gates(bundle), *_audit_reasons(bundle, _accepted_until(signatures, signers), on)]
    if reasons:
        raise PromotionError(f"{bundle.model} {bundle.version} may not be used: {'; '.join(reasons)}.")


def current_bundle(data: Path, model: str, *, signers: Sequence[Signer], on: date) -> Bundle:
    """Return the bundle of `model` in use, after the same checks by which it was promoted.

    Raises TargetingError where none was promoted, where it no longer holds, and where flags are suspended.
    """
    check_not_suspended(data, model)
    champions = read_champions(data)
    if model not in champions:
        raise TargetingError(f"No version of {model} was promoted yet: `targeting promote {model} VERSION`.")
    champion = champions[model]
    bundle = read_bundle(data / BUNDLES / model / champion.version)
    if bundle.digest != champion.digest:
        raise PromotionError(f"{model} {champion.version} is not what was promoted: its manifest was changed.")
    check_may_be_used(bundle, signers=signers, on=on)
    return bundle


def bundle_of_digest(data: Path, model: str, digest: str) -> Bundle:
    """Return the bundle of that digest, in use now or before. Raises TargetingError where it is no longer there."""
    folder = data / BUNDLES / model
    paths = (path for path in sorted(folder.glob("*")) if digest.startswith(path.name))
    for bundle in map(read_bundle, paths):
        if bundle.digest == digest:
            return bundle
    raise TargetingError(f"the bundle {digest[:12]} is not in {folder}.")


def read_champions(data: Path) -> dict[str, Champion]:
    """Return the version in use of each model; none where nothing was promoted."""
    path = data / CHAMPIONS
    if not path.exists():
        return {}
    try:
        return {model: _champion(**held) for model, held in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError):
        raise PromotionError(f"{path} cannot be read. Promote the version in use again.") from None


def _champion(version: str, digest: str, earlier: Sequence[Sequence[str]] = ()) -> Champion:
    return Champion(version, digest, tuple((one, its_digest) for one, its_digest in earlier))


def _failed_gates(bundle: Bundle) -> list[str]:
    gates = bundle.evidence_json(GATES)
    failed = [gate for gate in gates if gate["passed"] is not True]
    return [f"gate {gate['name']} failed ({gate['detail'].rstrip('.')})" for gate in failed] if gates else [_NO_GATES]


def _audit_reasons(bundle: Bundle, accepted_until: date | None, on: date) -> list[str]:
    if AUDIT not in bundle.evidence:
        return ["it was not audited for fairness"]
    verdict = bundle.evidence_json(AUDIT).get("verdict")
    if verdict in ("pass", "concern"):
        return []
    if verdict != "cannot tell":
        return [f"the fairness audit says {verdict or 'nothing'}"]
    if accepted_until is None:
        return ["the fairness audit cannot tell, and no data protection officer accepted that until a date"]
    return [f"the audit that could not tell was to be made again by {accepted_until}"] if accepted_until < on else []


def _accepted_until(signatures: Sequence[Signature], signers: Sequence[Signer]) -> date | None:
    officers = {signer.name for signer in signers if signer.role == "data_protection"}
    dates = [each.re_audit_by for each in signatures if each.name in officers and each.re_audit_by is not None]
    return min(dates, default=None)


def _copy(source: Path, target: Path) -> None:
    """Copy a bundle whole or not at all. Where the version is there already, only its signatures can be new."""
    if target.exists():
        shutil.copytree(source / SIGNATURES, target / SIGNATURES, dirs_exist_ok=True)
        return
    private_folder(target.parent)
    place_folder(target, lambda folder: _copy_into(folder, source))


def _copy_into(folder: Path, source: Path) -> None:
    shutil.copytree(source, folder, dirs_exist_ok=True)


def _set_champion(data: Path, model: str, champion: Champion) -> None:
    champions = {**read_champions(data), model: champion}
    told = {name: vars(held) for name, held in champions.items()}
    write_atomically(data / CHAMPIONS, json.dumps(told, indent=1, sort_keys=True).encode())
