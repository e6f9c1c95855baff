"""Who has signed a model, as its audit's page names them."""

from collections.abc import Sequence

from targeting.fairness.results import Signed
from targeting.models.bundle import Bundle
from targeting.models.signatures import verify_signatures
from targeting.models.signers import TITLES, Signer


def signed_on(bundle: Bundle, signers: Sequence[Signer]) -> tuple[Signed, ...]:
    """Return those who signed a bundle; none where nobody has. Raises SignatureError where a signature does not hold.

    The page shows them by `fairness.signatures.with_signatures`.
    """
    roles = {each.name: TITLES[each.role].capitalize() for each in signers}
    return tuple(
        Signed(
            role=roles[each.name],
            name=each.name,
            accepts_until=each.re_audit_by.isoformat() if each.re_audit_by else "",
        )
        for each in verify_signatures(bundle, signers, required_roles=())
    )
