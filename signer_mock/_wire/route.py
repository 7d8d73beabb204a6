"""From method and path to the operation's name, as the model's URI templates say."""

from __future__ import annotations

from urllib.parse import unquote

from signer_mock._wire.exceptions import UnknownOperationException


class Router:
    """Matches paths segment by segment while they are still percent-encoded.

    An ARN in a path keeps its slashes as ``%2F``, so it stays one segment.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], str]]] = {}

    def add(self, method: str, template: str, operation: str) -> None:
        """Add a route such as ``/signing-profiles/{profileName}/permissions``."""
        segments = tuple(template.strip("/").split("/"))
        routes = self._routes.setdefault((method, len(segments)), [])
        routes.append((segments, operation))
        # A literal segment beats a label at the same place.
        routes.sort(key=lambda route: [segment.startswith("{") for segment in route[0]])

    def match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation and its decoded path parameters.

        Raises:
            UnknownOperationException: no operation has this method and path.
        """
        segments = path.strip("/").split("/")
        for template, operation in self._routes.get((method, len(segments)), ()):
            labels = {}
            for expected, actual in zip(template, segments, strict=True):
                if expected.startswith("{"):
                    if not actual:
                        break
                    labels[expected[1:-1]] = unquote(actual)
                elif expected != actual:
                    break
            else:
                return operation, labels
        msg = f"No operation of AWS Signer answers {method} {path}."
        raise UnknownOperationException(msg)
