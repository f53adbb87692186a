"""Does a chapter go from the instructor to a student and back with its feedback, each in a server of JupyterHub's?

The hub and its proxy come from PyPI and npm. Both users' servers run as this user, under the names that the hub knows: nbgrader
takes those where the machine's own user is called jovyan, as in Jupyter's containers.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from autograder.grading.course import CONFIGURATION
from tests.attacks import arena

CHAPTER, ROOT = arena.CHAPTER, CONFIGURATION.parents[1]
CONFIG = """\
load_subconfig({asset!r})
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.cleanup_servers = True
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.args = ["--allow-root"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.JupyterHub.services = [{{"name": "test", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "test", "scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["test"]}}
]
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def as_jovyan(folder, command):
    """The command, seeing this machine's user under the name of jovyan and itself in a file of its own."""
    users = folder / "passwd"
    lines = [line.split(":") for line in Path("/etc/passwd").read_text().splitlines()]
    lines = [["jovyan", *line[1:]] if line[2] == str(os.getuid()) else line for line in lines]
    users.write_text("\n".join(map(":".join, lines)) + "\n")
    return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(users), *command]


class Hub:
    """What the test asks of the hub and of the users' servers."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def __call__(self, path, method="GET", **content):
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = json.dumps(content).encode() if method != "GET" else None
        request = urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=180) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def start(self, user):
        with contextlib.suppress(urllib.error.HTTPError):
            self(f"hub/api/users/{user}", "POST")
        self(f"hub/api/users/{user}/server", "POST")
        assert arena.wait_until(lambda: self(f"hub/api/users/{user}")["servers"].get("", {}).get("ready"), 120)

    def formgrader(self, action):
        done = self(f"user/teacher/formgrader/api/assignment/{CHAPTER}/{action}", "POST")
        assert done["success"], done

    def student(self, action, **content):
        done = self(f"user/ann/assignments/{action}", "POST", course_id="unrolled", assignment_id=CHAPTER, **content)
        assert done["success"], done


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    if os.getuid() or subprocess.run(["unshare", "--mount", "true"]).returncode or not shutil.which("npm"):
        pytest.skip("needs root, a mount namespace and npm")
    folder = tmp_path_factory.mktemp("hub")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--target", folder / "hub", "jupyterhub"]
    npm = ["npm", "install", "--silent", "--prefix", folder / "npm", "configurable-http-proxy"]
    if any(subprocess.run(command).returncode for command in (pip, npm)):
        pytest.skip("needs PyPI and npm's packages")
    checkout = folder / "checkout" / "autograder"
    arena.new_course(checkout / "course")
    (checkout / CONFIGURATION.name).write_text(CONFIGURATION.read_text(encoding="utf-8"), encoding="utf-8")
    url, token = f"http://127.0.0.1:{free_port()}", secrets.token_hex(16)
    config = folder / "config.py"
    asset = ROOT / "assets" / "classroom" / "jupyterhub_config.py"
    proxy, homes = folder / "npm/node_modules/.bin/configurable-http-proxy", folder / "homes" / "{username}"
    ports = {"hub_port": free_port(), "proxy_port": free_port()}
    config.write_text(CONFIG.format(asset=str(asset), proxy=str(proxy), homes=str(homes), token=token, **ports))
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder / "hub")]),
        "CLASS_COURSE": str(checkout.parent),
        "CLASS_EXCHANGE": str(folder / "exchange"),
        "CLASS_URL": url,
    }
    command = as_jovyan(folder, [sys.executable, "-m", "jupyterhub", "-f", str(config)])
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        asked = Hub(url, token)
        assert arena.wait_until(lambda: answers(asked), 90), (folder / "log").read_text()
        yield asked, checkout, folder
    finally:
        for pid in arena.processes_below(process.pid) | {process.pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait(30)
        print((folder / "log").read_text()[-4000:])


def answers(hub):
    try:
        return hub("hub/api/")["version"]
    except (urllib.error.URLError, OSError):
        return None


@pytest.mark.slow
def test_goes_a_chapter_to_a_student_and_back_over_the_exchange(hub):
    ask, checkout, folder = hub
    for user in ("teacher", "ann"):
        ask.start(user)
    ask.formgrader("assign")
    ask.formgrader("release")
    ask.student("fetch")
    fetched = folder / "homes" / "ann" / CHAPTER / f"{CHAPTER}.ipynb"
    assert json.loads(fetched.read_text())["cells"], "what the instructor has released"
    fetched.write_text(json.dumps(arena.perfect()))
    ask.student("submit")
    ask.formgrader("collect")
    course = checkout / "course"
    submitted = course / "submitted" / "ann" / CHAPTER
    assert json.loads((submitted / f"{CHAPTER}.ipynb").read_text()) == arena.perfect()
    assert (submitted / "timestamp.txt").exists(), "the exchange knows the time"
    graded = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", CHAPTER, "--course", str(course), "--jobs", "1"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert graded.returncode == 0 and "ann          15" in graded.stdout, graded
    ask.formgrader("generate_feedback")
    ask.formgrader("release_feedback")
    time.sleep(1)
    ask.student("fetch_feedback")
    (page,) = (folder / "homes" / "ann" / CHAPTER / "feedback").rglob(f"{CHAPTER}.html")
    assert "15 of 17 points" in page.read_text(encoding="utf-8")
