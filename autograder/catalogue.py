"""Every sentence that a student reads of the judge, the check and the handing in, as a template with named parts.

This is what a translation translates, with the names and hints of misconceptions, which stand beside their edits and
are found by id. A template stands for one thing to say and is whole: none is a piece that another is glued to.
"""

SENTENCES = {
    # The verdict.
    "correct": "Right in every case.",
    "timed out": "Your answer was still running after {seconds:g} s. Which loop might never end?",
    "not attempted": "Still as it was handed out: replace `raise NotImplementedError()`.",
    "no answer": "{name} has no answer yet.",
    "not defined": (
        "{name} does not exist yet. Either its cell has not been run, or Python could not read it "
        "(a syntax error): run the cell above and look at what it says."
    ),
    "forbidden": "Your answer uses {name}. Here the point is to write it yourself.",
    "the library's own": "Your answer uses {name} of the library itself. Here the point is to write it yourself.",
    "not allowed": "Not allowed here, in any form: {names}.",
    "and": "{first} and {last}",
    "seen": "In the case “{group}”: {finding}",
    "one mistake": "This is what comes out when {mistake}.",
    "two mistakes": "This is what comes out when {first} and {second}.",
    "carried": "(Judged with the library's {names} in the place of yours, which is not right yet.)",
    "still running": "still running after {seconds:g} s",
    "your cell": "your cell",
    # The tables.
    "title": "{name}: {outcome}, {points}",
    "points": "{earned:g} of {most:g} points",
    "score": "{earned:g} of {most:g}",
    "cases": "cases",
    "their points": "points",
    "row": "{name}: {score}",
    # In the notebook.
    "another edition": (
        "This notebook holds edition {edition} of the exercises of {chapter}; the installed package has edition "
        "{installed}. Your answers are safe. To bring both together, update the package (git pull, or on Colab "
        "restart the runtime), then open the chapter's new notebook and paste your answers there."
    ),
    "going on with yours": "Going on with your {name}.",
    "going on with the library's": "Going on with the library's {name}; yours takes its place once it is right.",
    "one object, two names": "the same object stands under the names {names}; each exercise needs its own.",
    "so far": "{of}: {points}",
    "the course": "The course",
    "exercise": "exercise",
    "chapter": "chapter",
    "state": "state",
    "not tried": "—",
    "right so far": "{right} of {all} right",
    # Before handing in.
    "as saved": "{chapter}, {saved}",
    "cell": "cell",
    "what is found": "what the grader finds",
    "missing": "Still without an answer: {names}.",
    "nothing missing": "Nothing is missing.",
    "to hand in": "To hand in: {file}. If you have changed something since, save and run this again.",
    "unreadable": "○ cannot be read",
    "why unreadable": "The grader could not read this: {error}.",
    "no cell": "there is no cell with it",
    "blank cell": "its cell is as it was handed out",
    "other chapter": "This is the notebook of {its}, not of {chapter}.",
    "grader not tried": "The grader could not be tried here ({error}).",
    "check said more": (
        "{name}: `check` said {said:g} of {most:g} points, the grader comes to {points:g}: {why}"
    ),
    "grader stopped": "{name}: in the grader's process this happens: {why}",
    "cell stopped": "Cell {cell} stops with {type} (line {line}) where only your own cells run.",
    "unanswered": "○ {problem}",
    "answered": "✓ answered",
    "unwritten": "○ not written",
    "written": "✓ written",
    "moved cells": "Cells that moved or lost their id are graded all the same.",
    "from Colab": "{chapter}.ipynb, from File → Download → Download .ipynb",
    "as it is now": "as it is now",
    "as it was saved": "as it was saved at {time}",
    "no file": (
        "The file of this notebook is not known here. Save it and name it: "
        'hand_in("{chapter}", "the/path/of/{chapter}.ipynb").'
    ),
    "no such file": (
        "The file of this notebook is not known here. There is none at {path!r}. Save it and name it: "
        'hand_in("{chapter}", "the/path/of/{chapter}.ipynb").'
    ),
}

#: How a judgement ended.
OUTCOMES = {
    "correct": "correct",
    "wrong": "wrong",
    "crashed": "crashed",
    "not attempted": "not attempted",
    "timed out": "timed out",
    "forbidden": "forbidden",
}

#: What differs, by the kind of a finding, and after a comma its form.
FINDINGS = {
    "crash": "your answer stopped with {type}: {message}.",
    "crash, line known": "your answer stopped with {type} in line {line} of your code: {message}.",
    "inputs modified": "your answer changed its argument {name}.",
    "mode changed": "your answer left {name} in another mode than it was in: train() or eval().",
    "requires_grad set": "your answer set requires_grad of its argument {name}.",
    "own random numbers": "your answer draws random numbers of its own from {name}; those to use are handed in.",
    "overwritten": "your answer writes in place into the output of {name}, which the gradient still needs.",
    "not refused": "the docstring promises a {type} for a bad {argument}, and none was raised.",
    "refused by another exception": "for a bad {argument}, the docstring promises a {type}; yours raised {raised}.",
    "argument not named": "the {type} for a bad {argument} is raised, but its message does not name {argument}.",
    "gradient missing": "the values are right, but {place} is missing.",
    "wrong gradients": "the values are right, but not the gradients: {finding}",
    "wrong type": "{place} is {got}; expected {expected}.",
    "wrong number of items": "{place} has {items}; expected {expected}.",
    "missing keys": "{place} has no {key!r}.",
    "unexpected keys": "{place} has {key!r}, which should not be there.",
    "wrong shape": "{place} has shape {got}; expected {expected}.",
    "wrong dtype": "{place} has dtype {got}; expected {expected}.",
    "wrong device": "{place} is on {got}; expected {expected}.",
    "NaN": "{place} has NaN at {places}; no value should be NaN.",
    "NaN, number": "{place} is NaN; expected {expected:.4g}.",
    "infinite": "{place} has {infinite_values}.",
    "transposed": "{place} is the transpose of what it should be.",
    "axes permuted": "{place} holds the right values with the axes in the order {order} of the right ones.",
    "scaled by a constant": "every value of {place} is {scale:.4g} times the expected one.",
    "reversed": "{place} is right, but in reverse order along axis {axis}.",
    "shifted by one step, later": "{place} comes one step later along axis {axis}.",
    "shifted by one step, earlier": "{place} comes one step earlier along axis {axis}.",
    "right until some step": (
        "along axis {axis}, {place} is right for the first {until} of {steps} and wrong from index {until} on."
    ),
    "wrong values": "{wrong} of {values} of {place} differ: at {index} it is {got}; expected {expected}.",
    "wrong values, whole": "{place} is {got}; expected {expected}.",
}

PLACES = {
    "result": "the result",
    "gradient": "the gradient with respect to {argument}",
    "outputs": "what came out",
    "item": "item {index} of {place}",
    "key": "{place}[{name!r}]",
}

#: What kind of thing a value is.
THINGS = {
    "Tensor": "a tensor of shape {shape}",
    "Tensor, no axes": "a tensor without axes",
    "ndarray": "a NumPy array of shape {shape}",
    "bool": "a truth value",
    "int": "a whole number",
    "float": "a float",
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a dict",
    "str": "a string",
    "NoneType": "None",
    "other": "of type {type}",
}

#: One and several.
COUNTS = {
    "items": ("{n} item", "{n} items"),
    "places": ("{n} place", "{n} places"),
    "values": ("{n} value", "{n} values"),
    "infinite_values": ("{n} infinite value", "{n} infinite values"),
}

LIST = "{first} and {second}"

#: What to ask where no misconception fits, by the kind of the finding.
GENERIC_HINTS = {
    "transposed": "Which axis should come first?",
    "axes permuted": "Which axis is which? Write the name of each axis beside the line that makes the result.",
    "wrong shape": "Write down the shape after each line: where does it stop being what you meant?",
    "scaled by a constant": "Where could such a factor come from: a division left out, a sum instead of a mean?",
    "reversed": "In which order does your loop go, and in which order do you collect what it makes?",
    "shifted by one step": "Is each value stored at the step it belongs to, or at its neighbour's?",
    "right until some step": "What changes at that step: a length, a boundary, a value carried on from the step before?",
    "NaN": "Which line could divide zero by zero, or take infinity minus infinity?",
    "infinite": "Which line could divide by zero, or take the logarithm of zero?",
    "wrong dtype": "Which line changes the dtype?",
    "wrong type": "What does your function return, and what does its signature promise?",
    "mode changed": "Which line calls `.train()` or `.eval()`, and who sets the mode back?",
    "requires_grad set": "Which line calls `requires_grad_()` on what the caller gave you? Work on a copy.",
    "own random numbers": "Which line draws by itself (`torch.rand`, `random`, a `sample` without the generator)?",
    "overwritten": "Which line ends in an underscore (`add_`), or has `+=` or `x[…] =`? Make a new tensor there.",
    "not refused": "Which line looks at the arguments before anything is computed with them?",
    "refused by another exception": "Which line looks at the arguments before anything is computed with them?",
    "argument not named": "Would the message tell a reader which argument to change?",
    "inputs modified": "Which line writes into an argument? The caller still needs it: make a new tensor instead.",
    "wrong gradients": "What changes only the way back: `.detach()`, `.data`, `.item()`, `no_grad`, writing in place?",
    "gradient missing": "Which line cuts the result off from its inputs: `.detach()`, `.item()`, `torch.tensor(…)`, `no_grad`?",
}
ANY_OTHER_HINT = "Try the case by hand, with small numbers: which value differs first?"

#: What to ask after an exception, by the name of the question.
CRASH_HINTS = {
    "shapes that do not meet": "Write the shape under each operand: which two axes meet?",
    "index out of range": "How long is the axis you index, and does your loop run over just that axis?",
    "unexpected shape": "Which shape does that function want, and which do you give it?",
    "unknown name": "Is the name spelt as in the signature? A name from another cell: has that cell been run?",
    "changed signature": "Compare your signature with the one you were given: what changed?",
    "unexpected value": "What is that value at this line: a tensor, a list, None?",
    "two dtypes": "Which of the two tensors has a dtype that the other has not?",
}
