"""What makes a change of the audit log show: the authentication code (MAC) of an entry, and the chain.

Both are keyed, so that whoever can write to the database but does not know the key can make neither. The
same contents give the same bytes on every database: sorted JSON, moments in UTC with microseconds.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

NONCE_LENGTH = 32  # hexadecimal digits, so that no MAC occurs twice: a copied entry shows
DIGEST_LENGTH = 64
MAC_LENGTH = NONCE_LENGTH + DIGEST_LENGTH


def canonical(values: Any) -> bytes:
    """The one way of writing `values`."""
    text = json.dumps(values, default=_plain, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no one way of being written")


def mac_of(contents: Mapping[str, Any], *, key: str, nonce: str) -> str:
    """The message authentication code of an entry, behind its `nonce`."""
    return nonce + _keyed(key, [nonce, contents])


def is_mac_of(contents: Mapping[str, Any], mac: str, *, keys: Iterable[str]) -> bool:
    """Whether one of the keys makes this MAC of the contents."""
    nonce = mac[:NONCE_LENGTH]
    made = (mac_of(contents, key=key, nonce=nonce) for key in keys)
    return any(hmac.compare_digest(each.encode(), mac.encode()) for each in made)


def link_of(
    contents: Mapping[str, Any], mac: str, *, entry: int, number: int, previous: str, key: str
) -> str:
    """The digest of seal `number` on the entry in row `entry`, given that of the seal before."""
    return _keyed(key, [number, previous, entry, contents, mac])


def _keyed(key: str, values: Any) -> str:
    return hmac.new(key.encode(), canonical(values), hashlib.sha256).hexdigest()
