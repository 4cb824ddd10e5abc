"""Firefox and WebKitGTK as Debian has them, and a sink for their sound.

Packages ``firefox-esr``; ``webkit2gtk-driver`` and ``xvfb``; ``pulseaudio``, ``pulseaudio-utils`` and
``gstreamer1.0-plugins-good`` for the sound.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tests.server.running import free_port

from .webdriver import Http, Marionette, Page

MINI_BROWSERS = "webkit2gtk-4.*/MiniBrowser"
SINK, RATE = "nobody", 24_000
# Nothing of its own that asks the network.
FIREFOX_PREFERENCES = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
"""


def mini_browser() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob(f"*/{MINI_BROWSERS}"))), None)


def lacking(name: str) -> str:
    """What is not on this machine; empty if the browser can run."""
    programs = {"firefox": ("firefox-esr",), "webkit": ("WebKitWebDriver", "Xvfb")}[name]
    missing = [program for program in programs if not shutil.which(program)]
    if name == "webkit" and not mini_browser():
        missing.append("MiniBrowser")
    return ", ".join(missing)


@contextmanager
def running(
    *command: str, environment: Mapping[str, str] | None = None, output: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    quiet, own = subprocess.DEVNULL, {**os.environ, **(environment or {})}
    process = subprocess.Popen(command, stdin=quiet, stdout=output, stderr=quiet, env=own, start_new_session=True)
    try:
        yield process
    finally:
        # A program may be a script that starts another: all of it goes with its group.
        _signal(process, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@dataclass(frozen=True)
class Sink:
    """Where sound goes that nobody hears. ``environment``: what a program needs to find it."""

    environment: Mapping[str, str]

    @contextmanager
    def recorded(self) -> Iterator[list[NDArray[np.float32]]]:
        """What sounds meanwhile at `RATE`, [n], once it is over."""
        found: list[NDArray[np.float32]] = []
        options = ("--raw", "--format=float32le", f"--rate={RATE}", "--channels=1", f"--device={SINK}.monitor")
        with tempfile.TemporaryFile() as file:
            with running("parec", *options, environment=self.environment, output=file):
                yield found
            file.seek(0)
            data = file.read()
        found.append(np.frombuffer(data[: len(data) // 4 * 4], np.float32))


@contextmanager
def sink() -> Iterator[Sink | None]:
    """None without PulseAudio: browsers without any sound device hold their sound back."""
    if not shutil.which("pulseaudio") or not shutil.which("parec"):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "socket")
        options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no")
        modules = (f"module-native-protocol-unix socket={place} auth-anonymous=1", f"module-null-sink sink_name={SINK}")
        own = {"XDG_RUNTIME_DIR": folder, "HOME": folder}
        with running("pulseaudio", *options, *(f"--load={module}" for module in modules), environment=own):
            yield Sink({"PULSE_SERVER": f"unix:{place}", "XDG_RUNTIME_DIR": folder})


@contextmanager
def firefox(environment: Mapping[str, str]) -> Iterator[Page]:
    with tempfile.TemporaryDirectory() as profile:
        port, own = free_port(), {**environment, "HOME": profile}
        Path(profile, "user.js").write_text(f'{FIREFOX_PREFERENCES}user_pref("marionette.port", {port});\n', "utf-8")
        command = ("firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", profile)
        with running(*command, environment=own), closing(Marionette(port)) as transport:
            yield Page(transport)


@contextmanager
def webkit(environment: Mapping[str, str]) -> Iterator[Page]:
    with tempfile.TemporaryDirectory() as home:
        display, port = f":{free_port()}", free_port()
        # A container has neither a graphics card nor the rights that the sandbox needs.
        own = {
            **environment, "DISPLAY": display, "HOME": home, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "WEBKIT_DISABLE_DMABUF_RENDERER": "1", "LIBGL_ALWAYS_SOFTWARE": "1",
        }  # fmt: skip
        options = {"binary": str(mini_browser()), "args": ["--automation"]}
        with (
            running("Xvfb", display, "-screen", "0", "1280x900x24", "-nolisten", "tcp"),
            running("WebKitWebDriver", f"--port={port}", environment=own),
            closing(Http(port, {"webkitgtk:browserOptions": options})) as transport,
        ):
            yield Page(transport)


BROWSERS: dict[str, Callable[[Mapping[str, str]], AbstractContextManager[Page]]] = {
    "firefox": firefox,
    "webkit": webkit,
}
