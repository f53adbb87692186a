"""In the place of the sandbox a plain process beside this one: for one's own notebook, on one's own machine."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile

from autograder.grading.sandbox import WARM_UP_SECONDS, Limits, Process

TOKEN_BYTES = 16


class Beside:
    """Starts a process for a submission; needs neither forks nor sockets that only some systems have."""

    def process(self, limits: Limits, spare: int = 0) -> Process:
        """A new process, in an empty folder."""
        token, folder = secrets.token_hex(TOKEN_BYTES), tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
        here = dict.fromkeys(("IPYTHONDIR", "TMPDIR", "TEMP"), folder.name)
        environment = {**os.environ, **here, "MPLBACKEND": "Agg", "PYTHONPATH": path}
        with socket.create_server(("127.0.0.1", 0)) as server:
            command = [sys.executable, "-m", "autograder.grading.inside.beside", str(server.getsockname()[1]), token]
            quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            started = subprocess.Popen(command, env=environment, cwd=folder.name, **quiet)
            server.settimeout(WARM_UP_SECONDS)
            try:
                channel, _ = server.accept()
                channel.settimeout(WARM_UP_SECONDS)
                if channel.recv(2 * TOKEN_BYTES, socket.MSG_WAITALL) != token.encode():
                    raise OSError("somebody else has called")
            except OSError:
                started.kill()
                raise
        return _Process(channel, started, folder)


class _Process(Process):
    def __init__(self, channel: socket.socket, started: subprocess.Popen, folder: tempfile.TemporaryDirectory):
        super().__init__(channel, channel, [], None)
        self._started, self._folder = started, folder

    def status(self) -> int | None:
        """How it ended."""
        return self._started.poll()

    def close(self) -> None:
        """End it."""
        super().close()
        self._started.kill()
        self._started.wait()
        self._folder.cleanup()
