"""`combine_rounds`: One output of each word from those of all rounds: a round counts by the sum of its exponentials."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def combine_inputs(rng):
    """Batch 2, 3 heads, 4 or 7 rounds, 11 words of 5 features; one word, one round; very large and very small sums."""

    def case(batch=2, heads=3, rounds=4, time=11, d=5, around=1.0):
        spread = normal(rng, batch, heads, rounds, time)
        return {"outputs": normal(rng, batch, heads, rounds, time, d), "logsumexps": spread + around}

    def alone():
        """Some words see nothing but themselves in one round."""
        inputs = case(rounds=3, time=7)
        inputs["logsumexps"][:, :, 0, :3] = -1e5
        return inputs

    def low():
        """One word's sums are all far below those of the others."""
        inputs = case(rounds=3, time=5)
        inputs["logsumexps"][:, :, :, 0] -= 200.0
        return inputs

    return {
        "some rounds": [case(), case(rounds=7, time=2), case(batch=1, time=1, rounds=2), case(rounds=1, batch=1)],
        "large and small": [case(around=96.0), case(around=-110.0), alone(), low()],
    }


def combine_with_logsumexp(outputs, logsumexps):
    shares = torch.exp(logsumexps - logsumexps.logsumexp(dim=2, keepdim=True))
    return torch.einsum("bhrtd,bhrt->bhtd", outputs, shares)


def combine_with_matmul(outputs, logsumexps):
    shares = logsumexps.movedim(2, -1).softmax(-1)
    return (shares.unsqueeze(-2) @ outputs.movedim(2, -2)).squeeze(-2)


def combine_two_at_a_time(outputs, logsumexps):
    """As fused attention does it: add one round after the other to what is there."""
    output, so_far = outputs[:, :, 0], logsumexps[:, :, 0]
    for r in range(1, outputs.shape[2]):
        together = torch.logaddexp(so_far, logsumexps[:, :, r])
        old, new = (so_far - together).exp()[..., None], (logsumexps[:, :, r] - together).exp()[..., None]
        output, so_far = old * output + new * outputs[:, :, r], together
    return output


SOFTMAX = "logsumexps.softmax(dim=2)"
SUM = "return (outputs * weights[..., None]).sum(dim=2)"

COMBINE_ROUNDS = Exercise(
    solves="unrolled.lsh.combine_rounds",
    groups={"some rounds": 1, "large and small": 1},
    inputs=combine_inputs,
    probe=probes.differentiate,
    accepts=(combine_with_logsumexp, combine_with_matmul, combine_two_at_a_time),
    misconceptions=(
        Misconception(
            id="averaged",
            name="all rounds count the same",
            hint="In one round a word may have met only strangers. Which round should count for more?",
            edits={SUM: "return outputs.mean(dim=2)"},
        ),
        Misconception(
            id="summed",
            name="the outputs of the rounds are added up",
            hint="With eight rounds, the output would be eight times as long. What should the weights add up to?",
            edits={SUM: "return outputs.sum(dim=2)"},
        ),
        Misconception(
            id="exponentials-as-they-are",
            name="the sums are used as weights without being divided by their total",
            hint="What should the weights of the rounds add up to?",
            edits={SOFTMAX: "logsumexps.exp()"},
        ),
        Misconception(
            id="overflow",
            name="the exponentials are taken as they are and divided by their sum: large ones are infinite, small ones 0",
            hint="exp(300) is infinite in float32, and exp(−400) is 0. What may be subtracted from all logarithms first?",
            edits={SOFTMAX: "logsumexps.exp() / logsumexps.exp().sum(dim=2, keepdim=True)"},
        ),
        Misconception(
            id="logarithms-as-weights",
            name="the logarithms themselves are the weights",
            hint="A logarithm may be negative, and a sum twice as large is not a logarithm twice as large. What undoes "
            "a logarithm?",
            edits={SOFTMAX: "(logsumexps / logsumexps.sum(dim=2, keepdim=True))"},
        ),
        Misconception(
            id="best-round",
            name="only the round with the largest sum counts",
            hint="The others have seen something, too. Which operation takes a share of each?",
            edits={SOFTMAX: "torch.nn.functional.one_hot(logsumexps.argmax(dim=2), outputs.shape[2]).movedim(-1, 2)"},
        ),
        Misconception(
            id="over-the-words",
            name="the softmax runs over the words",
            hint="Each word divides its own weight among the rounds. Which axis are the rounds on?",
            edits={SOFTMAX: "logsumexps.softmax(dim=-1)"},
        ),
        Misconception(
            id="over-the-heads",
            name="the softmax runs over the heads",
            hint="In (batch, heads, rounds, time), which axis are the rounds on?",
            edits={SOFTMAX: "logsumexps.softmax(dim=1)"},
        ),
        Misconception(
            id="negated",
            name="the round with the smallest sum counts most",
            hint="A word that found many alike has a large sum. Does that make the round more or less important?",
            edits={SOFTMAX: "(-logsumexps).softmax(dim=2)"},
        ),
        Misconception(
            id="averaged-after-weighing",
            name="the weighted outputs are averaged instead of added up",
            hint="The weights add up to 1 already. What does a mean divide by once more?",
            edits={".sum(dim=2)": ".mean(dim=2)"},
        ),
        Misconception(
            id="softmax-twice",
            name="the softmax is taken twice",
            hint="The second one makes all rounds nearly the same. How often do you call it?",
            edits={SOFTMAX: "logsumexps.softmax(dim=2).softmax(dim=2)"},
        ),
        Misconception(
            id="weights-squared",
            name="the weights are squared",
            hint="What do they add up to in your answer?",
            edits={SOFTMAX: "logsumexps.softmax(dim=2) ** 2"},
        ),
        Misconception(
            id="logarithms-of-weights",
            name="the logarithms of the weights are used",
            hint="log_softmax gives logarithms. What are the weights of an average?",
            edits={SOFTMAX: "logsumexps.log_softmax(dim=2)"},
        ),
        Misconception(
            id="axis-kept",
            name="an axis of length 1 is left where the rounds were",
            hint="The signature promises (batch, heads, time, d_v). What does `keepdim` keep?",
            edits={".sum(dim=2)": ".sum(dim=2, keepdim=True)"},
        ),
        Misconception(
            id="first-round",
            name="only the first round counts",
            hint="Where do the other rounds go?",
            edits={SUM: "return outputs[:, :, 0]"},
        ),
        Misconception(
            id="last-round",
            name="only the last round counts",
            hint="Is something overwritten in every round of your loop?",
            edits={SUM: "return outputs[:, :, -1]"},
        ),
        Misconception(
            id="largest-output",
            name="the largest output is taken, feature by feature",
            hint="That mixes features of different rounds. Which operation takes a share of each round?",
            edits={SUM: "return outputs.amax(dim=2)"},
        ),
        Misconception(
            id="summed-over-the-words",
            name="the words are added up instead of the rounds",
            hint="Which axis is to disappear?",
            edits={".sum(dim=2)": ".sum(dim=3)"},
        ),
        Misconception(
            id="weights-detached",
            name="the weights are cut off from the gradient",
            hint="The scores learn through the weights of the rounds as well. What does detach cut?",
            edits={SOFTMAX: "logsumexps.softmax(dim=2).detach()"},
        ),
        Misconception(
            id="divided-by-the-root",
            name="the logarithms are divided by the root of the number of rounds",
            hint="That belongs to scores with many features. What is divided here, according to the docstring?",
            edits={SOFTMAX: "(logsumexps / logsumexps.shape[2] ** 0.5).softmax(dim=2)"},
        ),
        Misconception(
            id="logarithms-of-logarithms",
            name="the logarithm of the sums is taken once more",
            hint="What is given are logarithms already. Which function turns them into sums?",
            edits={SOFTMAX: "logsumexps.abs().log().softmax(dim=2)"},
        ),
        Misconception(
            id="weights-of-the-first-head",
            name="the weights of the first head are used for all",
            hint="Each head has seen other words. Where do you write 0?",
            edits={SOFTMAX: "logsumexps[:, :1].softmax(dim=2)"},
        ),
        Misconception(
            id="weights-of-the-first-word",
            name="the weights of the first word are used for all",
            hint="Each word has seen others in each round. Where do you write 0?",
            edits={SOFTMAX: "logsumexps[..., :1].softmax(dim=2)"},
        ),
        Misconception(
            id="clipped",
            name="the logarithms are cut off at ±80 so that their exponentials fit",
            hint="Sums that differ become the same. What may be subtracted from all of them instead?",
            edits={SOFTMAX: "logsumexps.clamp(-80, 80).softmax(dim=2)"},
        ),
        Misconception(
            id="logarithms-without-softmax",
            name="the outputs are multiplied by the logarithms as they are",
            hint="A logarithm may be negative. What should the weights of the rounds be made of, and add up to?",
            edits={SOFTMAX: "logsumexps"},
        ),
        Misconception(
            id="not-added-up",
            name="the weighted outputs of the rounds are not added up",
            hint="The signature promises one output for each word. Which axis is still there?",
            edits={".sum(dim=2)": ""},
        ),
        Misconception(
            id="largest-of-all-subtracted",
            name="the largest of *all* logarithms is subtracted, so that nothing is left of a word whose own are far below",
            hint="exp(−200) is 0. Which largest one may be subtracted: that of all words, or of each one's own rounds?",
            edits={SOFTMAX: "(lambda e: e / e.sum(dim=2, keepdim=True))((logsumexps - logsumexps.max()).exp())"},
        ),
    ),
)
