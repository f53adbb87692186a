"""Which question helps after an exception: the commonest errors, told by their type, their message and the line.

The first row that fits decides. A row says what happened, never what might have: where none fits, nothing is asked.
"""

import re
from dataclasses import dataclass

from autograder.evidence import Crash


@dataclass(frozen=True)
class Pattern:
    """A common error: a pattern for "type: message", and one for the student's line; `name` is that of its question."""

    name: str
    told: str
    line: str = ""


LAYERS = "Embedding|Linear|LayerNorm|Dropout|ModuleList|Sequential|ReLU|GELU|Tanh|Sigmoid|BatchNorm2d|LSTM|GRU|RNN"

PATTERNS = (
    Pattern("own refusal", r"^(?!NotImplementedError|TimeLimit)", r"^\s*raise\b"),
    Pattern("and, or, not", "Boolean value of Tensor|truth value of an array", r"\b(and|or|not)\b"),
    Pattern("truth of a tensor", "Boolean value of Tensor|truth value of an array"),
    Pattern("math on a tensor", "one element tensors|can be converted to Python scalar", r"\bmath\.|\bm\.\w+\("),
    Pattern("one number wanted", "one element tensors|can be converted to (a )?Python scalar|converted to an index"),
    Pattern("layer indexed", f"'({LAYERS})' object is not subscriptable"),
    Pattern(
        "layer made, not called",
        f"not ({LAYERS})\\b|for .*'({LAYERS})'|'({LAYERS})' object has no attribute '(shape|dim)",
    ),
    Pattern("layer given too much", r"__init__\(\) (takes|got)", r"nn\.\w+\("),
    Pattern("super().__init__", r"before Module\.__init__\(\) call"),
    Pattern("self missing", r"takes \d+ positional arguments? but \d+ (was|were) given", r"\bself\.\w+\("),
    Pattern("place and name", r"invalid combination .* got \(int, \w+=|takes from 1 to 0 positional", r"sort\("),
    Pattern("too many arguments", r"takes (from )?\d+ .*positional arguments? but|got multiple values for argument"),
    Pattern(
        "classes on axis 1", r"Expected target size|Expected input batch_size", r"cross_entropy|nll_loss|criterion|"
    ),
    Pattern("targets of the same shape", r"Target size .* must be the same as input size"),
    Pattern("ignored targets", r"index -100 is out of bounds|Target -100 is out of bounds"),
    Pattern("id too large", r"index out of range in self|Target \d+ is out of bounds"),
    Pattern("in place", r"modified (by an )?inplace|leaf Variable.* in-place|in-place operation"),
    Pattern("no way back", r"does not require grad and does not have a grad_fn|appears to not have been used"),
    Pattern("graph used twice", r"backward through the graph a second time"),
    Pattern("gradient of many numbers", r"grad can be implicitly created only for scalar outputs"),
    Pattern("NumPy of a gradient", r"Can't call numpy\(\) on Tensor that requires grad"),
    Pattern("view after transpose", r"view size is not compatible"),
    Pattern("sizes that do not multiply up", r"is invalid for input of size|don't multiply up"),
    Pattern("nothing to stack", r"expects a non-empty TensorList|expected a non-empty list of Tensors"),
    Pattern("unequal parts", r"stack expects each tensor to be equal size|Sizes of tensors must match"),
    Pattern("tensor called", r"'Tensor' object is not callable"),
    Pattern("None used", r"NoneType"),
    Pattern(
        "tuple used as a tensor", r"'Tensor' and '(tuple|torch\.return_types)|'(tuple|torch\.return_types\.\w+)' and"
    ),
    Pattern(
        "tuple used as a tensor", r"must be Tensor, not (tuple|torch\.return_types)|'tuple' object has no attribute"
    ),
    Pattern("tuple used as a tensor", r"tuple indices must be integers or slices, not tuple"),
    Pattern("function used as a tensor", r"must be Tensor, not (function|builtin|method)|'(function|method)' and"),
    Pattern("unpacked", r"(not enough|too many) values to unpack"),
    Pattern("power", r"for \^:"),
    Pattern("whole numbers", r"interpreted as an integer|slice indices must be|got float\b|must be tuple of ints", r""),
    Pattern(
        "whole numbers",
        r"tensors used as indices must be|scalar type (Long|Int)|types: Long, Int|expected scalar type Long",
    ),
    Pattern(
        "number used as a tensor",
        r"must be Tensor, not (int|float|list|bool)|but got (int|float)\b|'(int|float)' object has",
    ),
    Pattern("floats wanted", r"floating point|not implemented for '(Long|Int|Bool)'|result type Float can't be cast"),
    Pattern("truth values calculated with", r"with (a|two) bool tensors?"),
    Pattern("two dtypes", r"same dtype|Float.*Double|Double.*Float|expected scalar type|attn_mask dtype"),
    Pattern("list indexed by several", r"list indices must be integers or slices, not (tuple|Tensor)"),
    Pattern("key that is text", r"(list|tuple|string) indices must be integers(?!.*not tuple)"),
    Pattern("hash of a list", r"unhashable type"),
    Pattern("key not there", r"^KeyError"),
    Pattern("bytes out of ids", r"bytes must be in range"),
    Pattern("half a character", r"^UnicodeDecodeError"),
    Pattern("not in that alphabet", r"^UnicodeEncodeError"),
    Pattern("text and bytes", r"concat str to bytes|concatenate str .*bytes|bytes-like object is required, not 'str'"),
    Pattern("pattern of another library", r"bad escape"),
    Pattern("nothing to choose from", r"(min|max)\(\) (arg is an|iterable argument is) empty|argm?a?i?x?.*empty"),
    Pattern("divided by zero", r"^ZeroDivisionError"),
    Pattern("outside the domain", r"math domain error|expected a positive input"),
    Pattern("overflow", r"^OverflowError"),
    Pattern("no memory", r"^MemoryError|allocate memory|not enough memory"),
    Pattern("changed while looping", r"changed size during iteration"),
    Pattern("never ends", r"^RecursionError"),
    Pattern("not set on every way", r"^UnboundLocalError|cannot access local variable"),
    Pattern("lengths sorted", r"enforce_sorted|must be on the CPU"),
    Pattern("fewer axes", r"Dimension out of range|too many indices for tensor|must have at least \d dim"),
    Pattern(
        "fixed number of axes", r"must be an? \d+D tensor|\dD tensors? expected|must be a matrix|expected \dD input"
    ),
    Pattern("mask as an index", r"shape of the mask .* does not match"),
    Pattern("gather's index", r"Index tensor must have the same number of dimensions|Size does not match at dimension"),
    Pattern("more than there are", r"selected index k out of range"),
    Pattern(
        "matrix product",
        r"shapes cannot be multiplied|size mismatch|first two dimensions of batch2|inconsistent tensor size",
    ),
    Pattern("shapes that do not meet", r"must match|could not be broadcast|doesn't match the broadcast shape"),
    Pattern("shapes that do not meet", r"shape mismatch|maximum size for tensor|not broadcastable"),
    Pattern("index out of range", r"index (-?\d+ is )?out of (range|bounds)|out of bounds for dimension"),
    Pattern("norm of other features", r"running_mean should contain"),
    Pattern("other input size", r"input_size|normalized_shape"),
    Pattern("channels", r"to have \d+ channels"),
    Pattern("one example in a batch norm", r"more than 1 value per channel"),
    Pattern("no such function", r"module '[\w.]+' has no attribute"),
    Pattern("no such attribute", r"object has no attribute"),
    Pattern("unexpected keyword", r"unexpected keyword"),
    Pattern("part still blank", r"^NotImplementedError: $"),
    Pattern("arguments of another kind", r"invalid combination of arguments"),
    Pattern("two kinds of value", r"unsupported operand|can only concatenate|not supported between instances"),
)


def crash_question(crash: Crash, name: str = "", attributes: frozenset[str] = frozenset()) -> str | None:
    """Which question helps after this crash of an answer to the exercise `name`, whose object has these attributes."""
    told = f"{crash.type}: {crash.message}"
    if missing := re.match(r"NameError: name '(\w+)'", told):
        return "self forgotten" if missing[1] in attributes else "unknown name"
    if own := re.search(r"([\w.<>]+)\(\) (?:missing|got an unexpected|takes)", told):
        is_own = name and name in (own[1], own[1].split(".")[0]) and "<locals>" not in own[1]
        if is_own:
            return "changed signature"
        if "missing" in told:
            return "called with too little"
    return next((p.name for p in PATTERNS if re.search(p.told, told) and re.search(p.line, crash.code)), None)


QUESTIONS = {p.name for p in PATTERNS} | {
    "self forgotten",
    "unknown name",
    "changed signature",
    "called with too little",
}
