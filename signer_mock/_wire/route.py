"""Find the operation of a method and path, by the model's URI templates."""

from __future__ import annotations

from urllib.parse import unquote

from signer_mock._wire.exceptions import UnknownOperationException


class Router:
    """Matches paths segment by segment while they are still percent-encoded.

    An ARN in a path keeps its slashes as ``%2F``, so it stays one segment.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, int], list[tuple[list[str], str]]] = {}

    def add(self, method: str, template: str, operation: str) -> None:
        """Add a route such as ``/signing-profiles/{profileName}/permissions``."""
        segments = template.split("/")
        self._routes.setdefault((method, len(segments)), []).append((segments, operation))

    def match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """Return the operation and its decoded path parameters.

        Bytes in them that are not UTF-8 become surrogates, which the parser refuses.

        Raises:
            UnknownOperationException: No operation has this method and path.
        """
        segments = path.split("/")
        for template, operation in self._routes.get((method, len(segments)), ()):
            labels = {}
            for expected, actual in zip(template, segments, strict=True):
                if expected.startswith("{") and actual:
                    decoded = unquote(actual, errors="surrogateescape") if "%" in actual else actual
                    labels[expected[1:-1]] = decoded
                elif expected != actual:
                    break
            else:
                return operation, labels
        msg = f"No operation of AWS Signer answers {method} {path}."
        raise UnknownOperationException(msg)
