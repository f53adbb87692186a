"""`gan_step`: One step of the game, in place; returns both losses as numbers."""

import torch
import torch.nn.functional as F

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def gan_step_inputs(rng):
    """Noise of 3, hidden layers of 5 and 7, examples of 2; 11 real and 13 fake ones a step; plain gradient descent. Once
    the generator has a batch norm, which remembers how often it was called.
    """

    def layers(*sizes):
        shapes = zip((0, 2), sizes[:-1], sizes[1:], strict=True)
        weights = {}
        for place, inputs, outputs in shapes:
            weights[f"{place}.weight"] = normal(rng, outputs, inputs, scale=0.8)
            weights[f"{place}.bias"] = normal(rng, outputs, scale=0.5)
        return weights

    def case(steps, penalty=None, norm=False):
        return {
            "norm": norm,
            "generator": layers(3, 5, 2),
            "discriminator": layers(2, 7, 1),
            "real": [1.0 + normal(rng, 11, 2) for _ in range(steps)],
            "noise": [normal(rng, 13, 3) for _ in range(steps)],
            "rate": 0.5,
            "penalty": penalty,
        }

    return {
        "one step": [case(1)],
        "three steps": [case(3), case(3, norm=True)],
        "with a penalty": [case(2, penalty=0.3)],
    }


def probe_gan_step(answer, inputs):
    """Build both networks, take the steps, and report losses and weights after each, and who heard of which loss."""
    import copy

    import torch
    from torch import nn

    def network(weights, *end):
        linear = [nn.Linear(*reversed(weights[f"{place}.weight"].shape)) for place in (0, 2)]
        built = nn.Sequential(linear[0], nn.Tanh(), linear[1], *end)
        built.load_state_dict(weights, strict=False)
        return built

    generator = network(inputs["generator"], *[nn.BatchNorm1d(2)] * inputs["norm"])
    discriminator = network(inputs["discriminator"], nn.Flatten(0))
    optimizers = [torch.optim.SGD(net.parameters(), lr=inputs["rate"]) for net in (generator, discriminator)]
    heard, attached, report = [], [], {}
    generator[0].weight.register_hook(lambda gradient: heard.append(1))

    def penalty(real, fake):
        attached.append(fake.requires_grad)
        return inputs["penalty"] * (discriminator(fake).square().mean() + 2 * discriminator(real).mean())

    extra = [] if inputs["penalty"] is None else [penalty]
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):  # whatever the caller's mode
        torch.manual_seed(7)
        for step, (real, noise) in enumerate(zip(inputs["real"], inputs["noise"], strict=True), start=1):
            heard.clear()
            losses = answer(generator, discriminator, *optimizers, real.clone(), noise.clone(), *extra)
            parts = losses if isinstance(losses, (tuple, list)) else [losses]
            report[f"after step {step}"] = {
                "losses": losses,
                "discriminator": copy.deepcopy(dict(discriminator.state_dict())),
                "generator": copy.deepcopy(dict(generator.state_dict())),
                "a gradient came to the generator": bool(heard),
                "the penalty gets fakes that hang on the generator": any(attached),
                "losses still hang on a graph": any(getattr(part, "requires_grad", False) for part in parts),
                "still in training mode": generator.training and discriminator.training,
                "still can learn": all(p.requires_grad for net in (generator, discriminator) for p in net.parameters()),
            }
    return {"result": report, "modified": []}


def gan_step_retaining_graph(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    """The detective's loss reaches the generator, too; what it leaves there is cleared before the generator learns."""
    discriminator_optimizer.zero_grad()
    fake = generator(noise)
    loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    if penalty:
        loss += penalty(real, fake.detach())
    loss.backward(retain_graph=True)
    discriminator_optimizer.step()

    generator_optimizer.zero_grad()
    other = F.softplus(-discriminator(fake)).mean()
    other.backward()
    generator_optimizer.step()
    return loss.item(), other.item()


def gan_step_frozen(generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None):
    """The discriminator is frozen while the generator learns; gradients are cleared after use."""
    made = generator(noise)
    fakes = made.detach()
    d_loss = F.binary_cross_entropy_with_logits(discriminator(real), torch.ones(len(real)))
    d_loss = d_loss + F.binary_cross_entropy_with_logits(discriminator(fakes), torch.zeros(len(fakes)))
    d_loss = d_loss + (0 if penalty is None else penalty(real, fakes))
    d_loss.backward()
    discriminator_optimizer.step()
    discriminator_optimizer.zero_grad()
    discriminator.requires_grad_(False)
    g_loss = -F.logsigmoid(discriminator(made)).mean()
    g_loss.backward()
    generator_optimizer.step()
    generator_optimizer.zero_grad()
    discriminator.requires_grad_(True)
    return float(d_loss), float(g_loss)


def gan_step_by_gradients(
    generator, discriminator, generator_optimizer, discriminator_optimizer, real, noise, penalty=None
):
    """Each player's gradients are asked for by name, so that nobody else gets any."""

    def learn(optimizer, loss):
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        optimizer.step()
        return loss.item()

    made = generator(noise)
    known = made.detach()
    loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(known)).mean()
    first = learn(discriminator_optimizer, loss if penalty is None else loss + penalty(real, known))
    return first, learn(generator_optimizer, F.softplus(-discriminator(made)).mean())


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
    accepts=(gan_step_retaining_graph, gan_step_frozen, gan_step_by_gradients),
    misconceptions=(
        Misconception(
            id="not-detached",
            name="the generator learns from the discriminator's loss as well",
            hint="The generator gets a gradient twice a step, once from the wrong loss, and both add up. What cuts a tensor off from "
            "where it came from?",
            edits={
                "discriminator(fake.detach())": "discriminator(fake)",
                "    generator_optimizer.zero_grad()\n": "",
                "d_loss.backward()": "generator_optimizer.zero_grad()\n    d_loss.backward(retain_graph=True)",
            },
        ),
        Misconception(
            id="not-detached-and-used-up",
            name="the fakes are not detached, so the discriminator's backward pass uses up the generator's graph",
            hint="`retain_graph=True` would silence the error, and cost twice the work. What has the discriminator's loss to do in "
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
        Misconception(
            id="judged-without-a-graph",
            name="in the generator's turn the discriminator judges without a graph",
            hint="The generator's gradient comes back *through* the discriminator. What does `torch.no_grad` forget?",
            edits={
                "g_loss = generator_loss(discriminator(fake))": (
                    "with torch.no_grad():\n        logits = discriminator(fake)\n    g_loss = generator_loss(logits)"
                )
            },
        ),
        Misconception(
            id="cleared-too-early",
            name="the discriminator's gradients are cleared between the turns, before the generator's loss leaves new ones on it",
            hint="Which backward pass comes after your zero_grad, and what does it leave for the discriminator's next step?",
            edits={
                "    discriminator_optimizer.zero_grad()\n": "",
                "    discriminator_optimizer.step()\n": (
                    "    discriminator_optimizer.step()\n    discriminator_optimizer.zero_grad()\n"
                ),
            },
        ),
        Misconception(
            id="old-logits",
            name="the generator's loss takes the logits from before the discriminator's step, whose graph is out of date",
            hint="The step has changed the weights in place. What must be asked anew?",
            edits={
                "d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))": (
                    "logits = discriminator(fake)\n    d_loss = discriminator_loss(discriminator(real), logits.detach())"
                ),
                "generator_loss(discriminator(fake))": "generator_loss(logits)",
            },
        ),
        Misconception(
            id="new-noise",
            name="the generator learns from new noise, and not from the fakes that the discriminator has seen",
            hint="Algorithm 1 draws anew, and that is as good. What does the docstring promise here?",
            edits={
                "generator_loss(discriminator(fake))": "generator_loss(discriminator(generator(torch.randn_like(noise))))"
            },
        ),
        Misconception(
            id="made-twice",
            name="the fakes are made a second time, which a batch norm or a dropout in the generator notices",
            hint="“The same fakes” need not be made again. What is the difference between `fake` and `fake.detach()`?",
            edits={"generator_loss(discriminator(fake))": "generator_loss(discriminator(generator(noise)))"},
        ),
        Misconception(
            id="noise-of-its-own",
            name="the fakes are made of noise that the function draws for itself, one for each real example",
            hint="Then nobody can repeat your run, or check it. Which argument holds the noise, and how many fakes is that?",
            edits={"generator(noise)": "generator(torch.randn(len(real), noise.shape[1]))"},
        ),
        Misconception(
            id="as-many-fakes-as-real",
            name="fakes beyond the number of real examples are left out",
            hint="The two means are taken apart. Do the batches need the same size?",
            edits={"generator(noise)": "generator(noise)[: len(real)]"},
        ),
        Misconception(
            id="optimisers-swapped",
            name="each optimiser steps after the other player's loss",
            hint="Whose weights does discriminator_optimizer know? After whose loss should it step?",
            edits={
                "    discriminator_optimizer.zero_grad()\n": "    OTHER.zero_grad()\n",
                "    discriminator_optimizer.step()\n": "    OTHER.step()\n",
                "    generator_optimizer.zero_grad()\n": "    discriminator_optimizer.zero_grad()\n",
                "    generator_optimizer.step()\n": "    discriminator_optimizer.step()\n",
                "OTHER.zero_grad": "generator_optimizer.zero_grad",
                "OTHER.step": "generator_optimizer.step",
            },
        ),
        Misconception(
            id="optimisers-of-its-own",
            name="the function makes optimisers of its own",
            hint="An optimiser such as Adam remembers its steps. What is left of that, if a new one is made for each?",
            edits={
                "    fake = generator(noise)\n": (
                    "    discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-3)\n"
                    "    generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-3)\n    fake = generator(noise)\n"
                )
            },
        ),
        Misconception(
            id="penalty-always-called",
            name="the penalty is called even if there is none",
            hint="`penalty` may be None. What is None(real, fake)?",
            edits={"    if penalty is not None:\n        d_loss": "    d_loss"},
        ),
        Misconception(
            id="penalty-subtracted",
            name="the penalty is subtracted",
            hint="A penalty should make a loss worse. Which sign has it?",
            edits={"d_loss + penalty": "d_loss - penalty"},
        ),
        Misconception(
            id="penalty-instead-of-the-loss",
            name="the penalty takes the place of the discriminator's loss",
            hint="With nothing but a penalty, who tells real from fake? What does “added” say?",
            edits={"d_loss = d_loss + penalty": "d_loss = penalty"},
        ),
        Misconception(
            id="penalty-without-effect",
            name="the penalty is added as a number, from which nothing is learnt",
            hint="`.item()` and `.detach()` leave the graph behind. How should the discriminator's weights hear of the penalty?",
            edits={"penalty(real, fake.detach())": "penalty(real, fake.detach()).item()"},
        ),
        Misconception(
            id="penalty-too-late",
            name="the penalty is added after the discriminator has learnt",
            hint="A loss counts at `backward()`. On which side of that line must it be complete?",
            edits={
                "    if penalty is not None:\n        d_loss = d_loss + penalty(real, fake.detach())\n": "",
                "    discriminator_optimizer.step()\n": (
                    "    discriminator_optimizer.step()\n    if penalty is not None:\n"
                    "        d_loss = d_loss + penalty(real, fake.detach())\n"
                ),
            },
        ),
        Misconception(
            id="penalty-for-both",
            name="the penalty is added to both losses",
            hint="The penalty is about the discriminator's slope. Whose loss should it raise?",
            edits={
                "g_loss = generator_loss(discriminator(fake))\n": (
                    "g_loss = generator_loss(discriminator(fake))\n    if penalty is not None:\n"
                    "        g_loss = g_loss + penalty(real, fake)\n"
                )
            },
        ),
        Misconception(
            id="penalty-not-returned",
            name="the discriminator learns from the penalty, but the loss that comes back is without it",
            hint="Which loss did the discriminator step on? Is it the one that you return?",
            edits={
                "if penalty is not None:\n        d_loss = d_loss + penalty(real, fake.detach())\n": (
                    "bare = d_loss\n    if penalty is not None:\n        d_loss = d_loss + penalty(real, fake.detach())\n"
                ),
                "return d_loss.item()": "return bare.item()",
            },
        ),
        Misconception(
            id="loss-after-the-step",
            name="the discriminator's loss that comes back is that after its step",
            hint="The loss on which it stepped was computed before. Why compute it again?",
            edits={
                "return d_loss.item()": "return discriminator_loss(discriminator(real), discriminator(fake.detach())).item()"
            },
        ),
        Misconception(
            id="generators-loss-after-the-step",
            name="the generator's loss that comes back is that after its step",
            hint="The loss on which it stepped was computed before. Why make new fakes to compute it again?",
            edits={"g_loss.item()": "generator_loss(discriminator(generator(noise))).item()"},
        ),
        Misconception(
            id="sum-of-the-losses",
            name="the sum of both losses comes back",
            hint="The two go in opposite directions. What does the signature promise?",
            edits={"d_loss.item(), g_loss.item()": "d_loss.item() + g_loss.item()"},
        ),
        Misconception(
            id="losses-as-tensors",
            name="the losses come back as tensors instead of numbers",
            hint="What turns a tensor of one value into a number?",
            edits={"d_loss.item(), g_loss.item()": "d_loss.detach(), g_loss.detach()"},
        ),
        Misconception(
            id="left-in-evaluation",
            name="the discriminator is left in evaluation mode",
            hint="Whoever switches something off has to switch it on again. Did anybody ask for another mode?",
            edits={"    g_loss = generator_loss": "    discriminator.eval()\n    g_loss = generator_loss"},
        ),
        Misconception(
            id="left-frozen",
            name="the discriminator's weights are frozen for the generator's turn, and stay so",
            hint="Whoever switches gradients off has to switch them on again. When should the discriminator learn next?",
            edits={
                "    g_loss = generator_loss": "    discriminator.requires_grad_(False)\n    g_loss = generator_loss"
            },
        ),
        Misconception(
            id="penalty-of-attached-fakes",
            name="the penalty gets fakes that hang on the generator",
            hint="Its gradient would go back through the generator, for nothing. Which fakes does the discriminator learn from?",
            edits={
                "penalty(real, fake.detach())": "penalty(real, fake)",
                "d_loss.backward()": "d_loss.backward(retain_graph=True)",
            },
        ),
    ),
)
