"""Split lists into pages, with sealed page tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from signer_mock._wire.exceptions import ValidationException

#: The page size of requests without ``maxResults``; also the largest that the model allows.
DEFAULT_PAGE_SIZE = 25

_PLACE_BYTES = 6

#: So many items are looked at before the places of matching ones are asked for.
_NEAR = 100

_T = TypeVar("_T")

Candidates = Callable[[], Sequence[int] | None]


class Paginator:
    """Splits lists into pages.

    A token holds the index of the next item and a MAC over index, operation, caller and filters,
    so it cannot be forged or used with another request. Lists only grow at their end, so an
    index stays valid.

    Args:
        secret: The key of the MAC.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def page(
        self,
        items: Sequence[_T],
        question: str,
        params: Mapping[str, Any],
        matches: Callable[[_T], bool],
        *,
        newest_first: bool,
        candidates: Candidates | None = None,
    ) -> tuple[list[_T], str | None]:
        """Return one page of the matching items.

        Args:
            items: The whole list; it may only grow at its end.
            question: The operation, account and region that a token is bound to.
            params: The request: ``maxResults``, ``nextToken`` and the filters.
            matches: Whether an item passes the filters.
            newest_first: Start at the end of the list.
            candidates: Returns the places of all items that can match, ascending, or None for
                every place; only with ``newest_first``. It is asked only if many items in a row
                do not match.

        Returns:
            The page, and the token of the next page or None.

        Raises:
            ValidationException: The token was not issued for this list and these filters.
        """
        filters = {k: v for k, v in params.items() if k not in {"maxResults", "nextToken"}}
        context = json.dumps([question, filters], sort_keys=True, default=str).encode()
        place = len(items) - 1 if newest_first else 0
        if params.get("nextToken"):
            place = self._open(params["nextToken"], context, len(items))
        limit = params.get("maxResults") or DEFAULT_PAGE_SIZE
        page: list[_T] = []
        places = range(place, -1, -1) if newest_first else range(place, len(items))
        for place in _likely(places, candidates):
            item = items[place]
            if matches(item):
                if len(page) == limit:
                    return page, self._seal(place, context)
                page.append(item)
        return page, None

    def _seal(self, place: int, context: bytes) -> str:
        head = place.to_bytes(_PLACE_BYTES, "big")
        return base64.urlsafe_b64encode(head + self._mac(head, context)).decode("ascii")

    def _open(self, token: str, context: bytes, length: int) -> int:
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            raw = b""
        place = int.from_bytes(raw[:_PLACE_BYTES], "big")
        # Comparing whole tokens also refuses other base64 spellings of the same bytes.
        genuine = hmac.compare_digest(token.encode(), self._seal(place, context).encode())
        # mock.restore() can shorten a list.
        if not genuine or place >= length:
            msg = "The nextToken is invalid."
            raise ValidationException(msg, "InvalidNextToken")
        return place

    def _mac(self, head: bytes, context: bytes) -> bytes:
        return hmac.digest(self._secret, head + context, hashlib.sha256)[:18]


def _likely(places: range, candidates: Candidates | None) -> Iterator[int]:
    """Yield the next places, and after some of them only those that can match."""
    yield from places[:_NEAR]
    rest = places[_NEAR:]
    found = candidates() if candidates is not None and rest else None
    if found is None:
        yield from rest
    else:
        for number in range(bisect_right(found, rest[0]) - 1, -1, -1):
            yield found[number]
