"""`gradient_penalty`: How far the discriminator's slope is from 1, between real and fake: the mean of (‖∇‖ − 1)²."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def gradient_penalty_inputs(rng):
    """thirteen examples: points of 3 features, and pictures of 2 × 3 × 7; a discriminator with a layer of 11."""

    def case(*shape):
        size = torch.Size(shape).numel()
        return {
            "real": 1.0 + normal(rng, 13, *shape),
            "fake": normal(rng, 13, *shape) - 1.0,
            "weights": torch.from_numpy(rng.random(13)).float(),
            "w1": normal(rng, size, 11, scale=size**-0.5),
            "w2": normal(rng, 11, scale=0.6),
        }

    return {"points": [case(3)], "pictures": [case(2, 3, 7)]}


def probe_gradient_penalty(answer, inputs):
    """The penalty of a small discriminator, and its gradients for that discriminator's weights."""
    import copy

    import torch

    from autograder.probes import differentiate, modified

    names = ("real", "fake", "weights")
    given = {name: inputs[name] for name in names}
    arguments = copy.deepcopy(given)

    def penalty(w1, w2):
        return answer(lambda x: torch.tanh(x.flatten(1) @ w1) @ w2, *arguments.values())

    seen = differentiate(penalty, {"w1": inputs["w1"], "w2": inputs["w2"]})
    detached = {name: value.detach() for name, value in arguments.items()}
    return {**seen, "modified": modified(given, detached)}


def penalty_with_grad_outputs(discriminator, real, fake, weights):
    share = weights.reshape(len(real), *(1 for _ in real.shape[1:])).expand_as(real)
    x = torch.lerp(fake, real, share).detach().clone()
    x.requires_grad = True
    scores = discriminator(x)
    slopes = torch.autograd.grad(
        outputs=scores, inputs=x, grad_outputs=torch.ones_like(scores), create_graph=True, retain_graph=True
    )[0]
    norms = slopes.reshape(len(real), -1).pow(2).sum(1).sqrt()
    return (norms - 1).pow(2).mean()


def penalty_with_vmap(discriminator, real, fake, weights):
    def slope(w, x, y):
        return torch.func.grad(lambda z: discriminator(z[None])[0])(w * x + (1 - w) * y)

    slopes = torch.func.vmap(slope)(weights, real, fake)
    return torch.stack([(torch.linalg.vector_norm(s) - 1) ** 2 for s in slopes]).mean()


GRADIENT_PENALTY = Exercise(
    solves="unrolled.gan.gradient_penalty",
    groups={"points": 2, "pictures": 2},
    inputs=gradient_penalty_inputs,
    probe=probe_gradient_penalty,
    accepts=(penalty_with_grad_outputs, penalty_with_vmap),
    misconceptions=(
        Misconception(
            id="at-the-real",
            name="the slope is measured at the real examples",
            hint="Between real and fake lies the ground that the generator must cross. Where does the formula look?",
            edits={"share * real + (1 - share) * fake": "real.clone()"},
        ),
        Misconception(
            id="at-the-fakes",
            name="the slope is measured at the fakes",
            hint="Between real and fake lies the ground that the generator must cross. Where does the formula look?",
            edits={"share * real + (1 - share) * fake": "fake.clone()"},
        ),
        Misconception(
            id="shares-swapped",
            name="the weights are the fakes' shares instead of the real examples'",
            hint="With random weights nobody can tell, so it is as good elsewhere. Here weights[i] = 1 means the real example: "
            "what do you get?",
            edits={"share * real + (1 - share) * fake": "share * fake + (1 - share) * real"},
        ),
        Misconception(
            id="one-weight-for-all",
            name="one weight is used for the whole batch",
            hint="There is a weight for each example. What shape must it have, so that it broadcasts over the features only?",
            edits={"share = weights.view(": "share = weights[:1].expand(len(weights)).reshape("},
        ),
        Misconception(
            id="norm-over-the-batch",
            name="one norm is taken of the whole batch's gradient",
            hint="How many norms should there be before the mean: one, or one for each example?",
            edits={".flatten(1).norm(dim=1)": ".norm()"},
        ),
        Misconception(
            id="norm-over-one-axis",
            name="the norm runs over the second axis only, so each place of a picture has one of its own",
            hint="An example has one slope: over which axes must its squares be summed? Pictures have three.",
            edits={"gradients.flatten(1).norm(dim=1)": "gradients.norm(dim=1)"},
        ),
        Misconception(
            id="mean-before-the-square",
            name="the norms are averaged before 1 is subtracted and squared",
            hint="A slope of 0 and one of 2 would then cancel. Which is outermost in the formula?",
            edits={
                "((gradients.flatten(1).norm(dim=1) - 1) ** 2).mean()": "(gradients.flatten(1).norm(dim=1).mean() - 1) ** 2"
            },
        ),
        Misconception(
            id="no-root",
            name="the squared norm is compared with 1, without the root",
            hint="A slope of 3 would be punished with 64 instead of 4. What is the norm of a vector?",
            edits={".norm(dim=1) - 1)": ".square().sum(dim=1) - 1)"},
        ),
        Misconception(
            id="around-zero",
            name="the slope is pulled to 0 instead of 1",
            hint="That is another penalty (R1, Mescheder et al., 2018), a good one, taken at the real examples. What does this "
            "one want the slope to be?",
            edits={"(gradients.flatten(1).norm(dim=1) - 1)": "gradients.flatten(1).norm(dim=1)"},
        ),
        Misconception(
            id="one-sided",
            name="only slopes above 1 are punished",
            hint="The one-sided penalty is a known variant. The formula's square does not ask for the sign: what does it do "
            "with a slope of 0.2?",
            edits={"gradients.flatten(1).norm(dim=1) - 1)": "torch.relu(gradients.flatten(1).norm(dim=1) - 1))"},
        ),
        Misconception(
            id="not-squared",
            name="the distance from 1 is not squared",
            hint="What does the formula do with ‖∇‖ − 1?",
            edits={"((gradients.flatten(1).norm(dim=1) - 1) ** 2)": "(gradients.flatten(1).norm(dim=1) - 1).abs()"},
        ),
        Misconception(
            id="summed",
            name="the penalties of a batch are summed instead of averaged",
            hint="Would a batch twice as large be twice as steep?",
            edits={" ** 2).mean()": " ** 2).sum()"},
        ),
        Misconception(
            id="gradient-of-the-mean",
            name="the gradient is that of the mean logit, so each example's is divided by the batch size",
            hint="Each example's logit depends on that example alone. What must be differentiated so that its gradient comes "
            "out whole, mean or sum?",
            edits={"logits.sum()": "logits.mean()"},
        ),
        Misconception(
            id="no-graph",
            name="the value is right, but nothing can be learnt from it, because the gradient was made without a graph",
            hint="The penalty must be differentiated once more, for the weights. Which argument of autograd.grad keeps the way "
            "back? And does anything detach it afterwards?",
            edits={", create_graph=True": ""},
        ),
        Misconception(
            id="of-the-probability",
            name="the slope is that of the probability instead of the logit",
            hint="The sigmoid is flat where the discriminator is sure. Whose slope should be 1?",
            edits={"logits.sum()": "torch.sigmoid(logits).sum()"},
        ),
        Misconception(
            id="sum-of-absolute-values",
            name="the norm is the sum of absolute values",
            hint="The slope in the steepest direction is the Euclidean norm. Which norm does yours take?",
            edits={".norm(dim=1)": ".norm(p=1, dim=1)"},
        ),
    ),
)
