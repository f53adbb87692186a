"""The walls of the sandbox: the command that starts a warm process inside bubblewrap, and its environment.

`FORKS`: a process in namespaces of its own for each answer; `ALONE`: a bubblewrap for each answer; `OPEN`: no walls.
"""

import os
import shutil
import sys
import threading
from pathlib import Path

from autograder.grading import mounts

FORKS, ALONE, OPEN = "forks", "alone", "open"
DISK_BYTES = 32 << 20
ADVICE = (
    "This machine gives no sandbox for students' code. Install bubblewrap (on Debian and Ubuntu: apt install bubblewrap), "
    "in a container also allow user namespaces (see assets/site/instructors.md), or grade with --unsafe if you trust every submission."
)


class NoSandbox(Exception):
    """The machine gives no sandbox; the message says what to do."""


def command(chapter: str, mode: str) -> list[str]:
    """The command line of a warm process, but for the number of its control socket."""
    if mode == OPEN:
        paths = [str(mounts.HERE.parent.parent), *filter(None, sys.path)]
        return [sys.executable, "-c", _bootstrap(paths), str(mounts.HERE / "inside" / "warm.py"), mode]
    wrap = shutil.which("bwrap")
    if wrap is None:
        raise NoSandbox(ADVICE)
    python = [mounts.executable(), "-P", "-s", "-S", "-c", _bootstrap(mounts.search_path())]
    return [wrap, *_walls(chapter), "--", *python, f"{mounts.INSIDE}/warm.py", mode]


def environment() -> dict[str, str]:
    """The environment of a warm process: memory from the C library in huge pages, which makes forks several times
    cheaper, one thread, and hashes that are the same every time."""
    return {
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "HOME": "/tmp",
        "IPYTHONDIR": "/tmp/.ipython",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONMALLOC": "malloc",
        "TMPDIR": "/tmp",
    }


def _bootstrap(paths: list[str]) -> str:
    """Code that runs the script named in the first argument with just this search path."""
    return f"import runpy, sys; sys.argv = sys.argv[1:]; sys.path[:0] = {paths!r}; runpy.run_path(sys.argv[0], run_name='__main__')"


def _walls(chapter: str) -> list[str]:
    """bubblewrap's arguments."""
    walls = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() == 0:  # the warm process then gives up root by itself: limits on processes do not bind root
        walls += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        walls += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    if threading.current_thread() is threading.main_thread():
        walls.append("--die-with-parent")  # it follows the thread that starts it, so not from a passing one
    walls += ["--new-session", "--hostname", "sandbox", "--chdir", "/tmp", "--proc", "/proc"]
    walls += ["--perms", "1777", "--size", str(DISK_BYTES), "--tmpfs", "/tmp", "--tmpfs", "/dev"]
    for device in ("null", "zero", "full", "random", "urandom"):
        walls += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    folders = {str(folder) for inside in mounts.mounts(chapter) for folder in Path(inside).parents} - {"/"}
    for folder in sorted(folders):
        walls += ["--perms", "0755", "--dir", folder]
    for inside, outside in mounts.mounts(chapter).items():
        walls += ["--ro-bind", outside, inside]
    for folder in mounts.hidden():
        walls += ["--tmpfs", folder, "--remount-ro", folder]
    return [*walls, "--remount-ro", "/dev", "--remount-ro", "/"]
