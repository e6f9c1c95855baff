"""Who has signed, on the audit's page.

The page that a model's evidence keeps is itself among what is signed and so cannot name a signature. A page that is
shown takes the part on signatures anew and keeps every other byte.
"""

from collections.abc import Sequence

from markupsafe import Markup

from targeting.fairness.results import Signed
from targeting.fairness.templating import environment

TO_SIGN = ("Service lead", "Data protection officer")
BEGINS, ENDS = "<!-- signatures -->\n", "<!-- end of signatures -->\n"


def signatures_html(signed: Sequence[Signed]) -> Markup:
    """Return the part of the page that says who has signed, and which roles have not."""
    template = environment().get_template("signatures.html.j2")
    return Markup(template.render(signed=signed, signatures=_roles(signed)))  # noqa: S704 - escaped as it was rendered


def with_signatures(page: str, signed: Sequence[Signed]) -> str:
    """Return a page of evidence with those whose signatures hold; a page without such a part is returned as it is."""
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    return f"{before}{begins}{signatures_html(signed)}{ends}{after}" if ends else page


def _roles(signed: Sequence[Signed]) -> list[Signed]:
    """Return who signed, and for every role that is still to sign a row without a name."""
    filled = {each.role for each in signed}
    return [*signed, *(Signed(role=role) for role in TO_SIGN if role not in filled)]
