"""The house: who may import whom, one place for each fact, and nothing heavy before it is needed."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "solutions" / "unrolled"
PACKAGES = {"unrolled": LIBRARY, "autograder": ROOT / "autograder"}
EQUIPMENT = ("data", "huggingface", "lab")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def imports(file):
    """The packages' modules that a file imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.py")), ids=lambda file: str(file.relative_to(LIBRARY)))
def test_does_the_library_know_nothing_of_grading_or_notebooks(file):
    assert not any(name.split(".")[0] in ("autograder", "nbgrader", "nbformat", "jupytext") for name in imports(file))


def test_do_the_imports_of_the_autograder_point_one_way():
    """Those inside functions too: what is imported late is imported all the same."""
    package = ROOT / "autograder"
    files = {
        ".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in package.rglob("*.py")
    }
    graph = {name: (imports(file) & files.keys()) - {name, "autograder"} for name, file in files.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
    assert order.index("autograder.exercises") < order.index("autograder.judge") < order.index("autograder.notebook")


def test_does_no_module_of_the_autograder_use_what_is_private_to_another():
    private = re.compile(r"(?<!\w)_[a-z]\w*$")
    for file in (ROOT / "autograder").rglob("*.py"):
        used = {
            name for name in imports(file) if name.startswith("autograder.") and private.search(name.split(".")[-1])
        }
        assert not used, f"{file.name} imports {used}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_does_a_module_import_only_modules_of_its_own_chapter_or_earlier_ones(chapter):
    order = list(CHAPTERS)
    allowed = {f"unrolled.{m}" for earlier in order[: order.index(chapter) + 1] for m in CHAPTERS[earlier]}
    allowed |= {f"unrolled.{package}" for package in EQUIPMENT}
    for module in CHAPTERS[chapter]:
        for name in imports(LIBRARY / f"{module}.py"):
            if name.startswith("unrolled."):
                assert ".".join(name.split(".")[:2]) in allowed, f"{module} imports {name}"


def import_graph(packages, in_functions):
    """Which modules of some packages each of them imports, when it is loaded or, if asked for, only in a function.

    A folder is the module that its `__init__.py` is; importing one of its files does not count as importing it.
    """
    files = {
        ".".join((name, *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__"): file
        for name, folder in packages.items()
        for file in folder.rglob("*.py")
    }
    graph = {}
    for module, file in files.items():
        found, nodes = set(), [ast.parse(file.read_text(encoding="utf-8"))]
        here = f"{module}.__init__" if file.name == "__init__.py" else module
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = here.rsplit(".", node.level)[0] if node.level else ""
                origin = ".".join(filter(None, (above, node.module)))
                names = {f"{origin}.{alias.name}" for alias in node.names}
                found |= names & files.keys() or {origin}
            if in_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                nodes += ast.iter_child_nodes(node)
        graph[module] = found & files.keys() - {module}
    return graph


def circle(graph):
    """The modules of a circle in the order in which they import each other, if there is one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


@pytest.mark.parametrize("in_functions", [False, True], ids=["when loaded", "in functions too"])
def test_does_no_circle_of_modules_import_each_other(in_functions):
    found = circle(import_graph(PACKAGES, in_functions))
    assert not found, f"these import each other: {' → '.join(found)}"


def test_would_a_circle_of_imports_be_found(tmp_path):
    files = {"__init__": "", "a": "from . import b", "b": "from .sub import c", "sub/__init__": "", "d": "import p.d"}
    (tmp_path / "sub").mkdir()
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    for text, loaded in (("from ..a import name", True), ("def f():\n    import p.a", False)):
        (tmp_path / "sub" / "c.py").write_text(text)
        graph = {late: import_graph({"p": tmp_path}, late) for late in (False, True)}
        assert sorted(set(circle(graph[True]))) == ["p.a", "p.b", "p.sub.c"]
        assert bool(circle(graph[False])) == loaded


@pytest.mark.parametrize("package", EQUIPMENT)
def test_does_the_equipment_know_nothing_of_the_chapters(package):
    modules = {f"unrolled.{module}" for modules in CHAPTERS.values() for module in modules}
    for file in (LIBRARY / package).rglob("*.py"):
        known = {".".join(name.split(".")[:2]) for name in imports(file)} & modules
        assert not known, f"{file.relative_to(LIBRARY)} imports {known}"


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("*.py")), ids=lambda file: file.name)
def test_can_a_module_be_read_in_a_sitting(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


def test_does_every_module_of_the_library_belong_to_a_chapter_or_to_the_equipment():
    modules = {module for modules in CHAPTERS.values() for module in modules}
    there = {path.stem for path in LIBRARY.glob("*.py")} - {"__init__"}
    assert there == modules
    assert {path.name for path in LIBRARY.iterdir() if path.is_dir()} - {"__pycache__"} == set(EQUIPMENT)


def test_is_every_pin_within_its_range_and_every_range_pinned():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = {re.split("==", line)[0] for line in lines if "==" in line}
    extras = PROJECT["project"]["optional-dependencies"].values()
    ranges = {re.split("[><=]", r)[0] for group in [PROJECT["project"]["dependencies"], *extras] for r in group}
    assert ranges - pins == {"ipython"}, "IPython comes with JupyterLab's pins"
    assert "torch==2.13.0" in lines and "-e ." in lines
    from packaging.requirements import Requirement
    from packaging.version import Version

    wanted = {line.split("==")[0]: line.split("==")[1] for line in lines if "==" in line}
    for group in [PROJECT["project"]["dependencies"], *extras]:
        for text in group:
            requirement = Requirement(text)
            if requirement.name in wanted:
                assert requirement.specifier.contains(Version(wanted[requirement.name])), text


def test_is_the_address_of_the_repository_in_one_place_only():
    address = PROJECT["project"]["urls"]["Repository"]
    hand_written = [*ROOT.glob("*.toml"), *ROOT.glob("Makefile"), *ROOT.glob("autograder/**/*.py")]
    hand_written += [*ROOT.glob("solutions/*.py"), *ROOT.glob("solutions/unrolled/**/*.py")]
    assert [path.name for path in hand_written if address in path.read_text(encoding="utf-8")] == ["pyproject.toml"]


def test_does_importing_the_autograder_stay_light():
    heavy = [
        "accelerate",
        "bertviz",
        "datasets",
        "nbgrader",
        "nbformat",
        "jupytext",
        "sklearn",
        "transformers",
        "matplotlib.pyplot",
    ]
    code = f"import sys, autograder; autograder.all_exercises(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_does_no_module_take_the_place_of_what_students_import():
    """A module of the package, imported later, would stand under its name: `hand_in` would be one after its first call."""
    code = """
import importlib, pkgutil, types, autograder
for module in pkgutil.iter_modules(autograder.__path__):
    if module.name not in ("nbgrader_config", "__main__"):
        importlib.import_module(f"autograder.{module.name}")
print([name for name in autograder.__all__ if isinstance(getattr(autograder, name), types.ModuleType)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("master", sorted((ROOT / "solutions").glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_is_prose_no_wider_than_the_code(master):
    """Headings, tables, pictures and formulas are as long as they must be."""
    prose, long = False, []
    for number, line in enumerate(master.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# %%"):
            prose = "[markdown]" in line
        elif prose and len(line) > 120 and not line.startswith(("# #", "# |", "# ![", "# $$", "# <")):
            long.append(number)
    assert long == []


@pytest.mark.parametrize("master", sorted((ROOT / "solutions").glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_does_no_line_within_a_paragraph_or_formula_begin_like_a_list(master):
    """“1. ”, “+ ” or “- ” there would begin one: the sentence or the formula would be torn in two."""
    torn, before = [], ""
    for number, line in enumerate(master.read_text(encoding="utf-8").splitlines(), 1):
        if re.match(r"# (1[.)]|[-+*]) ", line) and re.match(r"# (?!(\d+[.)]|[-+*]) | )\S", before):
            torn.append(number)
        before = line if re.match(r"#( |$)", line) and not line.startswith("# %%") else ""
    assert torn == []


@pytest.mark.parametrize("master", sorted((ROOT / "solutions").glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_do_weights_stand_before_what_they_multiply_or_transposed_behind_it(master):
    """Chapter 0 fixes W as (output, feature); where it tells how papers write it, it may."""
    formulas = re.findall(r"\$[^$]+\$", master.read_text(encoding="utf-8"))
    others = [formula for formula in formulas if re.search(r"[xhX\]](\\,)? *W(?!_?\w*\^\\top)", formula)]
    assert [formula for formula in others if formula not in ("$x W$", "$x W_1$")] == []


@pytest.mark.parametrize("master", sorted((ROOT / "solutions").glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_are_points_in_proportion_to_work(master):
    """A point is for three to nine minutes: what takes five is worth one."""
    headings = re.findall(r"### Exercise (.*) · (\d+) points? · ~(\d+) min", master.read_text(encoding="utf-8"))
    assert headings and [name for name, points, minutes in headings if not 3 <= int(minutes) / int(points) <= 9] == []


@pytest.mark.parametrize("master", sorted((ROOT / "solutions").glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_does_a_chapter_give_no_name_of_the_courses_a_second_meaning(master):
    """What a cell above still means by it would be something else when that cell runs again."""
    top = ast.parse(master.read_text(encoding="utf-8")).body
    imports = [node for node in top if isinstance(node, ast.ImportFrom) and node.module in ("autograder", "unrolled.lab")]
    given = {alias.asname or alias.name for node in imports for alias in node.names}
    own = {node.name for node in top if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    own |= {name.id for node in top for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    assert not given & own
