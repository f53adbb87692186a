"""JupyterLab as `make start` opens it, and a browser in front of it whose network ends at this machine.

Needs Debian's Chromium (CI installs it). Screenshots go to the folder UNROLLED_SCREENSHOTS, if it is set.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = ("/usr/bin/chromium", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
MOST_SECONDS = 200
#: All cells of a notebook stand in the page, also those that are not on screen.
SETTINGS = {"@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"}}
NO_NEWS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False}
}


def copy_of_the_course(folder: Path) -> Path:
    """What `make start` needs, so that nothing a student does here ends up in the repository."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml", "README.md"):
        shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(ROOT / "chapters", folder / "chapters")
    (folder / ".venv").symlink_to(Path(os.environ.get("VIRTUAL_ENV") or ROOT / ".venv"))
    return folder


@dataclass
class Lab:
    """A running JupyterLab, and the browser's page."""

    page: Page
    url: str
    folder: Path
    asked_elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        """Open the landing page, or a file."""
        self.page.goto(f"{self.url}/lab/tree/{path}?reset" if path else f"{self.url}/")  # nothing else is open then
        self.page.locator(".jp-Notebook:visible .jp-Cell").first.wait_for(timeout=MOST_SECONDS * 1000)
        self.until(lambda: self.status() == "idle", "the kernel to start")

    def status(self) -> str | None:
        """What the visible notebook's kernel does."""
        found = self.page.locator(".jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator")
        return found.first.get_attribute("data-status") if found.count() else None

    def until(self, true, what: str, seconds: float = MOST_SECONDS) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"waited {seconds} s for {what}"
            self.page.wait_for_timeout(250)

    def cell(self, text: str) -> Locator:
        """The visible notebook's cell whose source holds the text."""
        return self.page.locator(".jp-NotebookPanel:visible .jp-Cell").filter(has=self.page.get_by_text(text)).first

    def menu(self, *entries: str) -> None:
        """Choose an entry of the menus."""
        asked = self.page.locator("dialog.jp-Dialog:visible")
        assert not asked.count(), f"JupyterLab asks first: {asked.first.inner_text()}"
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{entries[0]}$")).click()
        self.page.locator(".lm-Menu-itemLabel:visible", has_text=re.compile(f"^{entries[1]}")).first.click()

    def run_all(self) -> None:
        """Run every cell, and wait. A page that has just appeared may not have heard of its kernel yet: ask again."""
        for _ in range(5):
            self.menu("Run", "Run All Cells")
            self.page.wait_for_timeout(3000)
            if self.prompts(r"\[(\*|\d+)\]").count():
                break
        self.until(lambda: self.status() == "idle" and not self.waiting(), "all cells to run")

    def prompts(self, pattern: str) -> Locator:
        """The visible notebook's prompts that look like this."""
        return self.page.locator(".jp-NotebookPanel:visible .jp-InputArea-prompt", has_text=re.compile(pattern))

    def waiting(self) -> int:
        """How many cells have not run yet."""
        return self.prompts(r"\[\*\]").count()

    def write(self, cell: Locator, source: str) -> None:
        """Type a source into a cell, in the place of what is there."""
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> Locator:
        """Run one cell, and give back its outputs."""
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(300)
        self.until(lambda: self.status() == "idle" and not self.waiting(), "a cell to run")
        return cell.locator(".jp-Cell-outputWrapper")

    def stop_kernels(self) -> None:
        """End what runs behind the notebooks that were open."""
        for kernel in self.page.request.get(f"{self.url}/api/kernels").json():
            self.page.request.delete(f"{self.url}/api/kernels/{kernel['id']}")

    def picture(self, name: str, element: Locator | None = None) -> None:
        """Keep a screenshot."""
        picture_of(element or self.page, name)


def picture_of(shown: Page | Locator, name: str) -> None:
    """Keep a screenshot, if a folder for them is set."""
    if folder := os.environ.get("UNROLLED_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=Path(folder) / f"{name}.png")


@contextlib.contextmanager
def server(command: list[str], folder: Path, environment: dict[str, str], port: int, seconds: float = MOST_SECONDS):
    """A Jupyter server as long as the block lasts."""
    settings = folder / ".settings"
    for name, values in (SETTINGS | NO_NEWS).items():
        (settings / name).parent.mkdir(parents=True, exist_ok=True)
        (settings / name).write_text(json.dumps(values))
    environment = {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "XDG_DATA_HOME": str(folder / ".data"),
        "JUPYTER_CONFIG_DIR": str(folder / ".jupyter"),
        **environment,
    }
    environment.pop("UNROLLED_STATIC", None)
    log = (folder / ".server.log").open("w")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://localhost:{port}/api", timeout=5).close()
                break
            assert process.poll() is None and time.monotonic() < end, (folder / ".server.log").read_text()[-3000:]
            time.sleep(0.2)
        yield
    finally:
        for signal in (15, 9):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal)
                process.wait(20)
        log.close()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def browser(url: str, folder: Path, *, dark: bool = False):
    """Chromium, with whatever is not on this machine refused and noted."""
    executable, *arguments = CHROMIUM
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, color_scheme="dark" if dark else "light")
        lab = Lab(page, url, folder)

        def only_here(route):
            if re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:|file:", route.request.url):
                return route.continue_()
            lab.asked_elsewhere.append(route.request.url)
            return route.abort()

        page.route("**/*", only_here)
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        try:
            yield lab
        finally:
            chromium.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A student's JupyterLab, started by `make start`."""
    folder, port = copy_of_the_course(tmp_path_factory.mktemp("student")), free_port()
    options = f"--no-browser --allow-root --port={port} --IdentityProvider.token= --ServerApp.password= --ServerApp.disable_check_xsrf=True"
    with (
        server(["make", "-o", ".venv/installed", "start", f"ARGS={options}"], folder, {}, port),
        browser(f"http://localhost:{port}", folder) as lab,
    ):
        yield lab
