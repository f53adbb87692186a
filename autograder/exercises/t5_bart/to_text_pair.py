"""`to_text_pair`: An example of a task as two texts: what is read, beginning with the task's name, and what should be
written.
"""

import math

from autograder.exercise import Exercise, Misconception


def to_text_pair_inputs(rng):
    """Small made-up examples; scores away from the middle between two steps."""

    def words(korean=False):
        source = ["마을", "강아지가", "천천히", "걸었다", "빵을", "샀다", "아침에"] if korean else None
        source = source or ["The", "dog", "walked", "slowly", "to", "bread", "village", "one", "morning"]
        return " ".join(source[i] for i in rng.permutation(len(source))[:5]) + "."

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
            {"task": "summarize", "example": {"story": f"{words()} {words()}", "summary": words()}},
        ],
        "sentiment": [judged(1), judged(0)],
        "similarity": [compared(score()), compared(score()), compared(4.97), compared(1)],
    }


def to_text_pair_refuses(rng):
    """Tasks that the table has not."""
    return [{"task": task, "example": {"text": "빵을 샀다.", "sentiment": 1}} for task in ("sentiments", "")]


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
        raise ValueError(f"no such task: {task}")
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


SCORE = """f"{round(example['score'] * 5) / 5:.1f}\""""

TO_TEXT_PAIR = Exercise(
    solves="unrolled.corruption.to_text_pair",
    groups={"translate and summarize": 1, "sentiment": 1, "similarity": 1},
    inputs=to_text_pair_inputs,
    refuses=to_text_pair_refuses,
    accepts=(to_text_pair_by_table, to_text_pair_match),
    misconceptions=(
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
            hint="Print what you read: what stands behind the colon?",
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
            hint="Which sentence stands behind `first:`?",
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
    ),
)
