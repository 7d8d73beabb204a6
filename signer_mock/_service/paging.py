"""Pages and their tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from signer_mock._wire.exceptions import ValidationException

#: The largest page, and the size of a page where the request names none.
MAX_RESULTS = 25

_PLACE_BYTES = 6

_T = TypeVar("_T")


class Paginator:
    """Cuts lists into pages.

    A token holds the place of the next item in its list and a seal over place, operation,
    caller and filters: it is worthless for any other question, and cannot be made up. A place
    stays the same place while items are appended.

    Args:
        secret: what seals are made with.
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
        newest_first: bool = False,
    ) -> tuple[list[_T], str | None]:
        """One page of the matching items.

        Args:
            items: the whole list; it may only ever grow at its end.
            question: who asks what: the operation, account and region.
            params: the request: ``maxResults``, ``nextToken``, and the filters.
            matches: whether an item passes the filters.
            newest_first: walk from the end.

        Returns:
            The page, and the token of the next one or None.

        Raises:
            ValidationException: the token is not one that this list gave for these filters.
        """
        filters = {k: v for k, v in params.items() if k not in {"maxResults", "nextToken"}}
        context = json.dumps([question, filters], sort_keys=True, default=str).encode()
        step = -1 if newest_first else 1
        place = len(items) - 1 if newest_first else 0
        if params.get("nextToken"):
            place = self._open(params["nextToken"], context, len(items))
        limit = params.get("maxResults") or MAX_RESULTS
        page: list[_T] = []
        while 0 <= place < len(items):
            item = items[place]
            if matches(item):
                if len(page) == limit:
                    return page, self._seal(place, context)
                page.append(item)
            place += step
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
        # Sealing anew, rather than checking the seal, also refuses another spelling of the same.
        genuine = hmac.compare_digest(token.encode(), self._seal(place, context).encode())
        # A list can have become shorter since, by mock.restore().
        if not genuine or place >= length:
            msg = "The nextToken is invalid."
            raise ValidationException(msg, "InvalidNextToken")
        return place

    def _mac(self, head: bytes, context: bytes) -> bytes:
        return hmac.digest(self._secret, head + context, hashlib.sha256)[:18]
