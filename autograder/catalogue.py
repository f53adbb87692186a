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
    "hiding": "Your answer uses {name}, and what is called behind it cannot be seen. Can it do its work without?",
    "the library's own": "Your answer uses {name} of the library itself. Here the point is to write it yourself.",
    "not allowed": "Not allowed here, in any form: {names}.",
    "prediction": "✎ *Your prediction: double-click here, and type it in the place of this line before you go on.*",
    "and": "{first} and {last}",
    "seen": "In the case “{group}”: {finding}",
    "one mistake": "This is what comes out when {mistake}.",
    "two mistakes": "Two things together give this: {first}; {second}.",
    "one mistake in some cases": "In {groups} this is what comes out when {mistake}; elsewhere that is not the whole story.",
    "one mistake in most cases": (
        "In {cases} of the {wrong} cases that are wrong this is what comes out when {mistake}; in the others that is not "
        "the whole story."
    ),
    "one mistake, right elsewhere": (
        "Where your answer is wrong, this is what comes out when {mistake}; in other cases that would be wrong, too, "
        "and your answer is right."
    ),
    "one mistake in some parts": "In {parts} this is what comes out when {mistake}; the rest is right.",
    "other parts right": "But {parts} is right. Which of your lines does the wrong part need that the right one does not?",
    "several other parts right": "But {parts} are right. Which of your lines does the wrong part need that the right ones do not?",
    "other groups right": "In {groups} your answer is right. What is there in {group} that is not there?",
    "tried with": "Tried with {inputs}.",
    "tried as example": "It is the docstring's example `{source}`.",
    "to see the case": "(`check({name}, show=True)` shows what it was tried with.)",
    "the case": "The case “{group}”, which your answer was tried with:",
    "an input": "{name} = {value}",
    "a tensor": "{dtype} of shape {shape}: {values}",
    "group": "“{group}”",
    "comparing": "Trying your answer, and comparing it with known mistakes …",
    "no source": "(Python does not know its source: please paste the cell.)",
    "a name in quotes": "check takes the answer itself, without quotes: check({name}).",
    "not an answer": "check takes the function or class itself, not what it gives: write its name alone, check({name}).",
    "no such exercise": "{name} is not the name of an exercise of this chapter. check takes the answer by its name, as in check({known}).",
    "carried": "(Judged with the library's {names} in the place of yours, which is not right yet.)",
    "still running": "still running after {seconds:g} s",
    "your cell": "your cell",
    # The tables.
    "title": "{name}: {outcome}, {points}",
    "points": "{earned:g} of {most:g} points",
    "point": "{earned:g} of {most:g} point",
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
    "recorded, but blank": (
        "{name}: the record of this copy of the course has {kept:g} of {most:g} points; "
        "in the notebook's file its cell is as it was handed out."
    ),
    "recorded otherwise": (
        "{name}: the record of this copy of the course has {kept:g} of {most:g} points, the notebook's file {saved:g}. "
        "Save the notebook; if they still differ, run check again."
    ),
    "right so far": "{right} of {all} right",
    "repair fails": "{claim} Not yet: {seen}",
    "repaired": "Repaired.",
    "still broken": "Still broken.",
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
    "answered": "✓ there is an answer; check last said {points}",
    "answered, not checked": "✓ there is an answer; check has not been run on it",
    "unwritten": "○ not written",
    "unwritten, no cell": "○ not written: there is no cell with it",
    "written": "✓ written",
    "written short": "✓ written, but only {has} of the {asked} sentences asked for",
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
    "crash": "your answer stopped with {type}.",
    "crash, message": "your answer stopped with {type}: {message}.",
    "crash, line": "your answer stopped with {type} in line {line} of your code.",
    "crash, line, message": "your answer stopped with {type} in line {line} of your code: {message}.",
    "crash, line, cell": "your answer stopped with {type} in line {line} of the cell with `{cell}`.",
    "crash, line, cell, message": "your answer stopped with {type} in line {line} of the cell with `{cell}`: {message}.",
    "inputs modified": "your answer changed its argument `{name}`.",
    "nothing new": "your answer hands `{name}` itself back, or a view of it; a new one is promised.",
    "mode changed": "your answer left {name} in another mode than it was in: train() or eval().",
    "requires_grad set": "your answer set requires_grad of its argument `{name}`.",
    "own random numbers": "your answer draws random numbers of its own from {name}; those to use are handed in.",
    "overwritten": "your answer writes in place into the output of {name}, which the gradient still needs.",
    "overwritten, line": (
        "your answer writes in place, in line {line}, into the output of {name}, which the gradient still needs."
    ),
    "not refused": "the docstring promises a {type} about {argument} here, and none was raised.",
    "not refused, others are": "others are refused, but here a {type} about {argument} is promised, and none was raised.",
    "refused by another exception": "the docstring promises a {type} about {argument} here; yours raised {raised}.",
    "refused by another exception, assert": "the docstring promises a {type} about {argument} here; yours is an `assert`.",
    "argument not named": "a {type} is raised here, but its message does not name {argument}, as the docstring promises.",
    "gradient not wanted": "the values are right, but {place} should be 0 or none at all, and is not.",
    "gradient missing": "the values are right, but {place} is missing.",
    "wrong gradients": "the values are right, but not the gradients: {finding}",
    "other every time": "your answer gives another result each time it is called with the same arguments.",
    "other every time, kept": (
        "your answer gives another result each time it is called with the same arguments, even with the same random numbers."
    ),
    "argument returned": "your answer gives back its argument `{name}` as it came.",
    "nothing returned": "your answer returns nothing: None.",
    "without influence": "the result is not right yet, and no gradient reaches {names}: unused, or cut off.",
    "places count": "the result depends on `{name}` at {places} where it should not: first at {index}.",
    "places do not count": "the result does not depend on `{name}` at {places} where it should: first at {index}.",
    "places count, weight": "the result depends on the weight `{name}` at {places} where it should not: first at {index}.",
    "places do not count, weight": (
        "the result does not depend on the weight `{name}` at {places} where it should: first at {index}."
    ),
    "off by a size, larger": "{place} is too large by a factor that is the number of values of `{name}`.",
    "off by a size, smaller": "{place} is too small by a factor that is the number of values of `{name}`.",
    "off by a size, larger, axis": "{place} is too large by a factor that is the size of axis {number} of `{name}`.",
    "off by a size, smaller, axis": "{place} is too small by a factor that is the size of axis {number} of `{name}`.",
    "off by a number, larger": "{place} is too large by a factor that is {size}.",
    "off by a number, smaller": "{place} is too small by a factor that is {size}.",
    "off by a number, larger, root": "{place} is too large by a factor that is the square root of {size}.",
    "off by a number, smaller, root": "{place} is too small by a factor that is the square root of {size}.",
    "off by a number, quotient": "{place} is what it should be, multiplied by {size} and divided by {other}.",
    "differs throughout, factor": "in every case {place} is {factor:.4g} times what it should be.",
    "differs throughout, distance": "in every case {place} differs by {distance:+.4g} from what it should be.",
    "nearly right throughout": "in every case {place} is nearly right: no number is off by more than {percent:.2g} %.",
    "size from the values": (
        "{axis} of {place} is as long as the largest number in `{name}` says, plus 1: {got}; expected {expected}."
    ),
    "always the same": "your answer gives {got} in every case, whatever its arguments are.",
    "wrong type": "{place} is {got}; expected {expected}.",
    "wrong type, among others": "{place} is {got}, in which [{item!r}] is right; expected that alone, {expected}.",
    "wrong type, one part alone": "{place} is {got}: only what should be [{item!r}] of {expected}.",
    "wrong type, values right": "{place} holds the right values, but is {got}; expected {expected}.",
    "lacks some": "{place} is {got}; expected {expected}: it lacks {what}, and all else is right.",
    "has some too many": "{place} is {got}; expected {expected}: {what} is too much, and all else is right.",
    "numbers off": "{place} is {got}; expected {expected}: every number that is wrong is off by {by:+d}.",
    "right at first": "{place} has {items}, {expected} expected: it is right up to index {begins}, where {here} stands for {there}.",
    "off where wrong, summand": "{place} is wrong at {places}, each time by {by:+.4g}.",
    "off where wrong, factor": "{place} is wrong at {places}, each time {scale:.4g} times what it should be.",
    "differs at one place": "{place} has {here} from index {begins} on, where {there} should be; all else is right.",
    "wrong number of items": "{place} has {items}; expected {expected}.",
    "wrong number of items, ends early": "{place} ends too early: it has {items} of {expected}, and these are right.",
    "wrong number of items, goes on": "{place} goes on too long: it begins right, but has {items} where {expected} should be.",
    "wrong number of items, begins late": "{place} lacks what should come first: it has {items} of {expected}, the last ones.",
    "wrong number of items, begins early": "{place} has too much at its beginning: {items}, of which only the last {expected} should be.",
    "parts exchanged": "the two parts of {place} are exchanged.",
    "list reversed": "{place} holds the right items, but from the end to the beginning.",
    "list in another order": "{place} holds the right items in another order.",
    "list in another order, parts": "the parts of {place} are right, but stand in another order.",
    "missing keys": "{place} has no {key!r}.",
    "unexpected keys": "{place} has {key!r}, which should not be there.",
    "wrong shape": "{place} has shape {got}; expected {expected}.",
    "wrong shape, axis of one lost": "{place} has shape {got}; expected {expected}: an axis with a single entry is gone.",
    "wrong shape, axis of one added": "{place} has shape {got}; expected {expected}: there is an axis of 1 too many.",
    "wrong shape, axis lost": "{place} has shape {got}; expected {expected}: {axis} is gone.",
    "wrong shape, axes in another order": "{place} has shape {got}; expected {expected}: the axes are in another order.",
    "wrong shape, one axis": "{place} has size {got} along {axis}; expected {expected}.",
    "wrong shape, begins right": "{place} has shape {got}; expected {expected}: as far as both go, it begins right.",
    "wrong shape, ends right": "{place} has shape {got}; expected {expected}: as far as both go, it ends right.",
    "wrong shape, one axis, begins right": "{place} has size {got} along {axis}; expected {expected}: as far as both go, it begins right.",
    "wrong shape, one axis, ends right": "{place} has size {got} along {axis}; expected {expected}: as far as both go, it ends right.",
    "wrong shape, axis lost, reduced": "{place} has shape {got}; expected {expected}: it is {how} along {axis} of what it should be.",
    "wrong dtype, values right": "{place} holds the right values, but with dtype {got}; expected {expected}.",
    "wrong dtype": "{place} has dtype {got}; expected {expected}.",
    "wrong device": "{place} is on {got}; expected {expected}.",
    "NaN": "{place} has NaN at {places}; no value should be NaN.",
    "NaN, number": "{place} is NaN; expected {expected:.4g}.",
    "infinite": "{place} has {infinite_values}, where none should be infinite.",
    "wrong places infinite": (
        "{place} is infinite at {extra} where it should be finite, and finite at {missing} where it should be infinite."
    ),
    "wrong places infinite, too few": "{place} is finite at {missing} where it should be infinite.",
    "wrong places infinite, too many": "{place} is infinite at {extra} where it should be finite.",
    "wrong truth": "{place} is True at {extra} where it should be False, and False at {missing} where it should be True: first at {index}.",
    "wrong truth, too often": "{place} is True at {extra} where it should be False: first at {index}.",
    "wrong truth, too seldom": "{place} is False at {missing} where it should be True: first at {index}.",
    "inverted": "{place} is True wherever it should be False, and False wherever it should be True.",
    "transposed": "{place} is the transpose of what it should be.",
    "axes permuted": "{place} holds the right values with the axes in the order {order} of the right ones.",
    "reshaped": "{place} holds the right values in wrong places, as if {first} and {second} had been reshaped, not swapped.",
    "in other places": "{place} holds the right values, but in other places.",
    "scaled by a constant": "every value of {place} is {scale:.4g} times the expected one.",
    "scaled by a constant, opposite": "every value of {place} has the opposite sign.",
    "shifted by a constant": "every value of {place} differs from the expected one by {by:+.4g}.",
    "stretched and moved": "every value of {place} is {scale:.4g} times the expected one, {by:+.4g}.",
    "a function of": "{place} is {function} what it should be, value by value.",
    "scaled by a constant, number": "{place} is {got}; expected {expected}: the sign is the other one.",
    "a function of, number": "{place} is {got}, {function} what it should be: {expected}.",
    "nearly right": "{place} is nearly right: no value is off by more than {off:.2g}.",
    "nearly right, whole numbers": "{place} is nearly right: no number is off by more than {off:.0f}.",
    "the same everywhere": "every value of {place} is {got:.4g}; they should differ.",
    "sums not to one": "a row of {place} adds up to {sum:.4g}; each should add up to 1.",
    "sums not to one, along another axis": "{place} adds up to 1 along {axis}; it should along the last axis.",
    "negative": "{place} is negative at {places}, and no right value is.",
    "sums to one": "{place} adds up to 1 along {axis}, as after a softmax, and should not.",
    "sums to one, logarithms": "the exponentials of {place} add up to 1 along {axis}, as after a log-softmax, and should not.",
    "normal along an axis": "{place} has mean 0 and variance 1 along {axis}, as after a normalisation, and should not.",
    "rounded to digits": "{place} is right, but rounded: every value has at most {digits}.",
    "cut off, above": "{place} is right up to {limit:.4g}, and cut off there: no value is larger.",
    "cut off, below": "{place} is right down to {limit:.4g}, and cut off there: no value is smaller.",
    "the same along": "{place} is the same all along {axis}, where it should change.",
    "running sum, once too often": "{place} is the running sum along {axis} of what it should be.",
    "running sum, not taken": "{place} would be right if it were added up along {axis}, as a running sum.",
    "in another order along": "{place} is right along {axis} but for the order: there stands what should be at {order}.",
    "scaled along": "{place} is right but for a factor, one all along {axis} and another elsewhere: the first is {scale:.4g}.",
    "shifted along": "{place} is right but for a summand, one all along {axis} and another elsewhere: the first is {by:+.4g}.",
    "right only at": "along {axis}, {place} is right only at {right} of {steps} (counted from 0).",
    "symmetric": "{place} is symmetric, and should not be.",
    "wrong exactly where, negative": "{place} is wrong at {places}: exactly where it should be negative.",
    "wrong exactly where, positive": "{place} is wrong at {places}: exactly where it should be positive.",
    "wrong exactly where, zero": "{place} is wrong at {places}: exactly where it is 0.",
    "wrong exactly where, diagonal": "{place} is wrong exactly on the diagonal of its last two axes.",
    "wrong exactly where, off the diagonal": "{place} is right on the diagonal of its last two axes, and wrong everywhere else.",
    "wrong exactly where, above": "{place} is wrong exactly above the diagonal of its last two axes.",
    "wrong exactly where, below": "{place} is wrong exactly below the diagonal of its last two axes.",
    "not zero": "{place} is right, but for {places} that should be exactly 0.",
    "not zero, and more": "{place} differs, and {places} should be exactly 0.",
    "reversed": "{place} is right, but in reverse order along {axis}.",
    "shifted by one step, later": "{place} comes one step later along {axis}.",
    "shifted by one step, earlier": "{place} comes one step earlier along {axis}.",
    "right until some step": (
        "along {axis}, {place} is right for the first {until} of {steps} and wrong from index {until} on."
    ),
    "wrong at few places": "along {axis}, {place} is wrong only at {indices} of {steps} (counted from 0).",
    "right at few places": "along {axis}, {place} is right at {right} and wrong at {indices} (counted from 0).",
    # What other inputs show.
    "not used": "{place} stayed the same when `{name}` was changed, and should have changed with it.",
    "used": "{place} changed when `{name}` was changed, and should have stayed the same.",
    "reaches too far": (
        "with `{name}` changed at index {at} along {along} alone, {place} changed at {indices} along {axis}, and should not have."
    ),
    "reaches too far, only axis": "with `{name}` changed at index {at} alone, {place} changed at {indices} along {axis}, and should not have.",
    "reaches too far, at all": "with `{name}` changed at index {at} along {along} alone, {place} changed, and should not have.",
    "reaches too far, only axis, at all": "with `{name}` changed at index {at} alone, {place} changed, and should not have.",
    "does not reach": (
        "with `{name}` changed at index {at} along {along} alone, {place} stayed as it was at {indices} along {axis}, and should "
        "have changed."
    ),
    "does not reach, only axis": (
        "with `{name}` changed at index {at} alone, {place} stayed as it was at {indices} along {axis}, and should have changed."
    ),
    "does not reach, at all": (
        "with `{name}` changed at index {at} along {along} alone, {place} stayed as it was, and should have changed."
    ),
    "does not reach, only axis, at all": "with `{name}` changed at index {at} alone, {place} stayed as it was, and should have changed.",
    "right if": "if {trait}, {place} is right.",
    "wrong exactly with": "of the cases drawn, your answer is wrong exactly where {trait}.",
    "right afresh": "in a new module {place} is right, but not once it has been called with other weights.",
    "right with another": "with {instead} in the place of `{name}`, {place} is right.",
    "right with another, exchanged": "with `{name}` and `{other}` exchanged, {place} is right.",
    "too much throughout, too large": "in every case that is wrong, {place} is too large: {least:.3g} to {most:.3g} times what it should be.",
    "too much throughout, too small": "in every case that is wrong, {place} is too small: {least:.3g} to {most:.3g} times what it should be.",
    "wrong values": "{wrong} of {values} of {place} differ: at {index} it is {got}; expected {expected}.",
    "wrong values, all": "all {values} of {place} differ: at {index} it is {got}; expected {expected}.",
    "wrong values, whole": "{place} is {got}; expected {expected}.",
    "wrong values, whole, case": "{place} is {got}; expected {expected}: only capitals and small letters differ.",
    "wrong values, whole, spaces": "{place} is {got}; expected {expected}: only spaces differ.",
    "wrong values, whole, ends early": "{place} is {got}; expected {expected}: it ends too early.",
    "wrong values, whole, goes on": "{place} is {got}; expected {expected}: it goes on too long.",
}

#: What a value is to the one that it should be.
FUNCTIONS = {
    "square": "the square of",
    "root": "the square root of",
    "exponential": "the exponential of",
    "logarithm": "the logarithm of",
    "reciprocal": "one divided by",
    "complement": "one minus",
    "amount": "without the sign of",
    "sigmoid": "the sigmoid of",
    "tanh": "the tanh of",
    "relu": "the ReLU of",
    "rounded": "rounded from",
    "unamount": "with another sign than",
    "unsigmoid": "before the sigmoid of",
    "untanh": "before the tanh of",
    "unrelu": "before the ReLU of",
}

#: What may hold of an argument.
TRAITS = {
    "all zero": "every value of `{name}` is 0",
    "a tenth": "every value of `{name}` is a tenth as large",
    "all one": "every value of `{name}` is 1",
    "not negative": "no value of `{name}` is negative",
    "no weights": "all weights of `{name}` are 0",
    "plain norm": "`{name}` has weight 1 and bias 0",
    "plain norms": "every norm has weight 1 and bias 0",
    "all alike": "all values of `{name}` are the same",
    "all true": "every value of `{name}` is True",
    "all false": "every value of `{name}` is False",
    "true": "`{name}` is True",
    "false": "`{name}` is False",
    "zero": "`{name}` is 0",
    "one": "`{name}` is 1",
    "empty": "`{name}` is empty",
    "small letters": "`{name}` has small letters only",
    "equal": "`{name}` is {value}",
    "positive": "`{name}` is above 0",
    "above one": "`{name}` is above 1",
    "not one": "`{name}` is not 1",
    "given": "`{name}` is given",
    "not given": "`{name}` is not given",
    "not empty": "`{name}` is not empty",
    "single": "`{name}` has a single item",
    "several": "`{name}` has several items",
    "capitals": "`{name}` has capitals",
    "not ASCII": "`{name}` has characters beyond ASCII",
    "repeats": "something in `{name}` occurs twice",
    "no repeats": "nothing in `{name}` occurs twice",
    "some false": "`{name}` is False somewhere",
    "row of False": "a row of `{name}` is all False",
    "some negative": "`{name}` has negative values",
    "none negative": "`{name}` has no negative values",
    "some zero": "`{name}` has a 0 in it",
    "some infinite": "`{name}` has infinite values",
    "16 bits": "`{name}` has 16 bits",
    "not all alike": "the values of `{name}` are not all the same",
    "not in order": "`{name}` is not in ascending order",
    "axis of one": "`{name}` has size 1 along axis {value}",
    "axis longer than one": "`{name}` has more than one entry along axis {value}",
}

#: What may be in the place of an argument.
INSTEAD = {
    "negated": "−`{name}`",
    "complement": "1 − `{name}`",
    "exponential": "the exponential of `{name}`",
    "logarithm": "the logarithm of `{name}`",
    "half": "half of `{name}`",
    "double": "twice `{name}`",
    "square": "the square of `{name}`",
    "root": "the square root of `{name}`",
    "reciprocal": "1 / `{name}`",
    "amounts": "`{name}` without its signs",
    "one more": "`{name}` + 1",
    "one less": "`{name}` − 1",
    "reversed": "`{name}` from the end to the beginning",
    "turned round": "`{name}`, reversed along axis {value}",
    "moved on": "`{name}`, moved on by one along axis {value}",
    "moved back": "`{name}`, moved back by one along axis {value}",
    "transposed": "the transpose of `{name}`",
    "without the last": "`{name}` without its last item",
    "without the first": "`{name}` without its first item",
    "sorted": "`{name}`, sorted",
    "small letters": "`{name}` in small letters",
    "softmax": "the softmax of `{name}`",
    "the other": "the opposite of `{name}`",
}

#: A number that a factor may be.
SIZES = {
    "values": "the number of values of `{name}`",
    "axis": "the size of axis {number} of `{name}`",
    "true": "the number of places where `{name}` is True",
    "sum": "the sum of `{name}`",
    "counts": "the number of places of `{name}` that are not −100",
    "itself": "`{name}`",
    "norm": "the length of `{name}` as one vector",
}

#: What is left of an axis, by its name among the reductions.
REDUCED = {
    "sum": "the sum",
    "mean": "the mean",
    "largest": "the largest value",
    "smallest": "the smallest value",
    "first": "the first entry",
    "last": "the last entry",
}

PLACES = {
    "result": "the result",
    "part": "`{code}`",
    "gradient": "the gradient with respect to `{argument}`",
    "outputs": "what came out",
}

#: An axis by its name in the signature, or by its number.
AXES = {
    "time": "time",
    "batch": "the batch",
    "named": "the axis “{name}”",
    "numbered": "axis {number}",
    "index": "{name} {number}",
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
    "extra": ("{n} place", "{n} places"),
    "missing": ("{n} place", "{n} places"),
    "digits": ("{n} decimal place", "{n} decimal places"),
    "infinite_values": ("{n} infinite value", "{n} infinite values"),
}

LIST = "{first} and {last}"
LONGER_LIST = "{first}, {second}"

#: What to ask where no misconception fits, by the kind of the finding, or by the kind and its form.
GENERIC_HINTS = {
    "transposed": "Which axis should come first?",
    "axes permuted": "Which axis is which? Write the name of each axis beside the line that makes the result.",
    "reshaped": (
        "`view` and `reshape` keep the order of the values and only cut it anew; `transpose` exchanges axes. Which of "
        "them do you need?"
    ),
    "in other places": (
        "Nothing is lost, but something is rearranged. Which line changes an order: a reshape, a sort, a `cat` along "
        "another axis?"
    ),
    "wrong shape": "Write down the shape after each line: where does it stop being what you meant?",
    "wrong shape, axis of one lost": (
        "Does a `squeeze` or an index take away an axis that happens to have a single entry, such as a batch of one?"
    ),
    "wrong shape, axis of one added": (
        "Which line adds an axis: `unsqueeze`, `None` in an index, `keepdim=True`, a slice where an index should be?"
    ),
    "wrong shape, axis lost": "Which line takes that axis away: an index, a sum or mean over it, a `squeeze`, a `flatten`?",
    "wrong shape, axes in another order": "Write the name of each axis beside its size. Which two must change places?",
    "wrong shape, one axis": "What should there be one entry for along that axis, and for what is there one in yours?",
    "wrong number of items": "What should there be one item for? Which one is missing, or too many?",
    "missing keys": "What should there be an entry for, by the docstring, and what should make this one?",
    "unexpected keys": "What should there be an entry for, by the docstring, and what has made this one?",
    "scaled by a constant": "Where could such a factor come from: a division left out, a sum instead of a mean?",
    "scaled by a constant, opposite": "Which minus is missing, or one too many?",
    "scaled by a constant, number": "Which minus is missing, or one too many?",
    "stretched and moved": "The values were brought to another range. Which line does so at the end, and who asked for it?",
    "shifted by a constant": "Which term is missing or added everywhere: a bias, a 1, a mean taken off?",
    "the same everywhere": "What should make one entry differ from the next, and where does your code use it?",
    "sums not to one": "By what is each row divided, and over which axis is that sum taken?",
    "sums not to one, along another axis": "Over which axis does the softmax run, and which axis holds what is chosen from?",
    "negative": "Which line should keep it from falling below 0?",
    "sums to one": "Who asked for probabilities? Which line makes them?",
    "sums to one, logarithms": "Who asked for log-probabilities? Which line makes them?",
    "normal along an axis": "Which line normalises, and does another one come after it where the formula has it?",
    "rounded to digits": "Which line rounds, and who asked for it?",
    "cut off": "Which line sets a limit: a `clamp`, a `min` or `max`, a small number inside a logarithm or a root?",
    "the same along": "What should differ from one to the next along that axis? Which line takes a mean, a sum or one entry instead?",
    "running sum": "Where is it added up, and how often should that be done?",
    "in another order along": "Which line puts them in order, or back in order: a sort, an index, a `cat`, a reversal?",
    "scaled along": "By what is each row divided or multiplied, and over which axis is that computed?",
    "shifted along": "What is added to or taken off each row, and over which axis is that computed?",
    "right only at": "What do your lines do there that they do not do elsewhere?",
    "symmetric": "Which of the two axes says what, and does your code keep them apart?",
    "wrong exactly where": "Which of your lines treats these like the others, or unlike the others?",
    "lacks some": "What should write them, and in which case is it passed over?",
    "has some too many": "What writes them, and in which case should it not?",
    "numbers off": "Where do you begin to count?",
    "right at first": "What comes there that did not come before? Go there by hand.",
    "off where wrong": "What do these places have in common, and which line treats them alike?",
    "differs at one place": "What should happen at that place? Go there by hand.",
    "not used": "Where should it come in, and what do your lines do with it?",
    "used": "Which line looks at it, and what does the text say of it?",
    "reaches too far": "Which line lets it see that: a sum, a mean, a softmax, a reshape, a step of a loop?",
    "does not reach": "On the way from there to here, which line leaves it out?",
    "wrong exactly with": "What should happen then that need not happen otherwise?",
    "right afresh": "Training changes the weights at every step. What do you keep in `self` from one call to the next, made of them?",
    "right with another": "So your code takes it for that. Which line uses it otherwise than the text says?",
    "too much throughout": "Which term is left out, counted twice, or taken with another weight?",
    "right if": "Which of your lines use it, and what do they make of it otherwise?",
    "not zero": "What must happen to the places that do not count, and does it happen to the result itself?",
    "not zero, and more": "What must happen to the places that do not count, and does it happen to the result itself?",
    "wrong places infinite": "Which places should be shut out? Try a row of four by hand, with a tie in it.",
    "inverted": "What does True mean in this mask: that one may look, or that one must not?",
    "other every time": "What draws at random here: `dropout`, a sample, a new layer made at each call, a generator of its own?",
    "other every time, kept": (
        "What outlives a call: a global variable, a default argument, an attribute, a generator of its own without a seed?"
    ),
    "argument returned": "What should be done to it, and is what you compute what you return?",
    "nothing returned": "Is there a `return` on every way through your code, with a value after it?",
    "without influence": "Where should it come in, and what do your lines do with it?",
    "places count": "What is there: padding, a masked place, a token that is not asked for? What leaves it out?",
    "places do not count": "What is there, and which condition, slice, mask or limit leaves it out?",
    "places count, weight": "Which index or slice takes these rows, and from what do you compute it?",
    "places do not count, weight": "Which index or slice should take these rows, and from what do you compute it?",
    "differs throughout, factor": "Where could such a factor come from: a 2, a unit, a division left out, one term counted twice?",
    "differs throughout, distance": "Which term is left out or added everywhere: a 1, the first step, the last one?",
    "nearly right throughout": (
        "What is small here: an approximation in the place of a formula, a term left out, an axis that is the wrong one of "
        "two, n or n − 1?"
    ),
    "size from the values": "What if the largest one does not occur? Which argument says how many there are?",
    "off by a number": "By what should be divided, or multiplied: by that, or by something else?",
    "off by a size": "Is there a sum where a mean should be, or a mean over too much, or over too little?",
    "parts exchanged": "In which order does the signature promise them?",
    "list reversed": "In which order does your loop go, and in which order do you collect what it makes?",
    "list in another order": "Which rule says what comes first, and what decides when two are equal?",
    "list in another order, parts": "In which order does the signature promise them?",
    "wrong number of items, ends early": "What makes your loop end: is the last one still to be done?",
    "wrong number of items, goes on": "When is it done? What should end the loop, or be cut off?",
    "wrong number of items, begins late": "Where does your loop begin, and where should it?",
    "wrong number of items, begins early": "What should not be part of the result: a start, a prompt, a first state?",
    "wrong truth": "Say in words when a place should be True. Take the first that differs: does your condition say so?",
    "a function of": "Which step at the end is missing, or one too many?",
    "nearly right": "What is small here: an eps in another place, a constant that should be infinite, a dtype with few digits, n or n − 1?",
    "nearly right, whole numbers": "What is rounded here, how often, and which way? Take the first that differs by hand.",
    "always the same": "On which arguments should the result depend, and where does your code use them?",
    "reversed": "In which order does your loop go, and in which order do you collect what it makes?",
    "shifted by one step": "Is each value stored at the step it belongs to, or at its neighbour's?",
    "right until some step": "What changes at that step: a length, a boundary, a value carried on from the step before?",
    "right at few places": "Which of your lines make the wrong ones, and what do they do that the others need not?",
    "wrong at few places": "What is special about these: a length, a border, a special token, a tie?",
    "NaN": "Which line could divide zero by zero, or take infinity minus infinity?",
    "infinite": "Which line could divide by zero, take the logarithm of zero, or put an infinity in?",
    "wrong dtype": "Which line changes the dtype?",
    "wrong type": "What does your function return, and what does its signature promise?",
    "mode changed": "Which line calls `.train()` or `.eval()`, and who sets the mode back?",
    "requires_grad set": "Which line calls `requires_grad_()` on what the caller gave you? Work on a copy.",
    "own random numbers": "Which line draws by itself (`torch.rand`, `random`, a `sample` without the generator)?",
    "overwritten": "Which line ends in an underscore (`add_`), or has `+=` or `x[…] =`? Make a new tensor there.",
    "not refused": "Which line looks at the arguments before anything is computed with them?",
    "not refused, others are": "Which of your conditions should be true here, and is not?",
    "refused by another exception": "Which line looks at the arguments before anything is computed with them?",
    "refused by another exception, assert": (
        "An `assert` is left out where Python runs with -O, and a caller cannot tell it from a bug. Which statement raises "
        "what the docstring names?"
    ),
    "argument not named": "Would the message tell a reader which argument to change?",
    "nothing new": "Who writes into the one writes into the other, too. Which `return` makes no copy?",
    "inputs modified": "Which line writes into an argument? The caller still needs it: make a new one instead.",
    "wrong gradients": "What changes only the way back: `.detach()`, `.data`, `.item()`, `no_grad`, writing in place?",
    "gradient not wanted": "What should be held fixed there? `.detach()` or `no_grad` cuts it off.",
    "gradient missing": "Which line cuts the result off from its inputs: `.detach()`, `.item()`, `torch.tensor(…)`, `no_grad`?",
}
ANY_OTHER_HINT = "Take a case small enough to do by hand, and print what each line makes of it: which is the first that surprises you?"
WHOLE_HINT = "Go through your lines with these arguments by hand: which is the first that does not do what you meant?"

#: One small change of a right answer that behaves the same, by its form, with a question.
MUTANTS = {
    "dropped": "Your answer behaves as if {part} were left out. Where does it belong, and does it reach the result?",
    "swapped": "Your answer behaves as if the two sides had changed places in {where}. Which of them comes first?",
    "operator": "Your answer behaves as if {where} were put together by {now}. Is that what the formula does there?",
    "comparison": (
        "Your answer behaves as if {where} were compared by `{now}`. Try a value just below, at and just above the border: "
        "which of them should count?"
    ),
    "negation": "Your answer behaves as if a condition were the other way round in {where}. When should it hold?",
    "constant, more": "Your answer behaves as if a number were one larger in {where}. Where do you begin to count, and where do you end?",
    "constant, less": "Your answer behaves as if a number were one smaller in {where}. Where do you begin to count, and where do you end?",
    "constant, zero": "Your answer behaves as if a number were 0 in {where}. Which number belongs there?",
    "constant, sign": "Your answer behaves as if a number had the other sign in {where}. Which sign should it have?",
    "constant, double": "Your answer behaves as if a number were twice as large in {where}. Which number belongs there?",
    "constant, other": "Your answer behaves as if another number stood in {where}. Which number belongs there?",
    "constant, flag": "Your answer behaves as if True and False were exchanged in {where}. Which of the two is meant?",
    "axis": "Your answer behaves as if it went along another axis in {where}. What are the axes called there, and which is meant?",
    "axis, size": "Your answer behaves as if the size of another axis of {where} were taken. Which axis is counted?",
    "pattern": "Your answer behaves as if the last two axes were exchanged in {where}. In which order should they come out?",
    "slice": "Your answer behaves as if another part of {where} were cut out. What is the first entry that belongs to it, and what the last?",
    "neighbour": "Your answer behaves as if `{now}` were taken where a right one takes another function. Which one is meant?",
    "arguments": "Your answer behaves as if two arguments were exchanged in {where}. Which comes first?",
    "keyword": "Your answer behaves as if `{name}` were forgotten in {where}. What happens without it?",
    "detach": "Your answer behaves as if {part} were cut off from the gradients. Which line breaks the way back?",
    "transpose": "Your answer behaves as if {part} were not transposed. Which of its axes should meet which?",
    "unpacked": "Your answer behaves as if the parts of {part} were taken in another order. Which comes first, and which last?",
    "complement": "Your answer behaves as if {part} and one minus it were exchanged. What should a 1 there do, and what a 0?",
    "applied": "Your answer behaves as if `{now}` were applied once too often. Which function belongs where?",
    "name": "Your answer behaves as if {part} were taken where another belongs, in {where}. Which one is meant there?",
    "name, layer": "Your answer behaves as if {part} were called where another layer belongs. Which one is meant there?",
    "name, beside": "Your answer behaves as if {part} were taken where another belongs, beside {where}. Which one is meant there?",
    "reordered": "Your answer behaves as if {where} came before what it should come after. Which of the two is done first?",
    "distributed": (
        "Your answer behaves as if {where} got only one of the parts that are added up, and the other came in after it. "
        "Where do your brackets close?"
    ),
    "weighted": "Your answer behaves as if {part} counted for more or for less than it should. By what is it multiplied?",
    "repeated": "Your answer behaves as if {part} were done twice. How often does your program come there?",
    "statement, break": "Your answer behaves as if a loop went on where it should end. When is it done?",
    "statement, continue": "Your answer behaves as if a loop did its whole work where it should pass on. What is to be skipped?",
    "statement, return": "Your answer behaves as if a case that needs an answer of its own were treated like the others. Which one is special?",
    "statement, raise": "Your answer behaves as if nothing were refused. Which arguments make no sense?",
    "statement, step": "Your answer behaves as if the step that renews {part} were left out. Where should it change?",
}

#: A part of a right answer by the names in it.
PHRASES = {
    "name": "{first}",
    "of": "{first} of {second}",
    "number": "the number {first}",
    "one": "the part with {first}",
    "two": "the part with {first} and {second}",
    "none": "one place",
    "call": "the call of {first}",
    "index": "the index of {first}",
}

#: What puts two things together, by its name in Python's syntax tree.
OPERATIONS = {
    "Add": "a sum",
    "Sub": "a difference",
    "Mult": "a product, entry by entry",
    "Div": "a division",
    "FloorDiv": "a division without remainder",
    "Mod": "a remainder",
    "Pow": "a power",
    "MatMult": "a matrix product",
    "BitAnd": "`&`",
    "BitOr": "`|`",
    "And": "`and`",
    "Or": "`or`",
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Eq": "==",
    "NotEq": "!=",
    "Is": "is",
    "IsNot": "is not",
    "In": "in",
    "NotIn": "not in",
}

#: What to ask where something else is returned in the place of a tensor, or a generator in the place of anything.
TYPE_HINTS = {
    "among others": "You return more than is asked for. What does the signature promise?",
    "one part alone": "You return less than is asked for. What does the signature promise besides?",
    "a number": "A Python number has no gradient. Which line leaves torch: `.item()`, `float(…)`, `math`, NumPy?",
    "a list": "Which function of torch makes one tensor of it: `tensor`, `stack` or `cat`?",
    "an array": "An array has no gradient. Which line leaves torch, and which function of torch does the same?",
    "a generator": (
        "`(… for …)`, `map` and `zip` hold nothing yet, and can be read only once. What does the signature promise?"
    ),
}

#: What to ask after an exception, by the name of the question.
CRASH_HINTS = {
    "and, or, not": (
        "`and`, `or` and `not` want one truth value. For tensors, entry by entry, write `&`, `|` and `~`, each side in "
        "brackets."
    ),
    "truth of a tensor": (
        "A condition wants one truth value, and a tensor of many has none. Do you mean `is not None`, `.any()`, `.all()`, "
        "or a choice entry by entry with `torch.where`?"
    ),
    "math on a tensor": "The functions of `math` take one number. Which function of torch does the same for a whole tensor?",
    "one number wanted": "A single number is wanted here, and this tensor holds several. Which of them do you mean?",
    "layer indexed": "A layer is called, with round brackets: `layer(x)`. Square brackets look something up.",
    "layer made, not called": (
        "`nn.ReLU(x)` and the like make a layer and do not apply it. Apply it, `nn.ReLU()(x)`, or take the function, "
        "`F.relu(x)`: which line makes one?"
    ),
    "layer given too much": "`nn.Linear(…)` and the like make a layer of given sizes. Where do you apply it, with `layer(x)`?",
    "super().__init__": "Is `super().__init__()` the first line of `__init__`?",
    "self missing": "Does the method that you call have `self` as its first argument?",
    "self forgotten": "The object has an attribute of that name. How does a method reach it?",
    "too many arguments": "How many arguments does what you call take? Compare the call with its signature.",
    "called with too little": "What you call there wants more than you give it. Which of its arguments are missing?",
    "classes on axis 1": (
        "`cross_entropy` wants the classes on axis 1: (rows, vocabulary) and (rows,), or (batch, vocabulary, time) and "
        "(batch, time). What are the axes of yours?"
    ),
    "targets of the same shape": "This loss compares entry by entry. Which of the two has the shape that you meant?",
    "ignored targets": (
        "−100 marks a target that does not count, and it is no index. What can stand in its place while you look up, and "
        "how do you leave it out afterwards?"
    ),
    "id too large": "An id is looked up in a table that has no such row. How many rows has the table, and what is the largest id?",
    "in place": (
        "A tensor that the way back still needs has been written into. Which line writes in place: `x[…] = …`, `x += …`, "
        "`x.add_(…)`? Make a new tensor instead."
    ),
    "no way back": "Nothing leads from here back to the inputs. Which line cuts it: `.detach()`, `.item()`, `no_grad`, an argmax?",
    "graph used twice": (
        "One way back is gone twice. Should both losses share it, or should one of them get its input by `.detach()`?"
    ),
    "gradient of many numbers": "A gradient starts at one number. Should the tensor be summed or averaged first?",
    "NumPy of a gradient": "NumPy cannot follow gradients. Which function of torch does the same?",
    "view after transpose": (
        "After a transpose the values do not lie in order, and `view` refuses. Is `reshape` what you mean, or is an axis in "
        "the wrong place?"
    ),
    "sizes that do not multiply up": (
        "The sizes that you ask for must multiply up to the number of values. Which of them is not what you think?"
    ),
    "nothing to stack": "The list is empty. Why has nothing been put into it: does the loop run at all?",
    "unequal parts": "The pieces must have the same shape but for the axis along which they are joined. What are their shapes?",
    "tensor called": "Round brackets after a tensor call it. Do you mean square ones, or has a variable taken a function's name?",
    "None used": "Something is None here: a function that returns nothing, or an argument that was not given. Which one?",
    "tuple used as a tensor": "Something here gives back several values at once. What are they, and which one do you want?",
    "function used as a tensor": "A function stands here where its result should. Are its brackets missing?",
    "number used as a tensor": "A plain number or a list stands here where a tensor is wanted. Which line makes it, and from what?",
    "unpacked": "How many values stand on the right, and how many names on the left? What does the thing on the right return?",
    "power": "A power is written `**` in Python.",
    "whole numbers": "A whole number is wanted here. `/` always gives a float: do you mean `//`?",
    "floats wanted": "This works on floats only. Which tensor still holds whole numbers or truth values?",
    "truth values calculated with": "Truth values are turned round by `~` and joined by `&` and `|`, not calculated with.",
    "two dtypes": "Two tensors of different dtypes meet here. Which of them has another dtype than you think?",
    "list indexed by several": "A list takes one index at a time. Do you mean a tensor, or two pairs of square brackets?",
    "key that is text": "A list is looked up by position, a dict by name. Which of the two do you have here?",
    "hash of a list": "A key must not change, and a list can. Which type is like a list and cannot change?",
    "key not there": "The dict has no such key. Which keys has it, and what should hold for one it does not know?",
    "bytes out of ids": "`bytes` takes numbers below 256. Is an id of a token a byte, or does a table say which bytes it stands for?",
    "half a character": (
        "A character may need several bytes, and here only some of them are decoded. At what moment are all of them "
        "together, and what does `errors` offer?"
    ),
    "not in that alphabet": "This encoding does not know every character. Which one does?",
    "text and bytes": "Text and bytes do not mix. Which of the two should both sides be?",
    "pattern of another library": "Classes such as `\\p` belong to the package `regex`; Python's `re` does not know them.",
    "nothing to choose from": "Nothing is left to choose from here. What should happen then?",
    "divided by zero": "When can the divisor be 0, and what should come out then?",
    "outside the domain": "For which value is that function not defined, and what should come out there?",
    "overflow": "A number has become too large. What can be taken off before the exponential?",
    "no memory": "So much fits into no memory. Must all of it be made, or can it be counted, or looked up when asked for?",
    "changed while looping": "A loop goes over something that it changes. Loop over a copy: `list(…)`.",
    "never ends": "The function calls itself without end. When should it stop?",
    "not set on every way": "The name gets a value on one way through the code only. What if the other way is taken?",
    "lengths sorted": "`pack_padded_sequence` wants the lengths on the CPU, sorted unless `enforce_sorted=False`.",
    "fewer axes": "The tensor has fewer axes than you count. What is its shape on this line?",
    "fixed number of axes": "This function takes a fixed number of axes. Which one works with any number of axes in front?",
    "mask as an index": "A mask as an index must have the tensor's shape. What puts it on by broadcasting?",
    "gather's index": "`gather` wants an index with as many axes as the tensor. Which one is missing?",
    "more than there are": "More are asked for than there are. What should happen then?",
    "matrix product": "In a matrix product the last axis on the left meets the last but one on the right. Which two meet here?",
    "shapes that do not meet": "Write the shape under each operand: which two axes meet?",
    "index out of range": "How long is what you index there, and which index do you ask for?",
    "norm of other features": "A batch norm was made for another number of channels. Which axis holds the channels?",
    "other input size": "The layer was made for inputs of another size. Which axis should be the last?",
    "channels": "This layer was made for another number of channels. Which layer should stand before it?",
    "one example in a batch norm": "A batch norm cannot normalise a single example in training. Where should it be in `eval()`?",
    "no such function": "That module has no such function. How is it spelt?",
    "no such attribute": "What is that value at this line: a tensor, a list, a layer? Does it have that attribute?",
    "unexpected keyword": "What you call knows no argument of that name. What does its signature say?",
    "part still blank": "A part is still as it was handed out. Which method is left to write?",
    "own refusal": "Your own line refuses this, and the docstring allows it. Which condition is true here, and should not be?",
    "place and name": (
        "torch takes some arguments by name only, or not beside others by place. What does the signature of this method "
        "call the axis: `dim=`?"
    ),
    "arguments of another kind": "The function wants other kinds of arguments. Which of yours is no tensor, or no number?",
    "two kinds of value": "Two values of different kinds meet here. What is each of them at this line?",
    "unknown name": "Is the name spelt as in the signature? A name from another cell: has that cell been run?",
    "changed signature": "Compare your signature with the one you were given: what changed?",
}
