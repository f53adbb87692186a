"""Says a hidden number by the line and the class of its exception, which it makes as it likes."""

from tests.attacks.arena import CALL, Attack, Place


def expects(record):
    (entry,) = [entry for entry in record["verdicts"] if entry["exercise"] == "clip_gradients"]
    assert entry["crash"]["type"] == "Exception"
    assert (entry["crash"]["line"] or 0) <= 30  # those of its own cell


ANSWER = '''
class Stolen1(Exception):
    pass


class Stolen0(Exception):
    pass


FALL = """
def fall(number):
    work = "fall(number + 1)" if number < 40 else "raise kind()"
    exec(compile(chr(10) * bits + work, f"<cell {number}>", "exec"), {**names, "number": number})
"""


def clip_gradients(gradients, max_norm):  # through a line of that number in every cell, its own among them
    bits = int(abs(gradients[0].flatten()[0].item()) * 10_000) % (1 << 16)
    names = {"bits": bits, "kind": (Stolen0, Stolen1)[bits & 1]}
    names["names"] = names
    exec(compile(FALL, "<elsewhere>", "exec"), names)
    names["fall"](0)
'''


def control(place: Place):
    body = "".join(f"    {line}\n" for line in CALL.strip().splitlines())
    then = f"""
try:
{body}
except Exception as error:
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    seen = (type(error).__name__, trace.tb_lineno)
"""
    assert place.run(then) == ("Stolen0", 40_001)


ATTACK = Attack(control, answer=ANSWER, expects=expects)
