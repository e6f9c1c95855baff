"""Names as they are compared: plain letters, the sound that different spellings share, nicknames."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

# Letters that no accent can be stripped from.
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "\u2019": "",
        "'": "",
        "`": "",
    }
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "master"})
# What a form holds where nobody knew the name: "Baby of ...", "Unknown", "NK", "Twin 1".
_NO_NAME = frozenset({"baby", "unborn", "unknown", "infant", "not", "nk", "na", "tbc", "twin", "boy", "girl"})
_SHORT_MOHAMMED = frozenset({"md", "mohd", "muhd", "mohmd"})
# Borne before the name a boy is called by in many families, it says as little of the bearer as a title does.
MOHAMMED = "muhamad"

_SOUNDS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(ie|ey|ee|y)$", "i"),
        (r"ee|^e(?!u)", "i"),
        (r"oo", "u"),
        (r"ph", "f"),
        (r"sz|sch", "sh"),
        (r"cz", "ch"),
        (r"rz", "z"),
        (r"ck|q", "k"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c(?!h)", "k"),
        (r"w", "v"),
        (r"([kgdtbp])h", r"\1"),
        (r"y", "i"),
        (r"o", "u"),
        (r"e", "a"),
        (r"(?<![sc])h(?![aiu])", ""),
        (r"(.)\1+", r"\1"),
        (r"([aiu])([aiu])[aiu]+", r"\1\2"),
    )
)


@dataclass(frozen=True)
class Name:
    """A given or family name made comparable.

    `text` is its words in plain lower-case letters and `sound` their sounds; `core` and `core_sounds` leave out a
    leading Mohammed where another word follows. `roots` are the sounds of the core's first word and of the names that
    it may be short for. `is_common` tells that the core is known as a name of its own.
    """

    text: str
    sound: str
    core: str
    core_sounds: tuple[str, ...]
    roots: tuple[str, ...]
    is_common: bool


@dataclass(frozen=True)
class KnownNames:
    """What is known of given names: the sounds of what each may be short for, by its sound, and those of their own."""

    roots: Mapping[str, tuple[str, ...]]
    common: Set[str]


def known_names(nicknames: Mapping[str, Iterable[str]], common: Iterable[str] = ()) -> KnownNames:
    """Return what is known of names: `nicknames` gives short forms and other spellings by the name they stand for.

    `alex` may stand for two. Every name that is mentioned is one of its own.
    """
    roots: dict[str, set[str]] = {}
    every = {name.casefold() for name in common}
    for full, others in nicknames.items():
        every |= {full.casefold(), *(other.casefold() for other in others)}
        for other in others:
            roots.setdefault(sound_of(other.casefold()), set()).add(sound_of(full.casefold()))
    return KnownNames({short: tuple(sorted(full)) for short, full in roots.items()}, frozenset(every))


def comparable(name: str, known: KnownNames) -> Name | None:
    """Return a name made comparable: no case, accents, titles, punctuation; None for `Baby`, `unknown` and the like."""
    words = _words(name)
    if not words:
        return None
    sounds = [sound_of(word) for word in words]
    first = 1 if len(words) > 1 and sounds[0] == MOHAMMED else 0
    return Name(
        text=" ".join(words),
        sound=" ".join(sounds),
        core=" ".join(words[first:]),
        core_sounds=tuple(sounds[first:]),
        roots=tuple(sorted({*known.roots.get(sounds[first], ()), sounds[first]})),
        is_common=set(words[first:]) <= known.common,
    )


def _words(name: str) -> list[str]:
    words = [word for word in re.split(r"[^a-z]+", plain_letters(name)) if word and word not in _TITLES]
    return [] if words and words[0] in _NO_NAME else words


def plain_letters(text: str) -> str:
    """Return a text in lower case, its accents and apostrophes gone."""
    return unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()


def sound_of(word: str) -> str:
    """Return what spellings of one name share, as names are written by ear from Urdu, Bengali, Arabic or Polish.

    Mohammed and Muhammad, Ayesha and Aisha, Khadijah and Khadeeja, Kowalski and Kovalsky sound alike.
    """
    if word in _SHORT_MOHAMMED:
        return MOHAMMED
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word
