"""Sealed personal data as migrations read and write them: the field of the tables' past and keyed hashes.

To Django it is the field that the models have (`deconstruct`), so that nothing seems to have changed.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12
ROW = "@row"  # beside the sealed members: which row they belong to


class CannotOpen(Exception):
    """The ciphertext is damaged, belongs elsewhere, or its key is not among the settings'."""


def _keys() -> dict[str, bytes]:
    """Master keys by name; the first writes, all read."""
    pairs = (entry.partition(":") for entry in settings.IDEAS_KEYS)
    return {name: base64.urlsafe_b64decode(text) for name, _, text in pairs}


def _subkey(master: bytes, purpose: str) -> bytes:
    return hmac.digest(master, purpose.encode(), hashlib.sha256)


def _seal(plain: bytes, context: str) -> str:
    name, master = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + AESGCM(_subkey(master, "seal")).encrypt(nonce, plain, context.encode())
    return f"aesgcm:{name}:{base64.urlsafe_b64encode(body).decode()}"


def _open(sealed: str, context: str) -> bytes:
    algorithm, _, rest = sealed.partition(":")
    name, _, body = rest.partition(":")
    keys = _keys()
    if algorithm != "aesgcm" or name not in keys:
        raise CannotOpen(f"no key {name!r} for {algorithm!r}")
    raw = base64.urlsafe_b64decode(body)
    try:
        return AESGCM(_subkey(keys[name], "seal")).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
    except InvalidTag as error:
        raise CannotOpen(f"damaged, or not made for {context!r}") from error


def digests(data: bytes, purpose: str) -> list[str]:
    """The keyed hash under every key; the first is written."""
    values = {name: hmac.digest(_subkey(key, purpose), data, hashlib.sha256) for name, key in _keys().items()}
    return [f"hmac-sha256:{name}:{value.hex()}" for name, value in values.items()]


def digest(data: bytes, purpose: str) -> str:
    return digests(data, purpose)[0]


class SealedJSONField(models.TextField):
    """A dict in Python, `aesgcm:<key>:<base64>` in the database; an empty dict is kept as an empty text."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "ideas.models.sealed.SealedJSONField", args, kwargs

    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: str | None, *_: Any) -> dict:
        opened = json.loads(_open(value, self._context())) if value else {}
        opened.pop(ROW, None)
        return opened

    def to_python(self, value: Any) -> dict:
        return value or {}

    def get_prep_value(self, value: dict | None) -> str:
        return _seal(json.dumps(value, ensure_ascii=False).encode(), self._context()) if value else ""

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it empty" can be asked: no two ciphertexts of the same data are alike."""
        return super().get_lookup(lookup_name) if lookup_name == "exact" else None
