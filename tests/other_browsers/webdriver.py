"""The few WebDriver commands that the tests need, over HTTP (WebKitWebDriver) and over Marionette (Firefox).

W3C WebDriver, https://www.w3.org/TR/webdriver2/; Marionette is Firefox's own transport of the same commands:
``<length>:[0, number, "WebDriver:<Command>", {...}]``, answered by ``[1, number, error, result]``.
"""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from itertools import count
from typing import Any, ClassVar, Protocol

SCRIPT_SECONDS = 180
# The name that an element's id has in an answer, by the standard.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# https://www.w3.org/TR/webdriver2/#keyboard-actions
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "ArrowRight": "\ue014"}


class Failed(Exception):
    """The browser said no."""


class Transport(Protocol):
    def command(self, name: str, values: dict[str, Any]) -> Any: ...  # noqa: ANN401 -- JSON

    def close(self) -> None: ...


class Marionette:
    """Firefox, started with ``--marionette``, at this port."""

    def __init__(self, port: int) -> None:
        self._socket = _patiently(port)
        self._file = self._socket.makefile("rb")
        self._numbers = count(1)
        self._receive()
        self.command("NewSession", {})

    def command(self, name: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        message = json.dumps([0, next(self._numbers), f"WebDriver:{name}", values]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise Failed(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def _receive(self) -> Any:  # noqa: ANN401 -- JSON
        length = b""
        while (byte := self._file.read(1)) != b":":
            if not byte:
                raise Failed("Firefox has gone")
            length += byte
        return json.loads(self._file.read(int(length)))

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Http:
    """A driver at this port; ``capabilities`` as in New Session."""

    # A command's place below the session.
    PLACES: ClassVar = {
        "Navigate": "url",
        "ExecuteScript": "execute/sync",
        "ExecuteAsyncScript": "execute/async",
        "SetTimeouts": "timeouts",
        "FindElement": "element",
        "PerformActions": "actions",
        "Refresh": "refresh",
    }
    # And below one of its elements.
    OF_ELEMENT: ClassVar = {"ElementClick": "click", "ElementSendKeys": "value"}

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        _patiently(port).close()
        self._root = f"http://127.0.0.1:{port}/session"
        made = self._ask("POST", self._root, {"capabilities": {"alwaysMatch": capabilities}})
        self._root += f"/{made['sessionId']}"

    def command(self, name: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        if name in self.OF_ELEMENT:
            given = dict(values)
            return self._ask("POST", f"{self._root}/element/{given.pop('id')}/{self.OF_ELEMENT[name]}", given)
        return self._ask("POST", f"{self._root}/{self.PLACES[name]}", values)

    def _ask(self, method: str, url: str, values: dict[str, Any] | None) -> Any:  # noqa: ANN401 -- JSON
        data = None if values is None else json.dumps(values).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=SCRIPT_SECONDS + 60) as answer:  # noqa: S310 -- http, by its root
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise Failed(f"{said['error']}: {said['message']}") from error

    def close(self) -> None:
        self._ask("DELETE", self._root, None)


class Page:
    """A browser's one page."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        transport.command("SetTimeouts", {"script": SCRIPT_SECONDS * 1000, "pageLoad": 60_000})

    def go(self, url: str) -> None:
        self._transport.command("Navigate", {"url": url})

    def run(self, script: str, *args: object) -> Any:  # noqa: ANN401 -- JSON
        """What the body of a function returns."""
        return self._transport.command("ExecuteScript", {"script": script, "args": list(args)})

    def awaited(self, script: str, *args: object) -> Any:  # noqa: ANN401 -- JSON
        """What the body of an async function returns. Raises: Failed with code and message of what it throws."""
        body = (
            "const done = arguments[arguments.length - 1];"
            f"(async (...args) => {{ {script} }})(...arguments).then((value) => done({{ value }}),"
            " (error) => done({ error: `${error.code ?? error.name}: ${error.message}` }));"
        )
        result = self._transport.command("ExecuteAsyncScript", {"script": body, "args": list(args)})
        if "error" in result:
            raise Failed(result["error"])
        return result.get("value")

    def reload(self) -> None:
        self._transport.command("Refresh", {})

    def click(self, selector: str) -> None:
        """As a person does: the page may sound after it."""
        # What lies under the dock counts as in view for WebKitWebDriver.
        self.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", selector)
        self._transport.command("ElementClick", {"id": self._element(selector)})

    def send(self, selector: str, text: str) -> None:
        """Text for a field, or a file's path for one of files."""
        self._transport.command("ElementSendKeys", {"id": self._element(selector), "text": text})

    def press(self, key: str) -> None:
        """A key of `KEYS`, or a character."""
        value = KEYS.get(key, key)
        actions = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        self._transport.command("PerformActions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def _element(self, selector: str) -> str:
        found = self._transport.command("FindElement", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def until(self, script: str, seconds: float) -> Any:  # noqa: ANN401 -- JSON
        """Waits until a script returns something true, which is returned."""
        end = time.monotonic() + seconds
        while not (found := self.run(script)):
            if time.monotonic() > end:
                said = self.run("return document.body.innerText.slice(0, 500)")
                raise Failed(f"not so within {seconds} s: {script}; the page says: {said}")
            time.sleep(0.1)
        return found


def _patiently(port: int) -> socket.socket:
    """A connection to what is about to listen."""
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=SCRIPT_SECONDS + 60)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
