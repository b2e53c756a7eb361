"""How wide words are on paper, and so how large they can be set."""

from unicodedata import east_asian_width

LONG_TITLE = (28, 60)


def width(text: str) -> int:
    """In letters; a Chinese character is as wide as two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def title_size(title: str) -> str:
    """The class of a poster's title, "" for the largest letters."""
    wide = width(title)
    return "longest" if wide > LONG_TITLE[1] else "long" if wide > LONG_TITLE[0] else ""
