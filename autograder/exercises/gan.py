"""The exercises of chapter 13: the two losses, the step, the penalty, the generator, and the Fréchet distance."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.compare import Tolerance
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


# --- discriminator_loss -----------------------------------------------------------------------------------------------
def discriminator_inputs(rng):
    """Batches of different sizes; sure: logits so large that a sigmoid rounds to 0 or 1."""

    def case(*sure):
        real, fake = normal(rng, 5), normal(rng, 7)
        real[: len(sure)] += torch.tensor(sure)
        fake[: len(sure)] += torch.tensor(sure)
        return {"real_logits": real, "fake_logits": fake}

    return {"unsure": [case(), case()], "very sure": [case(-150.0, 90.0), case(200.0, -130.0, 40.0)]}


def discriminator_with_bce(real_logits, fake_logits):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    return real + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def discriminator_with_logsigmoid(real_logits, fake_logits):
    return -(F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean())


def discriminator_with_logaddexp(real_logits, fake_logits):
    zero = torch.zeros(())
    losses = [torch.logaddexp(zero, -logit) for logit in real_logits]
    caught = [torch.logaddexp(zero, logit) for logit in fake_logits]
    return sum(losses) / len(losses) + sum(caught) / len(caught)


DISCRIMINATOR_LOSS = Exercise(
    solves="unrolled.gan.discriminator_loss",
    groups={"unsure": 1, "very sure": 1},
    inputs=discriminator_inputs,
    probe=probes.differentiate,
    accepts=(discriminator_with_bce, discriminator_with_logsigmoid, discriminator_with_logaddexp),
    misconceptions=(
        Misconception(
            id="labels-swapped",
            name="real and fake have changed places",
            hint="A logit is high where the discriminator says “real”. Should a high logit on a real example cost much or "
            "little?",
            edits={"-real_logits": "real_logits", "softplus(fake_logits)": "softplus(-fake_logits)"},
        ),
        Misconception(
            id="fakes-praised",
            name="both halves reward the answer “real”",
            hint="What would this loss say of a discriminator that calls everything real? And what should it say?",
            edits={"softplus(fake_logits)": "softplus(-fake_logits)"},
        ),
        Misconception(
            id="logarithm-of-a-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0 or 1",
            hint="σ(−150) is 0 in float32, and so is 1 − σ(40). What is the logarithm of that? Which function of torch gives "
            "log σ(x) from x in one go?",
            edits={
                "F.softplus(-real_logits)": "-torch.log(torch.sigmoid(real_logits))",
                "F.softplus(fake_logits)": "-torch.log(1 - torch.sigmoid(fake_logits))",
            },
        ),
        Misconception(
            id="logits-taken-for-probabilities",
            name="the logits are taken for probabilities",
            hint="A logit may be −3. What is its logarithm? What makes a probability of a logit?",
            edits={
                "F.softplus(-real_logits)": "-torch.log(real_logits)",
                "F.softplus(fake_logits)": "-torch.log(1 - fake_logits)",
            },
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="binary_cross_entropy_with_logits and softplus bring their own sigmoid. Who applied the other one?",
            edits={
                "softplus(-real_logits)": "softplus(-torch.sigmoid(real_logits))",
                "softplus(fake_logits)": "softplus(torch.sigmoid(fake_logits))",
            },
        ),
        Misconception(
            id="halved",
            name="the two halves are averaged instead of added",
            hint="Many programs halve the sum, so that the discriminator learns more slowly, and that is a choice like any "
            "other. Goodfellow's formula adds: what should come out for logits of 0, log 2 or 2 log 2?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "(F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()) / 2"
                )
            },
        ),
        Misconception(
            id="one-mean-over-both",
            name="one mean is taken over both batches together",
            hint="Seven fakes and five real ones: which half then weighs more? How many means has the formula?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "2 * torch.cat([F.softplus(-real_logits), F.softplus(fake_logits)]).mean()"
                )
            },
        ),
        Misconception(
            id="sums",
            name="the losses of a batch are summed instead of averaged",
            hint="Would a batch twice as large be twice as bad?",
            edits={"(-real_logits).mean()": "(-real_logits).sum()", "(fake_logits).mean()": "(fake_logits).sum()"},
        ),
        Misconception(
            id="sign",
            name="the sign is missing: it is the value that the discriminator wants high",
            hint="The paper's V(D, G) is maximised. Optimisers go downhill: which sign has a loss?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "-F.softplus(-real_logits).mean() - F.softplus(fake_logits).mean()"
                )
            },
        ),
        Misconception(
            id="only-the-real",
            name="only the real examples count",
            hint="What would the best discriminator for this loss say of everything?",
            edits={" + F.softplus(fake_logits).mean()": ""},
        ),
        Misconception(
            id="only-the-fakes",
            name="only the fakes count",
            hint="What would the best discriminator for this loss say of everything?",
            edits={"F.softplus(-real_logits).mean() + ": ""},
        ),
        Misconception(
            id="fakes-cut-off",
            name="nothing is learnt from the fakes, whose logits are detached",
            hint="The value is right, and no gradient comes back through the fakes' logits. What must be cut off: the way to "
            "the generator, or the way to the discriminator's own weights?",
            edits={"F.softplus(fake_logits)": "F.softplus(fake_logits.detach())"},
        ),
        Misconception(
            id="hinge",
            name="the hinge loss stands in the place of the logarithms",
            hint="max(0, 1 − x) is what SAGAN and BigGAN use, and it works. Here we want −log D: what does it say where the "
            "hinge is 0 already?",
            edits={
                "F.softplus(-real_logits)": "torch.relu(1 - real_logits)",
                "F.softplus(fake_logits)": "torch.relu(1 + fake_logits)",
            },
        ),
        Misconception(
            id="wasserstein",
            name="it is the critic's loss of a Wasserstein GAN",
            hint="Mean score of the fakes minus mean score of the real ones: right for a WGAN, whose critic gives scores "
            "without limits. Where is the probability here?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "fake_logits.mean() - real_logits.mean()"
                )
            },
        ),
        Misconception(
            id="least-squares",
            name="squared errors stand in the place of the logarithms",
            hint="(D − 1)² for real and D² for fake is the least-squares GAN, which works too. Which function of D has our "
            "formula?",
            edits={
                "F.softplus(-real_logits)": "(real_logits - 1).square()",
                "F.softplus(fake_logits)": "fake_logits.square()",
            },
        ),
    ),
)


# --- generator_loss ---------------------------------------------------------------------------------------------------
def generator_loss_inputs(rng):
    """Some fakes that pass, some that are seen through, some so clearly that a sigmoid rounds to 0."""
    sure = torch.tensor([-150.0, 120.0, -30.0])
    return {
        "unsure": [{"fake_logits": normal(rng, 5)}, {"fake_logits": normal(rng, 7)}],
        "very sure": [{"fake_logits": torch.cat([sure, normal(rng, 4)])}],
    }


def generator_with_bce(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def generator_with_logsigmoid(fake_logits):
    return -F.logsigmoid(fake_logits).sum() / fake_logits.numel()


GENERATOR_LOSS = Exercise(
    solves="unrolled.gan.generator_loss",
    groups={"unsure": 1, "very sure": 1},
    inputs=generator_loss_inputs,
    probe=probes.differentiate,
    accepts=(generator_with_bce, generator_with_logsigmoid),
    misconceptions=(
        Misconception(
            id="saturating",
            name="it is the minimax loss, log(1 − D), which saturates",
            hint="It wants the same, and is in the paper's first formula. But how large is its gradient for a fake with the "
            "logit −10, which has most to learn?",
            edits={"F.softplus(-fake_logits)": "-F.softplus(fake_logits)"},
        ),
        Misconception(
            id="being-caught-rewarded",
            name="the generator is rewarded for being caught",
            hint="The loss should be low where the discriminator takes a fake for real. Which sign has the logit there?",
            edits={"softplus(-fake_logits)": "softplus(fake_logits)"},
        ),
        Misconception(
            id="sign",
            name="the sign is missing: log D is what the generator wants high",
            hint="Optimisers go downhill. Is a loss of −5 better or worse than one of −1?",
            edits={"F.softplus(-fake_logits)": "-F.softplus(-fake_logits)"},
        ),
        Misconception(
            id="logarithm-of-a-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0",
            hint="σ(−150) is 0 in float32. What is the logarithm of that? Which function of torch gives log σ(x) from x in "
            "one go?",
            edits={"F.softplus(-fake_logits)": "-torch.log(torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="logits-taken-for-probabilities",
            name="the logits are taken for probabilities",
            hint="A logit may be −3. What is its logarithm? What makes a probability of a logit?",
            edits={"F.softplus(-fake_logits)": "-torch.log(fake_logits)"},
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="binary_cross_entropy_with_logits and softplus bring their own sigmoid. Who applied the other one?",
            edits={"softplus(-fake_logits)": "softplus(-torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="sum",
            name="the losses of a batch are summed instead of averaged",
            hint="Would a batch twice as large be twice as bad?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="probability-without-logarithm",
            name="the logarithm is missing: it is the mean of 1 − D",
            hint="Its gradient, too, vanishes where the discriminator is sure. What does −log do near 0?",
            edits={"F.softplus(-fake_logits)": "(1 - torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="logarithm-of-the-mean",
            name="the mean is taken before the logarithm",
            hint="One fake that passes would then hide many that do not. Which stands outside in the formula, mean or log?",
            edits={"F.softplus(-fake_logits).mean()": "-torch.log(torch.sigmoid(fake_logits).mean())"},
        ),
        Misconception(
            id="cut-off",
            name="no gradient comes back: the logits are detached",
            hint="The value is right. How should the generator hear of it? In which of the two players' losses does a detach "
            "belong?",
            edits={"softplus(-fake_logits)": "softplus(-fake_logits.detach())"},
        ),
        Misconception(
            id="wasserstein",
            name="it is the generator's loss of a Wasserstein (or hinge) GAN",
            hint="Minus the mean score is right beside a critic without a sigmoid. Where is the probability here?",
            edits={"F.softplus(-fake_logits)": "-fake_logits"},
        ),
        Misconception(
            id="least-squares",
            name="squared errors stand in the place of the logarithm",
            hint="(D − 1)² belongs to the least-squares GAN. Which function of D has our formula?",
            edits={"F.softplus(-fake_logits)": "(fake_logits - 1).square()"},
        ),
    ),
)


# --- gan_step ---------------------------------------------------------------------------------------------------------
def gan_step_inputs(rng):
    """Noise of 3, hidden layers of 5 and 7, examples of 2; 11 real and 13 fake ones a step; plain gradient descent."""

    def layers(*sizes):
        shapes = zip((0, 2), sizes[:-1], sizes[1:], strict=True)
        weights = {}
        for place, inputs, outputs in shapes:
            weights[f"{place}.weight"] = normal(rng, outputs, inputs, scale=0.8)
            weights[f"{place}.bias"] = normal(rng, outputs, scale=0.5)
        return weights

    def case(steps, penalty=None):
        return {
            "generator": layers(3, 5, 2),
            "discriminator": layers(2, 7, 1),
            "real": [1.0 + normal(rng, 11, 2) for _ in range(steps)],
            "noise": [normal(rng, 13, 3) for _ in range(steps)],
            "rate": 0.5,
            "penalty": penalty,
        }

    return {"one step": [case(1)], "three steps": [case(3)], "with a penalty": [case(2, penalty=0.3)]}


def probe_gan_step(answer, inputs):
    """Build both networks, take the steps, and report losses and weights after each, and who heard of which loss."""
    import copy

    import torch
    from torch import nn

    def network(weights, *end):
        linear = [nn.Linear(*reversed(weights[f"{place}.weight"].shape)) for place in (0, 2)]
        built = nn.Sequential(linear[0], nn.Tanh(), linear[1], *end)
        built.load_state_dict(weights)
        return built

    generator, discriminator = network(inputs["generator"]), network(inputs["discriminator"], nn.Flatten(0))
    optimizers = [torch.optim.SGD(net.parameters(), lr=inputs["rate"]) for net in (generator, discriminator)]
    heard, report = [], {}
    generator[0].weight.register_hook(lambda gradient: heard.append(1))

    def penalty(real, fake):
        return inputs["penalty"] * (discriminator(fake).square().mean() + 2 * discriminator(real).mean())

    extra = [] if inputs["penalty"] is None else [penalty]
    with torch.enable_grad():  # whatever the caller's mode
        for step, (real, noise) in enumerate(zip(inputs["real"], inputs["noise"], strict=True), start=1):
            heard.clear()
            losses = answer(generator, discriminator, *optimizers, real.clone(), noise.clone(), *extra)
            parts = losses if isinstance(losses, (tuple, list)) else [losses]
            report[f"after step {step}"] = {
                "losses": losses,
                "discriminator": copy.deepcopy(dict(discriminator.state_dict())),
                "generator": copy.deepcopy(dict(generator.state_dict())),
                "times a gradient came to the generator": len(heard),
                "losses still hang on a graph": any(getattr(part, "requires_grad", False) for part in parts),
            }
    return {"result": report, "modified": []}


def gan_step_without_graph(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    """Fakes without a graph for the one, the same fakes again with one for the other."""
    discriminator_optimizer.zero_grad()
    with torch.no_grad():
        fake = generator(noise)
    loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    if penalty:
        loss += penalty(real, fake)
    loss.backward()
    discriminator_optimizer.step()

    generator_optimizer.zero_grad()
    other = F.softplus(-discriminator(generator(noise))).mean()
    other.backward()
    generator_optimizer.step()
    return loss.detach(), other.detach()


def gan_step_frozen(generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None):
    """The discriminator is frozen while the generator learns; gradients are cleared after use."""
    fakes = generator(noise).detach()
    d_loss = F.binary_cross_entropy_with_logits(discriminator(real), torch.ones(len(real)))
    d_loss = d_loss + F.binary_cross_entropy_with_logits(discriminator(fakes), torch.zeros(len(fakes)))
    d_loss = d_loss + (0 if penalty is None else penalty(real, fakes))
    d_loss.backward()
    discriminator_optimizer.step()
    discriminator_optimizer.zero_grad()
    discriminator.requires_grad_(False)
    g_loss = -F.logsigmoid(discriminator(generator(noise))).mean()
    g_loss.backward()
    generator_optimizer.step()
    generator_optimizer.zero_grad()
    discriminator.requires_grad_(True)
    return float(d_loss), float(g_loss)


def gan_step_simultaneous(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    fake = generator(noise)
    g_loss = F.softplus(-discriminator(fake)).mean()
    generator_optimizer.zero_grad()
    g_loss.backward()
    generator_optimizer.step()
    fake = fake.detach()
    d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    if penalty is not None:
        d_loss = d_loss + penalty(real, fake)
    discriminator_optimizer.zero_grad()
    d_loss.backward()
    discriminator_optimizer.step()
    return d_loss.item(), g_loss.item()


def gan_step_generator_first(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    g_loss = F.softplus(-discriminator(generator(noise))).mean()
    generator_optimizer.zero_grad()
    g_loss.backward()
    generator_optimizer.step()
    fake = generator(noise).detach()
    d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    if penalty is not None:
        d_loss = d_loss + penalty(real, fake)
    discriminator_optimizer.zero_grad()
    d_loss.backward()
    discriminator_optimizer.step()
    return d_loss.item(), g_loss.item()


def gan_step_one_loss(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    fake = generator(noise)
    d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    if penalty is not None:
        d_loss = d_loss + penalty(real, fake)
    g_loss = F.softplus(-discriminator(fake)).mean()
    generator_optimizer.zero_grad()
    discriminator_optimizer.zero_grad()
    (d_loss + g_loss).backward()
    generator_optimizer.step()
    discriminator_optimizer.step()
    return d_loss.item(), g_loss.item()


GAN_STEP = Exercise(
    solves="unrolled.gan.gan_step",
    groups={"one step": 2, "three steps": 1, "with a penalty": 1},
    inputs=gan_step_inputs,
    probe=probe_gan_step,
    uses=("discriminator_loss", "generator_loss"),
    accepts=(gan_step_without_graph, gan_step_frozen),
    misconceptions=(
        Misconception(
            id="not-detached",
            name="the discriminator's loss reaches back into the generator",
            hint="The generator gets a gradient twice a step, once from the wrong loss. That it is thrown away later does not "
            "make it free. What cuts a tensor off from where it came from?",
            edits={
                "discriminator(fake.detach())": "discriminator(fake)",
                "d_loss.backward()": "d_loss.backward(retain_graph=True)",
            },
        ),
        Misconception(
            id="not-detached-and-used-up",
            name="the fakes are not detached, so the discriminator's backward pass uses up the generator's graph",
            hint="`retain_graph=True` would silence the error and leave the mistake. What has the discriminator's loss to do in "
            "the generator at all?",
            edits={"discriminator(fake.detach())": "discriminator(fake)"},
        ),
        Misconception(
            id="detached-for-the-generator",
            name="the fakes are detached in the generator's loss, too, so the generator hears nothing",
            hint="Through which tensor should the generator's gradient come back? Is it cut there?",
            edits={"generator_loss(discriminator(fake))": "generator_loss(discriminator(fake.detach()))"},
        ),
        Misconception(
            id="gradients-left-on-the-discriminator",
            name="gradients of the generator's loss are left on the discriminator, and it learns from them in the next step",
            hint="The generator's gradient comes through the discriminator and leaves gradients on its weights as well. Who "
            "clears them before the discriminator's next backward pass?",
            edits={"discriminator_optimizer.zero_grad()\n": "pass\n"},
        ),
        Misconception(
            id="gradients-left-on-the-generator",
            name="the generator's gradients of earlier steps are never cleared",
            hint="backward() adds to what is there. What should be there at the beginning?",
            edits={"    generator_optimizer.zero_grad()\n": ""},
        ),
        Misconception(
            id="both-learn-from-the-generators-loss",
            name="the discriminator, too, takes a step on the generator's loss",
            hint="There it learns to take fakes for real! Which optimiser may step after the generator's loss?",
            edits={
                "    generator_optimizer.step()\n": "    generator_optimizer.step()\n    discriminator_optimizer.step()\n"
            },
        ),
        Misconception(
            id="discriminator-never-steps",
            name="the discriminator takes no step, or its gradients have been cleared before it could",
            hint="Are its weights any different after the step? In which order stand zero_grad, backward and step?",
            edits={"    discriminator_optimizer.step()\n": ""},
        ),
        Misconception(
            id="generator-never-steps",
            name="the generator takes no step, or its gradients have been cleared before it could",
            hint="Are its weights any different after the step? In which order stand zero_grad, backward and step?",
            edits={"    generator_optimizer.step()\n": ""},
        ),
        Misconception(
            id="labels-swapped",
            name="real and fake are handed to the discriminator's loss in the wrong order",
            hint="discriminator_loss(real_logits, fake_logits): whose logits do you give first?",
            edits={
                "discriminator(real), discriminator(fake.detach())": "discriminator(fake.detach()), discriminator(real)"
            },
        ),
        Misconception(
            id="saturating",
            name="the generator descends the minimax loss, log(1 − D), which saturates",
            hint="You have written a better loss for it two cells above. Which one?",
            edits={"generator_loss(discriminator(fake))": "-F.softplus(discriminator(fake)).mean()"},
        ),
        Misconception(
            id="minus-the-discriminators-loss",
            name="the generator's loss is the discriminator's with the other sign",
            hint="So says the minimax formula, and its gradient vanishes when the discriminator is sure. Which loss did we "
            "put in its place?",
            edits={
                "generator_loss(discriminator(fake))": "-discriminator_loss(discriminator(real), discriminator(fake))"
            },
        ),
        Misconception(
            id="simultaneous",
            name="the generator learns from what the discriminator said before its own step",
            hint="Both stepping at once is right as well where theory wants it (Mescheder et al., 2018). Here they take turns, "
            "as in the paper's algorithm: whose logits does the generator's loss see, those before or after?",
            answer=gan_step_simultaneous,
        ),
        Misconception(
            id="generator-first",
            name="the generator moves first, and the discriminator sees its new fakes",
            hint="In the long run it is the same game. The promise is: first the discriminator. Who steps first in yours?",
            answer=gan_step_generator_first,
        ),
        Misconception(
            id="one-loss-for-both",
            name="both losses are added and go back in a single pass",
            hint="The two want opposite things of the same logits: what is left of their sum for each player? How many "
            "backward passes does it take?",
            answer=gan_step_one_loss,
        ),
        Misconception(
            id="generator-on-real",
            name="the generator's loss looks at the real examples",
            hint="The real examples do not depend on the generator. What should its loss be computed on?",
            edits={"generator_loss(discriminator(fake))": "generator_loss(discriminator(real))"},
        ),
        Misconception(
            id="penalty-ignored",
            name="the penalty is not used",
            hint="What does the docstring say of `penalty`? Does the name occur in your lines?",
            edits={"if penalty is not None:": "if False:"},
        ),
        Misconception(
            id="penalty-on-the-generator",
            name="the penalty is added to the generator's loss",
            hint="The penalty is about the discriminator's slope. Whose loss should it raise?",
            edits={
                "    if penalty is not None:\n        d_loss = d_loss + penalty(real, fake.detach())\n": "",
                "    generator_optimizer.zero_grad()\n": (
                    "    if penalty is not None:\n        g_loss = g_loss + penalty(real, fake)\n"
                    "    generator_optimizer.zero_grad()\n"
                ),
            },
        ),
        Misconception(
            id="penalty-swapped",
            name="the penalty gets fake and real in the wrong order",
            hint="penalty(real, fake): which do you give first?",
            edits={"penalty(real, fake.detach())": "penalty(fake.detach(), real)"},
        ),
        Misconception(
            id="penalty-not-detached",
            name="the penalty gets fakes that are not detached",
            hint="The penalty is part of the discriminator's loss. Should that reach the generator?",
            edits={"penalty(real, fake.detach())": "penalty(real, fake)"},
        ),
        Misconception(
            id="losses-with-their-graphs",
            name="the losses come back as tensors that still hang on their graphs",
            hint="A list of such losses keeps every graph of the training in memory. What turns a tensor of one value into a "
            "number?",
            edits={"d_loss.item(), g_loss.item()": "d_loss, g_loss"},
        ),
        Misconception(
            id="losses-swapped",
            name="the losses come back in the wrong order",
            hint="In the docstring's example, whose loss comes first: that of the player who learns first?",
            edits={"d_loss.item(), g_loss.item()": "g_loss.item(), d_loss.item()"},
        ),
    ),
)


# --- gradient_penalty -------------------------------------------------------------------------------------------------
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


# --- Generator --------------------------------------------------------------------------------------------------------
def generator_inputs(rng):
    """Noise of 7, five channels, eleven pictures; weights that leave neither ReLU nor sigmoid idle."""

    def case(size, training=True):
        channels, noise = 5, 7
        start = 2 * channels * (size // 4) ** 2
        weights = {
            "start.weight": normal(rng, start, noise, scale=0.5),
            "start.bias": normal(rng, start),
            "grow.weight": normal(rng, 2 * channels, channels, 4, 4, scale=0.2),
            "grow.bias": normal(rng, channels),
            "paint.weight": normal(rng, channels, 1, 4, 4, scale=0.3),
            "paint.bias": normal(rng, 1),
        }
        for name, width in (("start_norm", 2 * channels), ("grow_norm", channels)):
            weights |= {
                f"{name}.weight": 1.0 + normal(rng, width, scale=0.3),
                f"{name}.bias": normal(rng, width, scale=0.5),
            }
        return {"noise": normal(rng, 11, noise), "weights": weights, "size": size, "training": training}

    return {"8 × 8": [case(8), case(8, training=False)], "another size": [case(12)]}


def probe_generator(answer, inputs):
    """Build the module, load the weights, go forwards and backwards."""
    from autograder.probes import differentiate

    names = list(inputs["weights"])

    def forward(noise, **weights):
        import torch

        channels = inputs["weights"]["grow.bias"].shape[0]
        module = answer(noise.shape[1], inputs["size"], channels).train(inputs["training"])
        loaded = {name: weights[name.replace(".", "_")] for name in names}
        return torch.func.functional_call(module, loaded, (noise,))

    weights = {name.replace(".", "_"): inputs["weights"][name] for name in names}
    return differentiate(forward, {"noise": inputs["noise"], **weights})


class _Layers(nn.Module):
    """The generator's layers, for right answers in other styles."""

    def __init__(self, noise, size, channels=32):
        super().__init__()
        self.size = size
        self.start = nn.Linear(noise, 2 * channels * (size // 4) ** 2)
        self.start_norm = nn.BatchNorm2d(2 * channels)
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)
        self.grow_norm = nn.BatchNorm2d(channels)
        self.paint = nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1)


class GeneratorWithView(_Layers):
    def forward(self, noise):
        side = self.size // 4
        x = F.relu(self.start_norm(self.start(noise).view(len(noise), self.start_norm.num_features, side, side)))
        x = F.relu(self.grow_norm(self.grow(x)))
        return F.sigmoid(self.paint(x))


class GeneratorInSteps(_Layers):
    def forward(self, noise):
        x = self.start(noise)
        x = x.reshape(noise.shape[0], -1, self.size // 4, self.size // 4)
        for norm, layer in ((self.start_norm, self.grow), (self.grow_norm, self.paint)):
            x = layer(norm(x).clamp(min=0))
        return 1 / (1 + torch.exp(-x))


GENERATOR = Exercise(
    solves="unrolled.gan.Generator",
    groups={"8 × 8": 2, "another size": 1},
    inputs=generator_inputs,
    probe=probe_generator,
    blanks=("forward",),
    accepts=(GeneratorWithView, GeneratorInSteps),
    misconceptions=(
        Misconception(
            id="tanh",
            name="the pictures end in a tanh, from −1 to 1",
            hint="That is DCGAN's choice, right where white is 1 and black −1. Our digits have ink from 0 to 1: which function "
            "has that range?",
            edits={"torch.sigmoid(self.paint(x))": "torch.tanh(self.paint(x))"},
        ),
        Misconception(
            id="no-output-range",
            name="nothing keeps the ink between 0 and 1",
            hint="The discriminator would know any fake by a pixel of −0.3. Which function maps every number into 0 to 1?",
            edits={"torch.sigmoid(self.paint(x))": "self.paint(x)"},
        ),
        Misconception(
            id="relu-before-the-sigmoid",
            name="a ReLU stands before the last sigmoid, so no pixel is lighter than a half",
            hint="σ(0) is 0.5. How could this generator leave a pixel white?",
            edits={"torch.sigmoid(self.paint(x))": "torch.sigmoid(torch.relu(self.paint(x)))"},
        ),
        Misconception(
            id="channels-last",
            name="the features are cut with the channels last",
            hint="PyTorch's convolutions want (batch, channels, height, width). In unflatten, which comes first?",
            edits={"unflatten(1, (-1, side, side))": "unflatten(1, (side, side, -1)).movedim(-1, 1)"},
        ),
        Misconception(
            id="side-of-two",
            name="the first map is 2 × 2, whatever the size",
            hint="8 / 4 is 2. What is the side of the first map of a picture of 12 × 12?",
            edits={"side = self.size // 4": "side = 2"},
        ),
        Misconception(
            id="first-norm-missing",
            name="the first norm is missing",
            hint="There are five layers in the constructor. Which one do you never call?",
            edits={"self.start_norm(x)": "x"},
        ),
        Misconception(
            id="second-norm-missing",
            name="the second norm is missing",
            hint="There are five layers in the constructor. Which one do you never call?",
            edits={"self.grow_norm(self.grow(x))": "self.grow(x)"},
        ),
        Misconception(
            id="norm-after-relu",
            name="the norms stand after the ReLUs",
            hint="After the norm half of the values are negative, and the ReLU cuts them. What is left to cut if the ReLU comes "
            "first?",
            edits={
                "torch.relu(self.start_norm(x))": "self.start_norm(torch.relu(x))",
                "torch.relu(self.grow_norm(self.grow(x)))": "self.grow_norm(torch.relu(self.grow(x)))",
            },
        ),
        Misconception(
            id="first-relu-missing",
            name="the first ReLU is missing",
            hint="Two linear layers with nothing but a norm between them: how many layers is that worth?",
            edits={"torch.relu(self.start_norm(x))": "self.start_norm(x)"},
        ),
        Misconception(
            id="second-relu-missing",
            name="the second ReLU is missing",
            hint="Two linear layers with nothing but a norm between them: how many layers is that worth?",
            edits={"torch.relu(self.grow_norm(self.grow(x)))": "self.grow_norm(self.grow(x))"},
        ),
        Misconception(
            id="leaky",
            name="leaky ReLUs stand in the place of ReLUs",
            hint="DCGAN has leaky ones in the discriminator and plain ones in the generator; both work. What does the docstring "
            "say?",
            edits={
                "torch.relu(self.start_norm(x))": "F.leaky_relu(self.start_norm(x), 0.2)",
                "torch.relu(self.grow_norm(self.grow(x)))": "F.leaky_relu(self.grow_norm(self.grow(x)), 0.2)",
            },
        ),
        Misconception(
            id="sigmoids-inside",
            name="sigmoids stand in the place of the ReLUs",
            hint="Only the last layer must give ink. Which function stands between the others?",
            edits={
                "torch.relu(self.start_norm(x))": "torch.sigmoid(self.start_norm(x))",
                "torch.relu(self.grow_norm(self.grow(x)))": "torch.sigmoid(self.grow_norm(self.grow(x)))",
            },
        ),
        Misconception(
            id="cut-off",
            name="the pictures are right, but no gradient comes back through them",
            hint="The generator learns only through its pictures. What cuts a tensor off, and in whose step does it belong?",
            edits={"torch.sigmoid(self.paint(x))": "torch.sigmoid(self.paint(x)).detach()"},
        ),
    ),
)


# --- frechet_distance -------------------------------------------------------------------------------------------------
def frechet_inputs(rng):
    """Features that are correlated, each set in its own way; few: fewer examples than features."""

    def case(n, m, features):
        real = normal(rng, n, features) @ normal(rng, features, features) + 0.7
        return {"real": real, "fake": normal(rng, m, features) @ normal(rng, features, features, scale=0.6)}

    return {"many examples": [case(29, 23, 3), case(31, 37, 5)], "few examples": [case(3, 2, 7), case(5, 3, 7)]}


def frechet_with_scipy(real, fake):
    import numpy as np
    from scipy import linalg

    real, fake = real.numpy().astype(np.float64), fake.numpy().astype(np.float64)
    c, d = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    # The root of a singular product is delicate: the symmetric form has the same trace.
    values, vectors = linalg.eigh(c)
    half = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    root = np.sqrt(linalg.eigvalsh(half @ d @ half).clip(0)).sum()
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * root)


def frechet_in_single_precision(real, fake):
    difference = real.mean(0) - fake.mean(0)
    c, d = torch.cov(real.T), torch.cov(fake.T)
    roots = torch.linalg.eigvals(c @ d).abs().sqrt()
    return difference @ difference + torch.trace(c) + torch.trace(d) - 2 * roots.sum()


def frechet_with_singular_values(real, fake):
    """The roots of the eigenvalues of CD are the singular values of the product of the centred examples."""
    x, y = ((z.double() - z.double().mean(0)) / (len(z) - 1) ** 0.5 for z in (real, fake))
    nuclear = torch.linalg.svdvals(x @ y.T).sum()
    gap = torch.linalg.vector_norm(real.double().mean(0) - fake.double().mean(0)) ** 2
    return gap + (x**2).sum() + (y**2).sum() - 2 * nuclear


FRECHET_DISTANCE = Exercise(
    solves="unrolled.frechet.frechet_distance",
    groups={"many examples": 2, "few examples": 1},
    inputs=frechet_inputs,
    tolerance=Tolerance(relative=1e-3, absolute=1e-2),  # single precision: the root of 1e-7 is 3e-4
    accepts=(frechet_with_scipy, frechet_in_single_precision, frechet_with_singular_values),
    misconceptions=(
        Misconception(
            id="no-root-in-the-trace",
            name="the trace is taken of the product of the covariances, without the root",
            hint="For one feature the formula should give (σ − τ)² = σ² + τ² − 2στ. What is the product of the variances there, "
            "and what is στ?",
            edits={".real.clamp(min=0).sqrt()": ".real"},
        ),
        Misconception(
            id="root-of-each-entry",
            name="the root is taken of each entry of the product",
            hint="A root of a matrix M is a matrix R with R @ R = M. Does yours pass that test? Which numbers of M give the "
            "trace of R?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": (
                    "(real_cov @ fake_cov).diagonal().clamp(min=0).sqrt()"
                )
            },
        ),
        Misconception(
            id="product-of-roots",
            name="the roots of the two covariances are multiplied, instead of the root taken of their product",
            hint="That is the same only for matrices that commute. Which comes first here, product or root?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": (
                    "torch.stack([v @ l.clamp(min=0).sqrt().diag() @ v.T for l, v in "
                    "map(torch.linalg.eigh, (real_cov, fake_cov))]).prod(dim=0)"
                )
            },
        ),
        Misconception(
            id="factor-two-lost",
            name="the factor 2 before the root is missing",
            hint="What should be the distance of a set from itself?",
            edits={"2 * roots": "roots"},
        ),
        Misconception(
            id="root-added",
            name="the root is added instead of subtracted",
            hint="What should be the distance of a set from itself?",
            edits={" - 2 * roots": " + 2 * roots"},
        ),
        Misconception(
            id="over-n",
            name="the covariances are divided by n instead of n − 1",
            hint="Both are in use; the original FID takes NumPy's `cov`, whose default is n − 1, and so do we. By what do you "
            "divide?",
            edits={"(len(x) - 1)": "len(x)"},
        ),
        Misconception(
            id="not-centred",
            name="the covariances are those of examples whose mean was not subtracted",
            hint="Then the means count twice. From where are the deviations measured?",
            edits={"(x - mean).T @ (x - mean)": "x.T @ x"},
        ),
        Misconception(
            id="means-not-squared",
            name="the distance of the means is not squared",
            hint="For one feature the formula should give (μ − ν)². Where has the square gone?",
            edits={"gap + real_cov": "gap.sqrt() + real_cov"},
        ),
        Misconception(
            id="means-ignored",
            name="the means are ignored",
            hint="Two sets of the same shape in different places: how far apart should they be?",
            edits={"gap + real_cov": "real_cov"},
        ),
        Misconception(
            id="only-the-means",
            name="only the means are compared",
            hint="A generator that always draws the average has the right mean. Which terms would give it away?",
            edits={" + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()": ""},
        ),
        Misconception(
            id="only-the-variances",
            name="each feature is compared on its own, as if the covariances were diagonal",
            hint="Two features may go together in one set and against each other in the other. Which numbers say so, and do "
            "they enter your sum?",
            edits={"real_cov @ fake_cov": "real_cov.diagonal().diag() @ fake_cov.diagonal().diag()"},
        ),
        Misconception(
            id="distance-not-squared",
            name="the root is taken of the whole",
            hint="That is the distance d itself, and quite right as a distance; what everybody reports as FID is d². Which does "
            "the docstring promise?",
            edits={
                "(gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum())": (
                    "(gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).clamp(min=0).sqrt()"
                )
            },
        ),
        Misconception(
            id="covariance-of-the-examples",
            name="rows and columns are confused: it is a covariance of examples instead of features",
            hint="NumPy's cov takes rows for variables unless told `rowvar=False`, torch's always does. What shape should the "
            "covariance of five features have?",
            edits={"return mean, (x - mean).T @ (x - mean) / (len(x) - 1)": "return mean, torch.cov(x)"},
        ),
        Misconception(
            id="eigenvalues-below-zero",
            name="the root of an eigenvalue that rounding has pushed below 0 makes it NaN",
            hint="With fewer examples than features some eigenvalues are 0, give or take 1e-17. What is the root of −1e-17, and "
            "what should it be?",
            edits={".clamp(min=0)": ""},
        ),
    ),
)

EXERCISES = (DISCRIMINATOR_LOSS, GENERATOR_LOSS, GAN_STEP, GRADIENT_PENALTY, GENERATOR, FRECHET_DISTANCE)
