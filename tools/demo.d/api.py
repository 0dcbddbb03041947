"""An appliance's HTTP API on its unix socket (docs/api.md)."""

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from processes import DemoError


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Api:
    def __init__(self, path: Path, timeout_s: float = 2) -> None:
        self._path, self._timeout_s = path, timeout_s

    def get(self, path: str) -> Any:
        return self._request("GET", path)

    def put(self, collection: str, name: str, body: Mapping[str, Any]) -> None:
        self._request("PUT", f"/v1/{collection}/{quote(name)}", body)

    def delete(self, collection: str, name: str) -> None:
        self._request("DELETE", f"/v1/{collection}/{quote(name)}")

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = _UnixConnection(self._path, self._timeout_s)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status >= 300:
                raise DemoError(f"{method} {path}: {answer.status} {text.strip()}")
            return json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DemoError(f"{self._path}: {method} {path}: {error!r}") from error
        finally:
            connection.close()
