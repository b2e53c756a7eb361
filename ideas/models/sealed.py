"""A database field for personal data: a JSON object, encrypted as one blob with the current key."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models

from ideas import conf
from ideas.rules.privacy import Keyring
from ideas.rules.record import canonical

ROW = "@row"  # beside the sealed members: which row they belong to


@lru_cache(maxsize=4)
def _ring(names: tuple[tuple[str, bytes], ...], ends: tuple[tuple[str, datetime], ...]) -> Keyring:
    return Keyring(dict(names), dict(ends))


def keyring() -> Keyring:
    """The keys of the settings."""
    return _ring(tuple(conf.keys().items()), tuple(conf.retired_keys().items()))


def vouch(purpose: str, facts: Mapping[str, Any]) -> str:
    """The portal's word for some facts (str, int, bool, None, dict, list): nobody without keys can give it."""
    return keyring().digest(canonical(facts), purpose)


def is_vouched(seal: str, purpose: str, facts: Mapping[str, Any], at: datetime | None = None) -> bool:
    """Whether `seal` is that word; `at` is when it was given: a retired key vouches only for what is older."""
    return bool(seal) and keyring().matches(seal, canonical(facts), purpose, at)


def columns_of(row: models.Model, *but: str) -> dict[str, Any]:
    """All columns of a row except some, by their names in the database, as facts to vouch for.

    A new column is a migration that vouches anew.
    """
    columns = (field for field in row._meta.concrete_fields if field.column not in but)
    return {str(field.column): _plain(field.value_from_object(row)) for field in columns}


def _plain(value: Any) -> Any:
    """One form for each value, whichever database gives it back."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1_000_000)
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, float) else value


class SealedJSONField(models.TextField):
    """A dict in Python, `aesgcm:<key>:<base64>` in the database; an empty dict is kept as an empty text.

    The ciphertext is tied to its table and column, so it does not open anywhere else, and says inside which row it was
    sealed for (the model's `sealed_for`): moved to another row it opens, and an invariant names it. It cannot be
    searched.
    """

    if TYPE_CHECKING:  # what django-stubs is to make of it
        _pyi_private_set_type: dict[str, Any]  # type: ignore[assignment]
        _pyi_private_get_type: dict[str, Any]  # type: ignore[assignment]

    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: str | None, *_: Any) -> dict:
        return self.opened(value)[0] if value else {}

    def opened(self, sealed: str) -> tuple[dict, str | None]:
        """What is sealed and the row that it was sealed for; raises privacy.CannotOpen."""
        value = json.loads(keyring().open(sealed, self._context()))
        return value, value.pop(ROW, None)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        row = getattr(model_instance, "sealed_for", None)  # models of a migration's past have none
        return {**value, ROW: row} if value and row is not None else value

    def to_python(self, value: Any) -> dict:
        return value or {}

    def get_prep_value(self, value: dict | None) -> str:
        if not value:
            return ""
        return keyring().seal(json.dumps(value, ensure_ascii=False).encode(), self._context())

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it empty" can be asked: no two ciphertexts of the same data are alike."""
        return super().get_lookup(lookup_name) if lookup_name == "exact" else None
