"""`initial_weights`: A linear layer's weights, uniform between −bound and bound, made of uniform numbers."""

import torch

from autograder.draw import uniform
from autograder.exercise import Exercise, Misconception


def initial_weights_inputs(rng):
    """Wide and narrow layers, one output, one input; numbers that are 0 and almost 1 among them."""

    def case(fan_out, fan_in, scheme):
        uniforms = uniform(rng, fan_out * fan_in)
        uniforms[:2] = torch.tensor([0.0, 0.999])
        return {"fan_out": fan_out, "fan_in": fan_in, "scheme": scheme, "uniforms": uniforms}

    few, many = int(rng.integers(3, 6)), int(rng.integers(11, 17))
    return {
        scheme: [case(few, many, scheme), case(many, few, scheme), case(1, 7, scheme), case(5, 1, scheme)]
        for scheme in ("xavier", "kaiming")
    }


def probe_seeded(answer, inputs):
    """Call it, with torch's own random numbers fixed: an answer that draws its own does not go unnoticed."""
    import torch

    from autograder.probes import call

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return call(answer, inputs)


def initial_weights_refuses(rng):
    return [
        {"fan_out": 2, "fan_in": 3, "scheme": scheme, "uniforms": uniform(rng, 6)} for scheme in ("he", "normal", "")
    ]


def initial_weights_lerp(fan_out, fan_in, scheme, uniforms):
    fans = {"xavier": fan_in + fan_out, "kaiming": fan_in}
    if scheme not in fans:
        raise ValueError(f"no such scheme: {scheme!r}")
    bound = (6 / fans[scheme]) ** 0.5
    return torch.lerp(torch.full_like(uniforms, -bound), torch.full_like(uniforms, bound), uniforms).reshape(
        fan_out, fan_in
    )


def initial_weights_match(fan_out, fan_in, scheme, uniforms):
    match scheme:
        case "xavier":
            variance = 2 / (fan_in + fan_out)
        case "kaiming":
            variance = 2 / fan_in
        case _:
            raise ValueError("unknown scheme")
    return (3 * variance) ** 0.5 * (2 * uniforms.unflatten(0, (fan_out, fan_in)) - 1)


def initial_weights_row_by_row(fan_out, fan_in, scheme, uniforms):
    if scheme == "xavier":
        bound = torch.sqrt(torch.tensor(6.0) / (fan_out + fan_in))
    elif scheme == "kaiming":
        bound = torch.sqrt(torch.tensor(6.0) / fan_in)
    else:
        raise ValueError(f"scheme {scheme} is not known")
    rows = [uniforms[row * fan_in : (row + 1) * fan_in] for row in range(fan_out)]
    return torch.stack([(row - 0.5) * 2 * bound for row in rows])


FANS = 'fan_in + fan_out if scheme == "xavier" else fan_in'
FILLED = "uniforms.view(fan_out, fan_in) * (2 * bound) - bound"

INITIAL_WEIGHTS = Exercise(
    solves="unrolled.initialization.initial_weights",
    groups={"xavier": 1, "kaiming": 1},
    inputs=initial_weights_inputs,
    probe=probe_seeded,
    refuses=initial_weights_refuses,
    accepts=(initial_weights_lerp, initial_weights_match, initial_weights_row_by_row),
    forbids=("torch.nn.init.xavier_uniform_", "torch.nn.init.kaiming_uniform_"),
    misconceptions=(
        Misconception(
            id="fan-out",
            name="kaiming counts the outputs instead of the inputs",
            hint='Each output is a sum over how many weights? (torch has mode="fan_out" for this: it keeps the gradients\' size.)',
            edits={FANS: 'fan_in + fan_out if scheme == "xavier" else fan_out'},
        ),
        Misconception(
            id="schemes-swapped",
            name="the two schemes have changed places",
            hint="Which of the two looks at inputs *and* outputs?",
            edits={'scheme == "xavier" else': 'scheme != "xavier" else'},
        ),
        Misconception(
            id="always-xavier",
            name="the bound is Xavier's in both schemes",
            hint="What does kaiming leave out of the denominator?",
            edits={FANS: "fan_in + fan_out"},
        ),
        Misconception(
            id="always-kaiming",
            name="the bound is Kaiming's in both schemes",
            hint="What does xavier have in the denominator besides fan_in?",
            edits={FANS: "fan_in"},
        ),
        Misconception(
            id="standard-deviation-as-bound",
            name="the standard deviation √(2 / …) is taken for the bound",
            hint="Numbers between −bound and bound have a standard deviation of bound / √3. Is a bound larger or smaller than that?",
            edits={"math.sqrt(6 / fans)": "math.sqrt(2 / fans)"},
        ),
        Misconception(
            id="variance-as-bound",
            name="the variance 2 / … is taken for the bound",
            hint="A variance is the square of a standard deviation. Which of the two is measured in the unit of a weight?",
            edits={"math.sqrt(6 / fans)": "2 / fans"},
        ),
        Misconception(
            id="no-root",
            name="the bound has no square root",
            hint="With four times as many inputs, should the weights be half as large or a quarter?",
            edits={"math.sqrt(6 / fans)": "6 / fans"},
        ),
        Misconception(
            id="root-of-six-only",
            name="the square root covers the 6 and not the fraction",
            hint="Up to where does the root reach in the docstring?",
            edits={"math.sqrt(6 / fans)": "math.sqrt(6) / fans"},
        ),
        Misconception(
            id="three",
            name="a 3 stands in place of the 6",
            hint="√(3 / fan_in) keeps the signal of a layer without activation function. What does a ReLU do to half of the values?",
            edits={"6 / fans": "3 / fans"},
        ),
        Misconception(
            id="one-over-root",
            name="the bound is 1 / √…, torch's own for linear layers",
            hint="torch's nn.Linear begins with such weights, which fade from layer to layer. What stands over the fraction in the docstring?",
            edits={"6 / fans": "1 / fans"},
        ),
        Misconception(
            id="mean-of-fans",
            name="xavier divides by the mean of inputs and outputs instead of their sum",
            hint="With the mean, the numerator would have to be 3. Which numerator does the docstring have?",
            edits={FANS: '(fan_in + fan_out) / 2 if scheme == "xavier" else fan_in'},
        ),
        Misconception(
            id="product",
            name="xavier divides by the product of inputs and outputs",
            hint="How are inputs and outputs put together in the docstring?",
            edits={FANS: 'fan_in * fan_out if scheme == "xavier" else fan_in'},
        ),
        Misconception(
            id="not-centred",
            name="all weights are positive, from 0 to the bound",
            hint="What should become of a number that is 0? And what is the mean of all weights then?",
            edits={FILLED: "uniforms.view(fan_out, fan_in) * bound"},
        ),
        Misconception(
            id="not-centred-and-double",
            name="all weights are positive, from 0 to twice the bound",
            hint="What should become of a number that is 0?",
            edits={" - bound": ""},
        ),
        Misconception(
            id="half-as-wide",
            name="the weights lie between −bound/2 and bound/2",
            hint="How wide is the range from −bound to bound? A uniform number covers 1.",
            edits={FILLED: "uniforms.view(fan_out, fan_in) * bound - bound / 2"},
        ),
        Misconception(
            id="moved-by-one",
            name="1 is subtracted instead of the bound",
            hint="What should become of a number that is 0?",
            edits={"(2 * bound) - bound": "(2 * bound) - 1"},
        ),
        Misconception(
            id="upside-down",
            name="0 becomes bound, and 1 would become −bound",
            hint="Both are uniform, but which end does the docstring give to 0?",
            edits={FILLED: "bound - uniforms.view(fan_out, fan_in) * (2 * bound)"},
        ),
        Misconception(
            id="columns-filled",
            name="the numbers fill the columns instead of the rows",
            hint="In which shape does `view` write row after row? Which number stands at place (0, 1) with you?",
            edits={"uniforms.view(fan_out, fan_in)": "uniforms.view(fan_in, fan_out).T"},
        ),
        Misconception(
            id="inputs-first",
            name="the matrix has a row for each input instead of each output",
            hint="torch's linear layers keep (output, input). What does the signature promise?",
            edits={"view(fan_out, fan_in)": "view(fan_in, fan_out)"},
        ),
        Misconception(
            id="flat",
            name="a single row of weights is returned instead of a matrix",
            hint="Which shape does the signature promise?",
            edits={"uniforms.view(fan_out, fan_in)": "uniforms"},
        ),
        Misconception(
            id="in-place",
            name="the uniform numbers are overwritten",
            hint="Methods that end in _ write into the tensor that they are given. Does the caller still need the numbers?",
            edits={FILLED: "uniforms.mul_(2 * bound).sub_(bound).view(fan_out, fan_in)"},
        ),
        Misconception(
            id="own-numbers",
            name="the function draws random numbers of its own",
            hint="Then nobody can repeat your run. Which argument holds the numbers?",
            edits={FILLED: "__import__('torch').empty(fan_out, fan_in).uniform_(-bound, bound)"},
        ),
        Misconception(
            id="normal",
            name="the weights are made normal instead of uniform",
            hint="There are normal versions of both schemes. Which distribution does the docstring ask for?",
            edits={
                FILLED: "(2 * uniforms.view(fan_out, fan_in) - 1).clamp(-0.998, 0.998).erfinv() * math.sqrt(2) * bound / math.sqrt(3)"
            },
        ),
        Misconception(
            id="any-scheme",
            name="a scheme that does not exist is taken for one that does",
            hint='What should a caller hear who writes "xaver"? The docstring says which exception, and what its message names.',
            edits={'if scheme not in ("xavier", "kaiming"):': "if False:"},
        ),
        Misconception(
            id="gain-for-tanh",
            name="xavier has the factor 5/3 that belongs to tanh",
            hint="torch's calculate_gain has one for each activation function. Does the docstring's bound have it?",
            edits={"math.sqrt(6 / fans)": 'math.sqrt(6 / fans) * (5 / 3 if scheme == "xavier" else 1)'},
        ),
        Misconception(
            id="gain-twice",
            name="the factor √2 for a ReLU is multiplied in twice",
            hint="√(6 / …) is √2 · √(3 / …): where does your other √2 come from?",
            edits={"math.sqrt(6 / fans)": "math.sqrt(2) * math.sqrt(6 / fans)"},
        ),
    ),
)
