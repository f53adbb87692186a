"""What exists inside the sandbox: the interpreter, the packages that answers may import, earlier chapters' modules.

An allowlist. Packages are named here and followed through their requirements; each becomes one read-only mount. Of
the course there are the probes, the files of `inside`, and the library's modules of chapters before the one graded.

`PACKAGES` is what students have from requirements.txt, or from Colab, and may use in an answer; `LEFT_OUT` is what they
have too, and what for.
"""

import functools
import importlib.metadata
import importlib.util
import re
import sys
import sysconfig
from pathlib import Path

from autograder.chapters import CHAPTERS, modules_from

PACKAGES = (
    *("torch", "numpy", "scipy", "pandas", "scikit-learn", "einops", "regex", "safetensors"),
    *("jaxtyping", "beartype", "typing_extensions", "platformdirs"),
    *("matplotlib", "pillow", "koreanize-matplotlib", "tqdm", "ipython", "ipywidgets"),
)
LEFT_OUT = {
    "transformers": "solves exercises by a call",
    "tokenizers": "solves exercises by a call",
    "sacrebleu": "solves exercises by a call",
    **dict.fromkeys(("peft", "bitsandbytes", "bm25s", "rank-bm25"), "solves exercises by a call"),
    "optuna": "trains many times",
    "datasets": "data from the network",
    "accelerate": "several processors",
    "bertviz": "pictures in a browser, and needs transformers",
    **dict.fromkeys(("drawsvg", "resvg_py"), "the builder's drawings"),
    **dict.fromkeys(("sphinx", "furo", "accessible-pygments", "myst-nb", "latex2mathml"), "the course's site"),
    **dict.fromkeys(("jupyterlab", "nbclient", "jupytext"), "notebooks themselves"),
    **dict.fromkeys(("nbgrader", "copydetect", "distributed", "jinja2", "pydantic"), "for instructors"),
    **dict.fromkeys(("pytest", "pytest-xdist", "hypothesis", "ruff", "playwright"), "tests"),
    "axe-playwright-python": "tests",
}
HERE = Path(__file__).parent
COURSE, SITE = "/course", "/packages"
INSIDE = f"{COURSE}/autograder/grading/inside"
HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage"  # the C library looks there before it uses them
SYSTEM = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime", HUGE_PAGES)


def mounts(chapter: str) -> dict[str, str]:
    """For each file or folder that exists inside, by its path there, the one outside."""
    found = {path: path for path in SYSTEM if Path(path).exists()}
    found |= {path: path for path in _interpreter()}
    found |= {f"{SITE}/{name}": path for name, path in _packages().items()}
    found |= {f"{INSIDE}/{file.name}": str(file) for file in sorted((HERE / "inside").glob("*.py"))}
    for name in ("probes.py", "forbid.py", "watch.py"):
        found[f"{COURSE}/autograder/{name}"] = str(HERE.parent / name)
    return found | {f"{COURSE}/{name}": path for name, path in _library(chapter).items()}


def packages() -> tuple[str, ...]:
    """The top-level modules of the packages that exist inside."""
    return tuple(sorted({name.removesuffix(".py").split(".")[0] for name in _packages()}))


def absent(chapter: str) -> tuple[str, ...]:
    """The course's modules that do not exist inside."""
    folder, there = _library_folder(), _library(chapter)
    files = {str(path.relative_to(folder.parent)): path for path in sorted(folder.rglob("*.py"))}
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files if name not in there
    ]
    return tuple(name for name in names if name != "unrolled")


def search_path() -> list[str]:
    """Where Python looks for modules inside, besides its standard library."""
    return [COURSE, SITE]


def _interpreter() -> list[str]:
    """The standard library and the executable, with the shared library that some builds need."""
    paths = {sysconfig.get_paths()["stdlib"], executable()}
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
        paths |= {str(path) for path in [Path(folder or "/", name or "-")] if path.exists()}
    return sorted(path for path in paths if Path(path).exists() and not path.startswith(SYSTEM))


def executable() -> str:
    """The interpreter itself, behind a virtual environment's links."""
    return str(Path(sys.executable).resolve())


def hidden() -> list[str]:
    """Folders inside the allowed ones that shall be empty: the interpreter's own collection of packages."""
    base = Path(sysconfig.get_paths()["stdlib"])
    candidates = [base / "site-packages", base / "dist-packages", Path("/usr/lib/python3/dist-packages")]
    return [str(path) for path in candidates if path.is_dir()]


@functools.cache
def _packages() -> dict[str, str]:
    """Top-level files and folders of the allowed packages and of all that they require, by name."""
    todo, seen, found = list(PACKAGES), set(), {}
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        todo += [
            re.match(r"[\w.-]+", requirement)[0]
            for requirement in package.requires or []
            if "extra ==" not in requirement and "extra==" not in requirement
        ]
        for top in {line.split(",")[0].split("/")[0] for line in (package.read_text("RECORD") or "").splitlines()}:
            if top not in ("", "..", "__pycache__") and not top.endswith(".pth"):
                found.setdefault(top, str(package.locate_file(top)))
    return {name: path for name, path in sorted(found.items()) if Path(path).exists()}


def _library(chapter: str) -> dict[str, str]:
    """The library's modules of chapters before this one, file by file."""
    late = modules_from(chapter)
    folder = _library_folder()
    early = [module for modules in CHAPTERS.values() for module in modules if f"unrolled.{module}" not in late]
    files = {f"unrolled/{module.replace('.', '/')}.py": folder / f"{module.replace('.', '/')}.py" for module in early}
    return {inside: str(path) for inside, path in files.items() if path.is_file()}


def _library_folder() -> Path:
    return Path(importlib.util.find_spec("unrolled").origin).parent
