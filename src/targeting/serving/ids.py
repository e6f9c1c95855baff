"""Names of lists, flags, scores and meetings: a prefix and 26 base-32 characters."""

import re
from base64 import b32encode
from hashlib import blake2b

LENGTH = 26
_LIST = re.compile(rf"l_[a-z2-7]{{{LENGTH}}}")


def is_list_id(text: str) -> bool:
    """Return whether a text has the form of a list's id, and so may name a folder."""
    return _LIST.fullmatch(text) is not None


def list_id(*parts: str) -> str:
    """Return the id of the list that `parts` (model, panel, list, date) name; same parts, same id."""
    return _identifier("l_", parts)


def flag_id(on_list: str, family_id: str) -> str:
    """Return the id of one family's flag on one list. The family's own id is a keyed pseudonym already."""
    return _identifier("g_", (on_list, family_id))


def score_id(on_list: str, family_id: str, as_of_date: str, values_digest: str) -> str:
    """Return the id of a score: of one family on a date by the rules of one list, from the values of that digest."""
    return _identifier("s_", (on_list, family_id, as_of_date, values_digest))


def meeting_id(panel: str, as_of_date: str) -> str:
    """Return the id of a panel's meeting on the lists of a date."""
    return _identifier("m_", (panel, as_of_date))


def _identifier(prefix: str, parts: tuple[str, ...]) -> str:
    # The prefix of each part's length keeps ("ab", "c") and ("a", "bc") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    digest = blake2b(text.encode(), digest_size=17, person=prefix.encode()).digest()
    return prefix + b32encode(digest).decode().lower()[:LENGTH]
