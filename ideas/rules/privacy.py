"""Personal data: sealing them, finding them by a keyed hash, masking them, naming a proposer as consented.

Every ciphertext and keyed hash says which algorithm and which key made it (`aesgcm:k1:…`, `hmac-sha256:k1:…`),
so that keys can be rotated and other algorithms (SM4, SM3) can join without touching old rows.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ideas.rules.telephones import kept, line_of

NONCE_BYTES = 12
NOTICE_VERSION = "2026-12"  # of templates/privacy/notice.html; residents' consents name it
NAMES_UNITS = "2026-12"  # from this version on the notice says that a unit may be given a contact


def allows_units(version: str) -> bool:
    """Whether a consent to that version of the notice covers giving a contact to a unit."""
    return version >= NAMES_UNITS


class CannotOpen(Exception):
    """The ciphertext is damaged, belongs elsewhere, or its key is not on the ring."""


@lru_cache(maxsize=64)
def _subkey(master: bytes, purpose: str) -> bytes:
    """One master key serves several purposes without one purpose's leak telling another's key."""
    return hmac.digest(master, purpose.encode(), hashlib.sha256)


class Keyring:
    """Master keys by name: the first writes, all read. A retired key (`ends`) vouches only for what is older."""

    def __init__(self, keys: Mapping[str, bytes], ends: Mapping[str, datetime] | None = None) -> None:
        self._keys, self._ends = dict(keys), dict(ends or {})
        self.current = next(iter(self._keys))

    def seal(self, plain: bytes, context: str) -> str:
        """Encrypt (AES-256-GCM). `context` names the place; a ciphertext moved to another place will not open."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(_subkey(self._keys[self.current], "seal"))
        body = nonce + cipher.encrypt(nonce, plain, context.encode())
        return f"aesgcm:{self.current}:{base64.urlsafe_b64encode(body).decode()}"

    def open(self, sealed: str, context: str) -> bytes:
        algorithm, name, body = _parts(sealed)
        if algorithm != "aesgcm" or name not in self._keys:
            raise CannotOpen(f"no key {name!r} for {algorithm!r}")
        raw = base64.urlsafe_b64decode(body)
        cipher = AESGCM(_subkey(self._keys[name], "seal"))
        try:
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except InvalidTag as error:
            raise CannotOpen(f"damaged, or not made for {context!r}") from error

    def digest(self, data: bytes, purpose: str) -> str:
        """A keyed hash, HMAC-SHA-256."""
        return self._digest(self.current, data, purpose)

    def digests(self, data: bytes, purpose: str) -> list[str]:
        """The keyed hash under every key of the ring: what to look a value up by while keys rotate."""
        return [self._digest(name, data, purpose) for name in self._keys]

    def matches(self, digest: str, data: bytes, purpose: str, at: datetime | None = None) -> bool:
        """Whether `digest` is the keyed hash of `data` under the key that it names; takes constant time.

        `at` is when it was made, for what nobody makes anew: from its end on a retired key counts for nothing.
        """
        name = _parts(digest)[1]
        if name not in self._keys or (at is not None and self.is_retired(name, at)):
            return False
        return hmac.compare_digest(self._digest(name, data, purpose).encode(), digest.encode())

    def is_retired(self, name: str, at: datetime) -> bool:
        return name in self._ends and at >= self._ends[name]

    def fingerprints(self) -> dict[str, str]:
        """By what each key is known again: its hash of its own name, which tells nothing about it."""
        return {name: self._digest(name, name.encode(), "fingerprint").rpartition(":")[2] for name in self._keys}

    def _digest(self, name: str, data: bytes, purpose: str) -> str:
        value = hmac.digest(_subkey(self._keys[name], purpose), data, hashlib.sha256)
        return f"hmac-sha256:{name}:{value.hex()}"


def _parts(text: str) -> tuple[str, str, str]:
    algorithm, _, rest = text.partition(":")
    name, _, body = rest.partition(":")
    return algorithm, name, body


def takes_sms(phone: str, countries: Iterable[str] = ("+86",)) -> bool:
    """Whether a number (as rules.telephones keeps it) gets SMS: one of these countries, in mainland China a mobile one,
    1 and ten digits more, and nothing behind an exchange."""
    line, extension, _note = kept(phone)
    is_mobile = not line.startswith("+86") or re.fullmatch(r"\+861[2-9]\d{9}", line)
    return bool(line.startswith(tuple(countries)) and is_mobile and not extension)


def mask_phone(phone: str) -> str:
    """138****1234; country code, extension and note are left out."""
    digits = line_of(phone).removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else "****"


def mask_email(email: str) -> str:
    """l***@example.com"""
    local, at, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def mask_name(name: str) -> str:
    """林**: the first character and two stars, whatever the length, so that the length tells nothing."""
    return f"{name[:1]}**" if name else ""


def public_name(*, naming: str, name: str, net_name: str, may_publish: bool) -> str:
    """The proposer's name as consented for publication; empty means "not named".

    A name is published only with separate consent (个人信息保护法 §25).
    """
    if not may_publish:
        return ""
    return {"real": name, "net_name": net_name}.get(naming, "")
