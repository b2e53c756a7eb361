"""A database field for personal data: a JSON object, encrypted as one blob with the current key."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models

from ideas import conf
from ideas.rules.privacy import Keyring


@lru_cache(maxsize=4)
def _ring(names: tuple[tuple[str, bytes], ...]) -> Keyring:
    return Keyring(dict(names))


def keyring() -> Keyring:
    """The keys of the settings."""
    return _ring(tuple(conf.keys().items()))


class SealedJSONField(models.TextField):
    """A dict in Python, `aesgcm:<key>:<base64>` in the database; an empty dict is kept as an empty text.

    The ciphertext is tied to its table and column, so it does not open anywhere else. It cannot be searched.
    """

    if TYPE_CHECKING:  # what django-stubs is to make of it
        _pyi_private_set_type: dict[str, Any]  # type: ignore[assignment]
        _pyi_private_get_type: dict[str, Any]  # type: ignore[assignment]

    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: str | None, *_: Any) -> dict:
        return json.loads(keyring().open(value, self._context())) if value else {}

    def to_python(self, value: Any) -> dict:
        return value or {}

    def get_prep_value(self, value: dict | None) -> str:
        if not value:
            return ""
        return keyring().seal(json.dumps(value, ensure_ascii=False).encode(), self._context())

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it empty" can be asked: no two ciphertexts of the same data are alike."""
        return super().get_lookup(lookup_name) if lookup_name == "exact" else None
