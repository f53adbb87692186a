"""`classify`: Scores for what a whole text is, from the state of its first token, [CLS]."""

import torch
from torch import nn

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def classify_inputs(rng):
    """Batch 5 or 2, time 3 or 7, 2 or 11 classes; one text, one token; states so large that the pooler saturates."""

    def case(batch, time, d_model, classes, scale=1.0):
        return {
            "states": normal(rng, batch, time, d_model, scale=scale),
            "pooler_weight": normal(rng, d_model, d_model, scale=0.5),
            "pooler_bias": normal(rng, d_model, scale=0.5),
            "head_weight": normal(rng, classes, d_model),
            "head_bias": normal(rng, classes),
        }

    return {
        "two classes": [case(5, 3, 7, 2), case(1, 3, 4, 2)],
        "more classes": [case(2, 7, 5, 11), case(3, 1, 4, 5), case(3, 2, 7, 4, scale=1000.0)],
    }


def probe_classify(answer, inputs):
    """Hand the answer a pooler and a head with the given weights, and ask for the gradients of all."""
    import torch

    from autograder.probes import differentiate

    def forward(states, pooler_weight, pooler_bias, head_weight, head_bias):
        def layer(weight, bias):
            made = torch.nn.Linear(weight.shape[1], weight.shape[0])
            return lambda x: torch.func.functional_call(made, {"weight": weight, "bias": bias}, (x,))

        return answer(states, layer(pooler_weight, pooler_bias), layer(head_weight, head_bias))

    return differentiate(forward, inputs)


def classify_step_by_step(states, pooler, head):
    first = torch.select(states, 1, 0)
    pooled = pooler(first).tanh()
    return head(pooled)


def classify_text_by_text(states, pooler, head):
    return torch.stack([head(nn.Tanh()(pooler(text[0]))) for text in states])


def classify_late_choice(states, pooler, head):
    return head(torch.tanh(pooler(states)))[:, 0, :]


CLASSIFY = Exercise(
    solves="unrolled.bert.classify",
    groups={"two classes": 0.5, "more classes": 0.5},
    inputs=classify_inputs,
    probe=probe_classify,
    accepts=(classify_step_by_step, classify_text_by_text, classify_late_choice),
    misconceptions=(
        Misconception(
            id="last-token",
            name="the state of the last token is taken",
            hint="GPT does so, whose last word has seen all others. In BERT every token has: which one stands for the text? "
            "And what may stand at the end of a short text in a batch?",
            edits={"states[:, 0]": "states[:, -1]"},
        ),
        Misconception(
            id="second-token",
            name="the state of the second token is taken",
            hint="With which number does Python count the first one?",
            edits={"states[:, 0]": "states[:, 1]"},
        ),
        Misconception(
            id="mean",
            name="the states of all tokens are averaged",
            hint="A fair summary, if padding is left out; sentence embeddings are made so. What does BERT put in front of "
            "every text for this purpose?",
            edits={"states[:, 0]": "states.mean(dim=1)"},
        ),
        Misconception(
            id="maximum",
            name="the largest value of every feature over all tokens is taken",
            hint="What does BERT put in front of every text for this purpose?",
            edits={"states[:, 0]": "states.max(dim=1).values"},
        ),
        Misconception(
            id="first-text",
            name="the first text of the batch is taken instead of the first token of each",
            hint="states is (batch, time, d_model). Which axis is the one of tokens?",
            edits={"states[:, 0]": "states[0]"},
        ),
        Misconception(
            id="every-token",
            name="every token is classified, not the text",
            hint="There should be one row of scores a text. Which token speaks for all?",
            edits={"states[:, 0]": "states"},
        ),
        Misconception(
            id="no-tanh",
            name="there is no tanh between pooler and head",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.tanh(": "("},
        ),
        Misconception(
            id="tanh-at-the-end",
            name="the tanh comes after the head",
            hint="Then no score can be above 1. Between which two layers does the tanh stand?",
            edits={"head(torch.tanh(": "torch.tanh(head("},
        ),
        Misconception(
            id="tanh-in-front",
            name="the tanh is applied before the pooler",
            hint="What is bent: what goes into the pooler, or what comes out of it?",
            edits={"torch.tanh(pooler(": "pooler(torch.tanh("},
        ),
        Misconception(
            id="no-pooler",
            name="the pooler is left out",
            hint="Which argument do you never use?",
            edits={"pooler(states": "(states"},
        ),
        Misconception(
            id="head-only",
            name="the head is applied to the state itself, without pooler and tanh",
            hint="Hugging Face's RoBERTa has another head, and many do without a pooler. Where does BERT use its own?",
            edits={"torch.tanh(pooler(": "(("},
        ),
        Misconception(
            id="no-head",
            name="the pooled state is returned, without the head",
            hint="How many scores should a text have: as many as features, or as classes?",
            edits={"return head(": "return ("},
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the tanh should be",
            hint="Which function keeps the pooled features between −1 and 1?",
            edits={"torch.tanh(": "torch.relu("},
        ),
        Misconception(
            id="gelu",
            name="a GELU stands where the tanh should be",
            hint="The GELU is in the blocks and in the head of the hidden words. Which function has the pooler?",
            edits={"torch.tanh(": "torch.nn.functional.gelu("},
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid stands where the tanh should be",
            hint="Can a feature of yours be negative after pooling? Which function goes from −1 to 1?",
            edits={"torch.tanh(": "torch.sigmoid("},
        ),
        Misconception(
            id="softmax",
            name="probabilities are returned instead of scores",
            hint="The loss takes the softmax itself. What does it get, if you took one before?",
            edits={"return head(": "return (lambda x: head(x).softmax(-1))("},
        ),
        Misconception(
            id="log-probabilities",
            name="log-probabilities are returned instead of scores",
            hint="The loss takes the log-softmax itself. What does the formula have after the head?",
            edits={"return head(": "return (lambda x: head(x).log_softmax(-1))("},
        ),
        Misconception(
            id="best-class",
            name="the number of the best class is returned instead of the scores of all",
            hint="A number of a class has no gradient, and nothing can be learnt by it. How many scores does a text have?",
            edits={"return head(": "return (lambda x: head(x).argmax(-1))("},
        ),
        Misconception(
            id="tanh-twice",
            name="a second tanh is applied to the scores",
            hint="How many bends has the formula, and between which two layers?",
            edits={"return head(": "return (lambda x: torch.tanh(head(x)))("},
        ),
        Misconception(
            id="tan",
            name="the tangent is taken instead of the hyperbolic tangent",
            hint="The tangent has poles, the function you want stays between −1 and 1. Which letter makes the difference?",
            edits={"torch.tanh(": "torch.tan("},
        ),
        Misconception(
            id="tanh-by-exp",
            name="the tanh is computed from exp(x), which is infinite for large x",
            hint="exp(100) is more than a float32 can hold. What is ∞ / ∞, and which function of torch knows better?",
            edits={"torch.tanh(": "(lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()))("},
        ),
        Misconception(
            id="pooler-and-head-swapped",
            name="head and pooler are taken for each other",
            hint="Which of the two makes d_model numbers out of d_model, and which makes the scores of the classes?",
            edits={"head(torch.tanh(pooler(": "pooler(torch.tanh(head("},
        ),
        Misconception(
            id="state-added",
            name="the state of [CLS] is added once more after the pooler",
            hint="Residual paths lead around the layers of a block. Is there one around the pooler?",
            edits={"head(torch.tanh(pooler(states[:, 0])))": "head(states[:, 0] + torch.tanh(pooler(states[:, 0])))"},
        ),
        Misconception(
            id="first-feature",
            name="the first feature of each token is taken instead of the first token of each text",
            hint="states is (batch, time, d_model). Which axis is the one of tokens?",
            edits={"states[:, 0]": "states[:, :, 0]"},
        ),
        Misconception(
            id="axis-of-time-kept",
            name="the result keeps an axis of time, of size 1",
            hint="A slice keeps its axis, an index drops it. Which of them is `[:, :1]`?",
            edits={"states[:, 0]": "states[:, :1]"},
        ),
        Misconception(
            id="axes-of-one-squeezed",
            name="axes of size 1 are lost (`squeeze`)",
            hint="A batch may hold a single text. What does `squeeze()` make of its axis?",
            edits={"return head(": "return (lambda x: head(x).squeeze())("},
        ),
        Misconception(
            id="states-squeezed",
            name="the states are squeezed before the first token is taken",
            hint="A batch may hold a single text, and a text a single token. Which axis is number 1 after `squeeze()`?",
            edits={"states[:, 0]": "states.squeeze()[:, 0]"},
        ),
        Misconception(
            id="layers-not-called",
            name="the tanh is given the pooler itself, not what the pooler makes of the state",
            hint="`pooler` is a function. What stands in the brackets after its name when you call it?",
            edits={"torch.tanh(pooler(states[:, 0]))": "torch.tanh(pooler)(states[:, 0])"},
        ),
        Misconception(
            id="all-detached",
            name="no gradient flows back at all",
            hint="The values are right, but nothing would be trained, not even the head. What do you wrap around the whole "
            "(`.detach()`, `no_grad`)?",
            edits={"return head(": "return (lambda x: head(x).detach())("},
        ),
        Misconception(
            id="body-detached",
            name="no gradient flows back into the states",
            hint="The values are right, but fine-tuning would leave the encoder as it is. Where do you cut it off (`.detach()`, "
            "`.data`, `no_grad`)?",
            edits={"states[:, 0]": "states[:, 0].detach()"},
        ),
    ),
)
