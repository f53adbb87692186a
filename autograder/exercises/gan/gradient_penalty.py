"""`gradient_penalty`: How far the discriminator's slope is from 1, between real and fake: the mean of (‖∇‖ − 1)²."""

import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


def gradient_penalty_inputs(rng):
    """Thirteen examples, or one: points of 3 features, and pictures of 2 × 3 × 7; a discriminator with a layer of 11."""

    def case(*shape, batch=13):
        size = torch.Size(shape).numel()
        return {
            "real": 1.0 + normal(rng, batch, *shape),
            "fake": normal(rng, batch, *shape) - 1.0,
            "weights": uniform(rng, batch),
            "w1": normal(rng, *shape, 11, scale=size**-0.5),
            "w2": normal(rng, 11, scale=0.6),
        }

    return {"points": [case(3), case(3, batch=1)], "pictures": [case(2, 3, 7), case(1, 3, 7, batch=1), case(3, 7)]}


def probe_gradient_penalty(answer, inputs):
    """The penalty of a small discriminator, and its gradients for that discriminator's weights."""
    import copy

    import torch

    from autograder.probes import differentiate, modified

    names = ("real", "fake", "weights")
    given = {name: inputs[name] for name in names}
    arguments = copy.deepcopy(given)

    left = []

    def penalty(w1, w2):
        w1.retain_grad()
        result = answer(lambda x: torch.tanh(torch.tensordot(x, w1, x.ndim - 1)) @ w2, *arguments.values())
        left.append(w1.grad is not None)
        return result

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        seen = differentiate(penalty, {"w1": inputs["w1"], "w2": inputs["w2"]})
    detached = {name: value.detach() for name, value in arguments.items()}
    seen["gradients left on the discriminator"] = left[0]
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


def penalty_one_by_one(discriminator, real, fake, weights):
    total = 0.0
    for w, x, y in zip(weights, real, fake, strict=True):
        z = (y + w * (x - y)).requires_grad_()
        slope = torch.autograd.grad(discriminator(z[None]).squeeze(), z, create_graph=True)[0]
        total = total + (torch.linalg.vector_norm(slope) - 1).square() / len(real)
    return total


def penalty_by_differences(discriminator, real, fake, weights):
    distance = (real - fake).flatten(1).norm(dim=1)
    return (((discriminator(real) - discriminator(fake)).abs() / distance - 1) ** 2).mean()


def penalty_with_backward(discriminator, real, fake, weights):
    share = weights.view(-1, *[1] * (real.ndim - 1))
    between = (share * real + (1 - share) * fake).detach().requires_grad_()
    discriminator(between).sum().backward(create_graph=True)
    return ((between.grad.flatten(1).norm(dim=1) - 1) ** 2).mean()


GRADIENT_PENALTY = Exercise(
    solves="unrolled.gan.gradient_penalty",
    groups={"points": 2, "pictures": 2},
    inputs=gradient_penalty_inputs,
    probe=probe_gradient_penalty,
    accepts=(penalty_with_grad_outputs, penalty_with_vmap, penalty_one_by_one),
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
        Misconception(
            id="no-gradient-asked-for",
            name="nobody has said that a gradient with respect to the points between is wanted",
            hint="autograd follows only tensors that require it. Which attribute or method says so, and before which line?",
            edits={".requires_grad_()": ""},
        ),
        Misconception(
            id="weights-of-its-own",
            name="the function draws weights of its own instead of taking what it is given",
            hint="Then nobody can repeat your run, or check it. Which argument holds the shares?",
            edits={"weights.view(": "torch.rand_like(weights).view("},
        ),
        Misconception(
            id="weights-along-the-features",
            name="the weights lie along the last axis of the examples instead of the first",
            hint="Broadcasting begins at the last axis. Along which axis must the weights lie, and what shape do they need for that?",
            edits={"weights.view(-1, *[1] * (real.ndim - 1))": "weights"},
        ),
        Misconception(
            id="always-two-axes",
            name="the weights have two axes, which is enough for points, and not for pictures",
            hint="Examples may have any number of axes. How many 1s does the shape of the weights need?",
            edits={"view(-1, *[1] * (real.ndim - 1))": "view(-1, 1)"},
        ),
        Misconception(
            id="always-four-axes",
            name="the weights have four axes, which is right for pictures with channels only",
            hint="Examples may have any number of axes. How many 1s does the shape of the weights need?",
            edits={"view(-1, *[1] * (real.ndim - 1))": "view(-1, 1, 1, 1)"},
        ),
        Misconception(
            id="real-added-whole",
            name="the real example is added whole, and not with its share",
            hint="The two shares add up to 1. What is looked at for a weight of 0?",
            edits={"share * real + (1 - share) * fake": "real + (1 - share) * fake"},
        ),
        Misconception(
            id="away-from-the-fake",
            name="the point lies beyond the real example, away from the fake",
            hint="For a weight of ½ it should be half way. Which sign has the difference?",
            edits={"share * real + (1 - share) * fake": "real + share * (real - fake)"},
        ),
        Misconception(
            id="one-share-for-both",
            name="both get the same share",
            hint="The two shares add up to 1. What is the other one, if one is w?",
            edits={"(1 - share) * fake": "share * fake"},
        ),
        Misconception(
            id="norm-over-the-last-axis",
            name="the norm runs over the last axis only",
            hint="An example has one slope: over which axes must its squares be summed? Pictures have three.",
            edits={"gradients.flatten(1).norm(dim=1)": "gradients.norm(dim=-1)"},
        ),
        Misconception(
            id="norm-of-each-feature",
            name="the norm runs over the batch, one for each feature",
            hint="How many norms should there be: one for each example, or one for each feature?",
            edits={".norm(dim=1)": ".norm(dim=0)"},
        ),
        Misconception(
            id="root-of-the-mean",
            name="the norm is the root of the mean of the squares, not of their sum",
            hint="A slope of (3, 4) has the norm 5. What is yours?",
            edits={".norm(dim=1)": ".square().mean(dim=1).sqrt()"},
        ),
        Misconception(
            id="squared-before",
            name="the norm is squared before 1 is subtracted, and nothing after",
            hint="A slope of 0 would then have the penalty −1. What is squared in the formula?",
            edits={"((gradients.flatten(1).norm(dim=1) - 1) ** 2)": "(gradients.flatten(1).norm(dim=1) ** 2 - 1)"},
        ),
        Misconception(
            id="not-averaged",
            name="there is a penalty for each example, and no mean",
            hint="The signature promises a single number. What is done over the batch?",
            edits={" ** 2).mean()": " ** 2)"},
        ),
        Misconception(
            id="times-ten",
            name="the paper's factor 10 is inside",
            hint="The docstring says “without their factor λ”. Who multiplies by it?",
            edits={"return ((gradients": "return 10 * ((gradients"},
        ),
        Misconception(
            id="halved",
            name="the penalty is halved",
            hint="The docstring's example has the slope 5, and 16 for a penalty. What is yours?",
            edits={"return ((gradients": "return 0.5 * ((gradients"},
        ),
        Misconception(
            id="no-single-number",
            name="autograd is asked for the gradient of all logits at once, which is not defined",
            hint="A gradient is that of one number. Which number holds all logits, and keeps each one's gradient apart?",
            edits={"logits.sum()": "logits"},
        ),
        Misconception(
            id="tuple",
            name="the gradient is still in the tuple that autograd gives",
            hint="autograd.grad gives a tuple, one gradient for each input. How do you take the first out of it?",
            edits={"(gradients,) =": "gradients ="},
        ),
        Misconception(
            id="no-graph-of-the-logits",
            name="the logits are computed without a graph",
            hint="Under `torch.no_grad` nothing is remembered. Whose gradient do you ask for in the next line?",
            edits={"logits = discriminator(between)": "with torch.no_grad():\n        logits = discriminator(between)"},
        ),
        Misconception(
            id="between-the-ends",
            name="the slope is that of the straight line from fake to real, and not the gradient on the way",
            hint="Between two points the logit may rise and fall. What does autograd say of one point of the line?",
            answer=penalty_by_differences,
        ),
        Misconception(
            id="gradients-left-behind",
            name="gradients are left on the discriminator's weights",
            hint="`backward` writes gradients onto everything that the number depends on. Which function hands you only the one that "
            "you ask for?",
            answer=penalty_with_backward,
        ),
        Misconception(
            id="flattened-first",
            name="the discriminator is shown rows of numbers instead of examples",
            hint="A discriminator of pictures wants pictures. When may an example be flattened: before or after it was judged?",
            edits={"share * real + (1 - share) * fake)": "share * real + (1 - share) * fake).flatten(1)"},
        ),
        Misconception(
            id="axis-lost",
            name="an axis of length 1 is lost, and with one example it is the batch",
            hint="`squeeze()` takes away every axis of length 1. Which axis must stay, whatever its length?",
            edits={"gradients.flatten(1)": "gradients.squeeze().flatten(1)"},
        ),
        Misconception(
            id="in-place",
            name="the real examples are overwritten",
            hint="The caller still needs them. What do `*=` and methods that end in _ do?",
            edits={"(share * real + (1 - share) * fake)": "real.mul_(share).add_((1 - share) * fake).detach()"},
        ),
        Misconception(
            id="no-gradient",
            name="a number comes back, through which nothing can be learnt",
            hint="`.item()` leaves the graph behind. What does the signature promise?",
            edits={" ** 2).mean()": " ** 2).mean().item()"},
        ),
    ),
)
