"""A JupyterHub for a class on one machine, with nbgrader's exchange: `jupyterhub -f assets/classroom/jupyterhub_config.py`.

Students, instructors and graders are users of the machine (`adduser ann`) and log in with its passwords. The environment variables
are for other places and names than these. JupyterHub runs with the course's own environment: `.venv/bin/pip install jupyterhub`.
"""

import os
import sys
from pathlib import Path

c = get_config()  # JupyterHub provides it

course = Path(os.environ.get("CLASS_COURSE", "/srv/unrolled"))  # the checkout
exchange = Path(os.environ.get("CLASS_EXCHANGE", "/srv/nbgrader/exchange"))
teachers = set(os.environ.get("CLASS_TEACHERS", "teacher").split(","))  # users who may write in the checkout's course

exchange.mkdir(parents=True, exist_ok=True)
exchange.chmod(0o777)  # as nbgrader has it: each file in it belongs to who put it there
settings = exchange.parent / "settings"
settings.mkdir(exist_ok=True)
(settings / "nbgrader_config.py").write_text(
    f'c = get_config()\nc.CourseDirectory.course_id = "unrolled"\nc.Exchange.root = "{exchange}"\n', encoding="utf-8"
)

c.JupyterHub.bind_url = os.environ.get("CLASS_URL", "http://127.0.0.1:8000")
c.Authenticator.admin_users = teachers
c.Authenticator.allow_all = True
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.environment = {
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "JUPYTER_CONFIG_PATH": str(settings),
}


def begin(spawner: object) -> None:
    """Instructors and graders begin in `autograder/` with the course's settings, students at home."""
    if spawner.user.name in teachers:
        spawner.notebook_dir = str(course / "autograder")
        spawner.environment = {**spawner.environment, "JUPYTER_CONFIG_PATH": f"{settings}:{course / 'autograder'}"}


c.Spawner.pre_spawn_hook = begin
