"""`to_text_pair`: An example of a task as two texts: what is read, with words in front that name the task, and what
should be written.
"""

import math

from autograder.exercise import Exercise, Misconception


def to_text_pair_inputs(rng):
    """Small made-up examples, capitals, double spaces and spaces at the ends among them; scores away from the middle between two steps."""

    def words(korean=False):
        source = ["마을", "강아지가", "천천히", "걸었다", "빵을", "샀다", "아침에"] if korean else None
        source = source or ["The", "Dog", "walked", "slowly", "to", "bread", "village", "one", "morning"]
        first, *rest = (source[i] for i in rng.permutation(len(source))[:5])
        return f"{first}  {' '.join(rest)} Ann."

    def score():
        steps = int(rng.integers(1, 25))
        if steps % 5 == 0:
            steps += 1
        return round(steps / 5 + float(rng.choice([-0.07, 0.06])), 2)

    def judged(sentiment):
        return {"task": "sentiment", "example": {"text": words(), "sentiment": sentiment}}

    def compared(value):
        return {"task": "similarity", "example": {"first": words(), "second": words(), "score": value}}

    return {
        "translate and summarize": [
            {"task": "translate", "example": {"korean": words(korean=True), "english": words()}},
            {"task": "translate", "example": {"korean": f" {words(korean=True)}\n", "english": f"{words()} "}},
            {"task": "translate", "example": {"korean": f" {words(korean=True)}\n", "english": f"{words()} "}},
            {"task": "summarize", "example": {"story": f"{words()} {words()}", "summary": words()}},
        ],
        "sentiment": [judged(1), judged(0)],
        # Both ways from a step, both ends of the scale, a whole number, and 17 · 0.2, which is no 3.4 as a float.
        "similarity": [*map(compared, (score(), score(), 2.13, 2.26, 4.97, 0.06, 1, 0, 5, 3.42))],
    }


def other_tasks(rng):
    """Names close to the four, with an example that has something for every task."""
    texts = ("korean", "english", "story", "summary", "text", "first", "second")
    example = {name: "One morning." for name in texts} | {"sentiment": 1, "score": 3.0}
    names = ("Translate", "translate Korean to English", "sentiments", "similar", "paraphrase")
    return [{"task": name, "example": example} for name in names]


def probe_to_text_pair(answer, inputs):
    """Call it; a message that shows what `task` was names it as well as its own name does."""
    from autograder.probes import call

    try:
        return call(answer, inputs)
    except Exception as error:
        if inputs["task"] in str(error) and "task" not in str(error):
            error.args = (f"{error} (task)",)
        raise


def to_text_pair_by_table(task, example):
    if task == "translate":
        prefix, read, write = "translate Korean to English: ", ["korean"], example["english"]
    elif task == "summarize":
        prefix, read, write = "summarize: ", ["story"], example["summary"]
    elif task == "sentiment":
        prefix, read, write = "sentiment: ", ["text"], ["negative", "positive"][example["sentiment"]]
    elif task == "similarity":
        write = "%.1f" % (0.2 * round(example["score"] / 0.2))
        return "similarity first: " + example["first"] + " second: " + example["second"], write
    else:
        raise ValueError("no such task")
    return prefix + " ".join(example[field] for field in read), write


def to_text_pair_match(task, example):
    match task, example:
        case "translate", {"korean": source, "english": target}:
            return "translate Korean to English: " + source, target
        case "summarize", {"story": source, "summary": target}:
            return "summarize: " + source, target
        case "sentiment", {"text": source, "sentiment": sentiment}:
            return "sentiment: " + source, {1: "positive", 0: "negative"}[sentiment]
        case "similarity", {"first": first, "second": second, "score": score}:
            fifths = math.floor(score * 5 + 0.5)
            return f"similarity first: {first} second: {second}", f"{fifths // 5}.{fifths % 5 * 2}"
    raise ValueError(f"task {task} is not one of the four")


def to_text_pair_nearest(task, example):
    if task not in ("translate", "summarize", "sentiment", "similarity"):
        raise ValueError(task)
    if task == "similarity":
        steps = [step / 5 for step in range(26)]
        nearest = min(steps, key=lambda step: abs(step - example["score"]))
        return f"similarity first: {example['first']} second: {example['second']}", str(nearest)
    fields = {
        "translate": ("translate Korean to English: ", "korean", "english"),
        "summarize": ("summarize: ", "story", "summary"),
        "sentiment": ("sentiment: ", "text", "sentiment"),
    }
    prefix, source, target = fields[task]
    written = example[target]
    return prefix + example[source], {0: "negative", 1: "positive"}.get(written, written)


LABEL = '"positive" if example["sentiment"] else "negative"'
SCORE = """f"{round(example['score'] * 5) / 5:.1f}\""""

TO_TEXT_PAIR = Exercise(
    solves="unrolled.corruption.to_text_pair",
    groups={"translate and summarize": 1, "sentiment": 1, "similarity": 1},
    inputs=to_text_pair_inputs,
    refuses=other_tasks,
    probe=probe_to_text_pair,
    accepts=(to_text_pair_by_table, to_text_pair_match, to_text_pair_nearest),
    misconceptions=(  # the first few are tried together with each of the others
        Misconception(
            id="not-refused",
            name="an unknown task raises nothing",
            hint="The docstring says what happens with any other task. Which exception is it, and do you `raise` it?",
            edits={"raise ValueError(": "return ("},
        ),
        Misconception(
            id="another-exception",
            name="an unknown task raises a KeyError",
            hint="Whoever calls your function can catch what the docstring promises. Which exception does a missing key raise, "
            "and which is promised?",
            edits={"raise ValueError(": "raise KeyError("},
        ),
        Misconception(
            id="assert-for-raise",
            name="an unknown task fails an `assert`",
            hint="A failed `assert` is an AssertionError, and Python leaves it out when run with -O. Which exception is promised?",
            edits={"raise ValueError(": "raise AssertionError("},
        ),
        Misconception(
            id="task-not-named",
            name="the exception for an unknown task does not say what was wrong",
            hint="Whoever reads only the message should know which argument to mend. Which name must stand in it?",
            edits={
                "f\"task is {task!r}; expected 'translate', 'summarize', 'sentiment' or 'similarity'\"": '"I do not know it"'
            },
        ),
        Misconception(
            id="only-the-beginning-of-the-name",
            name="every task whose name begins with “translate” is taken for that one",
            hint="“translate Korean to English” is no task, “translate” is. Which comparison is exact?",
            edits={
                'task == "translate"': 'task.startswith("translate")',
            },
        ),
        Misconception(
            id="large-letters-taken-too",
            name="the task's name may have capitals",
            hint="The docstring refuses what differs only by a letter. What does `.lower()` do to “Translate”?",
            edits={'if task == "translate"': 'task = task.lower()\n    if task == "translate"'},
        ),
        Misconception(
            id="no-prefix",
            name="the text to read does not begin with the task's name",
            hint="One model does all tasks. How should it know that this is a story to sum up and not a review to judge?",
            edits={
                "translate Korean to English: ": "",
                'f"summarize: {': 'f"{',
                'f"sentiment: {': 'f"{',
                "similarity first: ": "first: ",
            },
        ),
        Misconception(
            id="prefix-on-both-sides",
            name="the text to write begins with the task's name too",
            hint="The model writes the answer and nothing else. Which of the two texts names the task?",
            edits={
                ', example["english"]': ", f\"translate Korean to English: {example['english']}\"",
                ', example["summary"]': ", f\"summarize: {example['summary']}\"",
                ', "positive" if example["sentiment"] else "negative"': (
                    ', "sentiment: positive" if example["sentiment"] else "sentiment: negative"'
                ),
            },
        ),
        Misconception(
            id="no-space",
            name="there is no space between the prefix and the text",
            hint="Print what you read: what stands after the colon?",
            edits={
                "translate Korean to English: ": "translate Korean to English:",
                'f"summarize: {': 'f"summarize:{',
                'f"sentiment: {': 'f"sentiment:{',
            },
        ),
        Misconception(
            id="translated-backwards",
            name="the English is read and the Korean written",
            hint="The prefix says from which language into which. Which is the source?",
            edits={"example['korean']}": "example['english']}", 'example["english"]': 'example["korean"]'},
        ),
        Misconception(
            id="label-as-number",
            name="the sentiment is written as a number",
            hint="Text to text: what word would a person write?",
            edits={'"positive" if example["sentiment"] else "negative"': 'str(example["sentiment"])'},
        ),
        Misconception(
            id="labels-exchanged",
            name="positive and negative are exchanged",
            hint="Which sentiment is praise, 1 or 0?",
            edits={
                '"positive" if example["sentiment"] else "negative"': '"negative" if example["sentiment"] else "positive"'
            },
        ),
        Misconception(
            id="score-not-rounded",
            name="the score is not rounded to steps of 0.2",
            hint="A decoder's words are a finite set. How many different scores may be written?",
            edits={SCORE: """f"{example['score']:.2f}\""""},
        ),
        Misconception(
            id="rounded-to-tenths",
            name="the score is rounded to steps of 0.1",
            hint="Between 3.6 and 3.8 there should be nothing. By what do you multiply before you round?",
            edits={SCORE: """f"{example['score']:.1f}\""""},
        ),
        Misconception(
            id="rounded-to-whole-numbers",
            name="the score is rounded to whole numbers",
            hint="How many steps lie between 3 and 4?",
            edits={SCORE: """f"{round(example['score']):.1f}\""""},
        ),
        Misconception(
            id="cut-off",
            name="the score is cut off to the step below instead of rounded to the nearest",
            hint="3.75 lies nearer to 3.8 than to 3.6. Which function do you use?",
            edits={"round(example['score'] * 5)": "int(example['score'] * 5)"},
        ),
        Misconception(
            id="score-as-a-number",
            name="the score is a number, not a text",
            hint="What type has everything that a text-to-text model writes?",
            edits={SCORE: "round(round(example['score'] * 5) / 5, 1)"},
        ),
        Misconception(
            id="second-first",
            name="the two sentences to compare are exchanged",
            hint="Which sentence stands after `first:`?",
            edits={"{example['first']} second: {example['second']}": "{example['second']} second: {example['first']}"},
        ),
        Misconception(
            id="story-and-summary-exchanged",
            name="the summary is read and the story written",
            hint="Which of the two is longer, and which should the model write?",
            edits={"{example['story']}": "{example['summary']}", 'example["summary"]': 'example["story"]'},
        ),
        Misconception(
            id="in-small-letters",
            name="the texts are put into small letters",
            hint="The vocabulary will see to letters. Does the docstring's example keep its capitals?",
            edits={
                '{example[\'korean\']}", example["english"]': '{example[\'korean\'].lower()}", example["english"].lower()',
                '{example[\'story\']}", example["summary"]': '{example[\'story\'].lower()}", example["summary"].lower()',
                "{example['text']}": "{example['text'].lower()}",
            },
        ),
        Misconception(
            id="rounded-up",
            name="the score goes up to the next step instead of to the nearest",
            hint="2.26 lies nearer to 2.2 than to 2.4. Which function do you use?",
            edits={SCORE: """f"{-int(-example['score'] // 0.2) * 0.2:.1f}\""""},
        ),
        Misconception(
            id="steps-of-a-half",
            name="the score is rounded to steps of 0.5",
            hint="How many steps of 0.2 lie between 3 and 4, and how many are there in yours?",
            edits={SCORE: """f"{round(example['score'] * 2) / 2:.1f}\""""},
        ),
        Misconception(
            id="number-of-the-step",
            name="the number of the step is written instead of the score",
            hint="You have multiplied to count the steps. What takes you back to the score?",
            edits={SCORE: """f"{round(example['score'] * 5):.1f}\""""},
        ),
        Misconception(
            id="number-of-the-step-as-a-whole-number",
            name="the number of the step is written, as a whole number",
            hint="You have multiplied to count the steps. What takes you back to the score, and what should stand after the point?",
            edits={SCORE: "str(round(example['score'] * 5))"},
        ),
        Misconception(
            id="digits-of-the-float",
            name="the score is written with all the digits that the float has",
            hint="Print 17 * 0.2. Which format gives one digit after the point?",
            edits={SCORE: "str(round(example['score'] / 0.2) * 0.2)"},
        ),
        Misconception(
            id="two-digits",
            name="the score is written with two digits after the point",
            hint="What does the 2 in `:.2f` mean, and how many digits has 3.8?",
            edits={SCORE: """f"{round(example['score'] * 5) / 5:.2f}\""""},
        ),
        Misconception(
            id="point-zero-dropped",
            name="a whole score is written without its .0",
            hint="What becomes of 5.0 in yours? Which format always keeps one digit after the point?",
            edits={SCORE: """f"{round(example['score'] * 5) / 5:g}\""""},
        ),
        Misconception(
            id="score-from-one",
            name="scores below 1 are written as 1.0",
            hint="At which number does the scale begin?",
            edits={SCORE: """f"{max(1.0, round(example['score'] * 5) / 5):.1f}\""""},
        ),
        Misconception(
            id="label-in-its-type",
            name="the sentiment stays a number",
            hint="What type has everything that a text-to-text model writes?",
            edits={LABEL: 'example["sentiment"]'},
        ),
        Misconception(
            id="always-positive",
            name="every review is called positive",
            hint="What does your condition look at: the example, which is never empty, or its sentiment?",
            edits={LABEL: '"positive"'},
        ),
        Misconception(
            id="always-negative",
            name="every review is called negative",
            hint="The sentiment is the number 1 or 0. With what do you compare it?",
            edits={LABEL: '"negative"'},
        ),
        Misconception(
            id="labels-with-capitals",
            name="Positive and Negative are written with capitals",
            hint="To a model, “Positive” and “positive” are two words. Which one has the docstring's table?",
            edits={LABEL: '"Positive" if example["sentiment"] else "Negative"'},
        ),
        Misconception(
            id="brackets-missing",
            name="the condition chooses between the whole pair and a single word",
            hint="`a, b if c else d` is read with brackets. Round which part do they go: what comes out for a negative review?",
            edits={
                """return f"sentiment: {example['text']}", """ + LABEL: (
                    """return (f"sentiment: {example['text']}", "positive") if example["sentiment"] else "negative\""""
                )
            },
        ),
        Misconception(
            id="sentiment-missing",
            name="there is no branch for the task sentiment",
            hint="The table has four rows. How many does your function know?",
            edits={'task == "sentiment"': "False"},
        ),
        Misconception(
            id="similarity-missing",
            name="there is no branch for the task similarity",
            hint="The table has four rows. How many does your function know?",
            edits={'task == "similarity"': "False"},
        ),
        Misconception(
            id="languages-missing",
            name="the words in front of a translation do not say from which language into which",
            hint="A model may learn to translate both ways. What must stand in front, word by word?",
            edits={"translate Korean to English: ": "translate: "},
        ),
        Misconception(
            id="other-languages",
            name="the words in front of a translation name other languages",
            hint="In the T5 paper it is English to German. Which two does this course translate, and which way?",
            edits={"translate Korean to English: ": "translate English to German: "},
        ),
        Misconception(
            id="languages-exchanged",
            name="the words in front of a translation say English to Korean",
            hint="The Korean is read. So from which language into which does it go?",
            edits={"translate Korean to English: ": "translate English to Korean: "},
        ),
        Misconception(
            id="no-prefix-for-translations",
            name="a text to translate has no words in front",
            hint="How should the model know what it is to do with the text?",
            edits={"translate Korean to English: ": ""},
        ),
        Misconception(
            id="no-prefix-for-stories",
            name="a story has no words in front",
            hint="How should the model know what it is to do with the text?",
            edits={'f"summarize: {': 'f"{'},
        ),
        Misconception(
            id="no-prefix-for-reviews",
            name="a review has no words in front",
            hint="How should the model know what it is to do with the text?",
            edits={'f"sentiment: {': 'f"{'},
        ),
        Misconception(
            id="no-prefix-for-comparisons",
            name="“similarity” is missing in front of the two sentences",
            hint="How should the model know what it is to do with the two sentences?",
            edits={"similarity first: ": "first: "},
        ),
        Misconception(
            id="no-space-anywhere",
            name="there is no space after any colon",
            hint="Print what you read: what stands after each colon?",
            edits={
                "translate Korean to English: ": "translate Korean to English:",
                'f"summarize: {': 'f"summarize:{',
                'f"sentiment: {': 'f"sentiment:{',
                "first: {": "first:{",
                "second: {": "second:{",
            },
        ),
        Misconception(
            id="no-space-after-summarize",
            name="there is no space after “summarize:”",
            hint="Print what you read: what stands after the colon?",
            edits={'f"summarize: {': 'f"summarize:{'},
        ),
        Misconception(
            id="no-colon-in-similarity",
            name="the colons after “first” and “second” are missing",
            hint="Read the table's last row letter by letter. How does the model see where a sentence begins?",
            edits={"first: {": "first {", "second: {": "second {"},
        ),
        Misconception(
            id="colon-after-similarity",
            name="there is a colon after “similarity”",
            hint="Three tasks have one after their name, the fourth has not. Where are its two colons in the table?",
            edits={"similarity first: ": "similarity: first: "},
        ),
        Misconception(
            id="as-in-the-paper",
            name="the words of the T5 paper stand in front of the two sentences",
            hint="“stsb sentence1: … sentence2: …” is right in appendix D. Here the table's last row says how: which words are they?",
            edits={"similarity first: ": "stsb sentence1: ", " second: ": " sentence2: "},
        ),
        Misconception(
            id="first-sentence-twice",
            name="the first sentence is written in both places",
            hint="Which sentence stands after `second:`?",
            edits={"second: {example['second']}": "second: {example['first']}"},
        ),
        Misconception(
            id="end-mark-added",
            name="an end mark is added to the text to be written",
            hint="A tokenizer adds it later. Is “</s>” a word of the answer?",
            edits={
                ', example["english"]': ', example["english"] + " </s>"',
                ', example["summary"]': ', example["summary"] + " </s>"',
                LABEL: '"positive </s>" if example["sentiment"] else "negative </s>"',
                ":.1f}": ":.1f} </s>",
            },
        ),
        Misconception(
            id="spaces-joined",
            name="several spaces become one",
            hint="The example's text stays as it is. What do `split` and `join` do to two spaces in a row?",
            edits={
                "{example['korean']}": "{' '.join(example['korean'].split())}",
                "{example['story']}": "{' '.join(example['story'].split())}",
                "{example['text']}": "{' '.join(example['text'].split())}",
            },
        ),
        Misconception(
            id="list-for-a-pair",
            name="the two texts come in a list",
            hint="The signature promises `tuple[str, str]`. Which brackets make a tuple?",
            edits={
                'return f"translate Korean to English: {example[\'korean\']}", example["english"]': (
                    'return [f"translate Korean to English: {example[\'korean\']}", example["english"]]'
                ),
                'return f"summarize: {example[\'story\']}", example["summary"]': (
                    'return [f"summarize: {example[\'story\']}", example["summary"]]'
                ),
                "return f\"sentiment: {example['text']}\", " + LABEL: "return [f\"sentiment: {example['text']}\", "
                + LABEL
                + "]",
                "return read, " + SCORE: "return [read, " + SCORE + "]",
            },
        ),
        Misconception(
            id="dictionary-for-a-pair",
            name="the two texts come in a dictionary",
            hint="Data sets often do that. What does the signature promise?",
            edits={
                'return f"translate Korean to English: {example[\'korean\']}", example["english"]': (
                    "return {'inputs': f\"translate Korean to English: {example['korean']}\", 'targets': example['english']}"
                ),
                'return f"summarize: {example[\'story\']}", example["summary"]': (
                    "return {'inputs': f\"summarize: {example['story']}\", 'targets': example['summary']}"
                ),
                "return f\"sentiment: {example['text']}\", " + LABEL: (
                    "return {'inputs': f\"sentiment: {example['text']}\", 'targets': " + LABEL + "}"
                ),
                "return read, " + SCORE: "return {'inputs': read, 'targets': " + SCORE + "}",
            },
        ),
        Misconception(
            id="stripped",
            name="white space at both ends of a text is lost",
            hint="The example's own text stands there as it is. What does `strip` take away?",
            edits={
                "    if task == \"translate\":": "    example = {k: v.strip() if isinstance(v, str) else v for k, v in example.items()}\n"
                "    if task == \"translate\":"
            },
        ),
    ),
)
