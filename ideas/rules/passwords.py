"""What makes a password too easy to guess for somebody who knows whose it is."""

from collections.abc import Iterable, Iterator

from ideas.rules.characters import plain, sound

SHORTEST = {True: 3, False: 2}  # of a name in Latin letters, and in characters: shorter ones stand in many words
LEAST_BESIDE = 4  # letters beside the name, so that more than name and year must be guessed


def is_ones_name(password: str, names: Iterable[str]) -> bool:
    """Whether a password is little more than one's own name, in characters or in pinyin; digits and signs add nothing.

    `names`: the user name, the full name, the part of the e-mail address before the @.
    """
    letters = "".join(each for each in _plain(password) if not each.isdigit())
    return any(
        spelled in letters and len(letters) - len(spelled) < LEAST_BESIDE
        for name in names
        for spelled in _spellings(name)
    )


def _spellings(name: str) -> Iterator[str]:
    """The name without digits and signs; in pinyin with the surname first and last."""
    letters = "".join(each for each in _plain(name) if not each.isdigit())
    said = [sound(each) for each in letters]
    ways = [letters, "".join(said), "".join([*said[1:], *said[:1]])] if all(said) else [letters]
    return (way for way in ways if len(way) >= SHORTEST[way.isascii()])


def _plain(text: str) -> str:
    return "".join(map(plain, text))
