"""JupyterLab and Debian's chromium, for tests of what people touch and for the pictures of the documentation.

    with jupyterlab(course.root, scratch) as lab, chromium() as browser:
        page = new_page(browser, lab)
        page.goto(lab.url("formgrader/manage_assignments"))
        picture(page, Path("build/pictures/formgrader.png"))

Both end with their ``with``, whatever happens in it. The server listens on the loopback, wants a token and keeps
nothing outside of the scratch folder; the browser reaches no other address.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
STARTING_SECONDS = 120
"""How long a server may take to answer first; it takes some 5 s on two cores, more when they are busy."""
WAIT_SECONDS = 60
"""How long playwright waits for what a page is to show."""


def program() -> str | None:
    """The path of the system's chromium; None where there is none. Playwright's own browsers are not used."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def missing() -> str:
    """What is missing for tests in a browser, in one line; empty when nothing is."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "needs playwright: make install"
    return "" if program() else "needs a browser: apt-get install chromium"


needs_browser = pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")
"""The mark of tests that drive a browser."""


# --- the browser ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Playwright's `Browser`. While it is there no other event loop can run in this thread: start programs instead."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_SECONDS * 1000)
    # Playwright adds --no-sandbox of its own accord: chromium's sandbox refuses to start for root.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Any, lab: "Lab | None" = None, *, width: int = 1280, height: int = 900) -> Any:
    """A page with cookies of its own, in a window of this many pixels, logged in to `lab`; it waits patiently."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    if lab is not None:
        # Not at a page of formgrader: what logs in there gets a cookie for that page alone.
        page.goto(f"{lab.address}api/status?token={lab.token}")
    return page


@contextlib.contextmanager
def kept_on_failure(request: pytest.FixtureRequest, page: Any) -> Iterator[Any]:
    """The page, for a fixture: when the test fails, what the page shows then is kept in build/browser/."""
    failed = request.session.testsfailed
    try:
        yield page
        if request.session.testsfailed > failed:
            print("the page at its end:", picture(page, REPOSITORY / "build" / "browser" / f"{request.node.name}.png"))
    finally:
        page.context.close()


def picture(page: Any, path: Path, *, width: int | None = None, whole: bool = False) -> Path:
    """Write what the page shows as a PNG, after it was made `width` pixels wide; `whole`: also what is below."""
    if width is not None:
        page.set_viewport_size({"width": width, "height": page.viewport_size["height"]})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), full_page=whole, animations="disabled")
    return path


# --- the server -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    token: str
    folder: Path
    home: Path

    def url(self, path: str = "lab") -> str:
        """The address of a page of the server."""
        return self.address + path

    def log(self) -> str:
        """What the server said so far."""
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")


def run(course: Path, home: Path, *command: str) -> str:
    """What `python -m <command>` prints in the course's folder; AssertionError with all of it when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=course, env=surroundings(home), capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def surroundings(home: Path) -> dict[str, str]:
    """The environment of programs that must find nothing of this machine's user: home and Jupyter's folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_", "IPYTHON"))}
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, **folders, "PATH": programs, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path, environment: Mapping[str, str] | None = None) -> Iterator[Lab]:
    """`jupyter lab` in `folder`, as a person starts it there; `home`: a folder for all that it keeps.

    RuntimeError with the server's log when it does not come up.
    """
    (home / "config" / "labconfig").mkdir(parents=True, exist_ok=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}  # asks about news
    (home / "config" / "labconfig" / "page_config.json").write_text(json.dumps(quiet))
    command = (
        ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    )  # ends with us even if we are killed
    command += [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**surroundings(home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _answering(server, folder, home)
    finally:
        _end(server)


def _answering(server: "subprocess.Popen[bytes]", folder: Path, home: Path) -> Lab:
    """The server's address and token, which it writes down once it listens."""
    path = home / "runtime" / f"jpserver-{server.pid}.json"
    end = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # not there yet, half written
            said = json.loads(path.read_text())
            return Lab(said["url"], said["token"], folder, home)
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not come up:\n{(home / 'server.log').read_text(errors='replace')}")


def _end(server: "subprocess.Popen[bytes]") -> None:
    """End a server, its kernels first, and all that it started."""
    server.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(20)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
