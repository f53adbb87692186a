"""The answer's process: build the answer from sources, then apply the probe to each case that comes.

Nothing in here is to be trusted once the student's code has run: the judge reads what comes out as data, no more.
"""

import contextlib
import linecache
import random
import sys
import types
import warnings
from socket import socket

from autograder.grading.inside import wire
from autograder.watch import Watch

MOST_LETTERS = 2000


def run(channel: socket) -> None:
    """Serve the answers of some programs until the judge hangs up. The judge keeps the time, from outside."""
    warnings.simplefilter("ignore")
    random.seed(0)  # Python draws a new seed at every fork; NumPy and torch keep the warm process's
    programs = {program["name"]: program for program in wire.unpack(wire.receive(channel, None))}
    built = {}
    while True:
        try:
            name, of_course, inputs = wire.unpack(wire.receive(channel, None))
        except EOFError:
            return
        if name not in built:
            built[name] = build(programs[name])
        crash, probe, answer = built[name]
        probe = find_probe({"name": of_course, "source": None}) if of_course else probe
        reply(channel, {"crash": crash} if crash else observe(probe, answer, inputs, programs[name]["forbids"]))


def find_probe(probe: dict) -> types.FunctionType:
    """The probe, from its module inside the sandbox or from its own source."""
    if probe["source"] is None:
        return getattr(__import__("autograder.probes", fromlist=["probes"]), probe["name"])
    namespace = {}
    exec(compile(probe["source"], "<probe>", "exec"), namespace)
    return namespace[probe["name"]]


def main_module() -> dict:
    """A fresh `__main__`, in which notebook names that do not matter here do nothing."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = vars(module)
    namespace["display"] = lambda *things, **options: None
    namespace["get_ipython"] = lambda: None
    return namespace


def build(program: dict) -> tuple[dict | None, types.FunctionType | None, object]:
    """How a program crashed, its probe and its answer.

    The pieces of the student's source are executed in order; what fails is tried again at the end, when all names are
    there. References, if any, come last.
    """
    try:
        probe, namespace = find_probe(program["probe"]), main_module()
        failed = [piece for piece in program["pieces"] if execute(piece, namespace)]
        crashes = [(piece, crash) for piece in failed if (crash := execute(piece, namespace))]
        for reference in program["references"]:
            home = {}
            exec(compile(reference["source"], "<library>", "exec"), home)
            namespace[reference["name"]] = home[reference["name"]]
        fatal = next((crash for piece, crash in crashes if program["name"] in piece["binds"]), None)
        return fatal, probe, namespace.get(program["name"])
    except BaseException as error:
        return describe(error), None, None


def execute(piece: dict, namespace: dict) -> dict | None:
    """Execute one piece, its lines numbered as in its cell; returns how it crashed."""
    source, file = "\n" * (piece["line"] - 1) + piece["source"], f"<cell {piece['cell']}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), namespace)
    except BaseException as error:
        return describe(error)
    return None


def observe(probe: types.FunctionType, answer: object, inputs: object, forbids: dict[str, str]) -> dict:
    """What the probe sees, and what is called that is forbidden, as the reply to the judge."""
    watch = Watch(forbids, probe)
    try:
        with watch:
            outputs = probe(answer, inputs)
    except BaseException as error:
        return {"crash": describe(error), "called": sorted(watch.called)}
    return {"outputs": outputs, "called": sorted(watch.called)}


def describe(error: BaseException) -> dict:
    """An exception as data: its type, its message, and the last line of the student's that it went through."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<cell "):
            line = trace.tb_lineno
        trace = trace.tb_next
    message = ""
    with contextlib.suppress(BaseException):
        message = str(error)[:MOST_LETTERS]
    bases = [base.__name__[:100] for base in type(error).__mro__[1:9]]
    return {"type": type(error).__name__[:100], "message": message, "line": line, "bases": bases}


def reply(channel: socket, answer: dict) -> None:
    """Send a reply; one that cannot travel is said to be so."""
    try:
        packet = wire.pack(answer)
    except BaseException as error:
        packet = wire.pack({"crash": describe(error)})
    if len(packet) > wire.MOST_BYTES:
        packet = wire.pack({"crash": {"type": "TooMuchOutput", "message": "", "line": None}})
    wire.send(channel, packet, None)
