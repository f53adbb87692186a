"""`compute_optimal`: How many parameters and tokens make the law's loss smallest, if training costs 6 · N · D FLOPs."""

import math

from autograder.exercise import Exercise, Misconception


def compute_optimal_inputs(rng):
    """Laws with unlike exponents and unlike factors, tiny, small and large budgets; once E is large."""

    def case(flops, **law):
        a, b = float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.45, 0.7))
        drawn = {"E": 1.7, "A": float(rng.uniform(100, 300)), "B": float(rng.uniform(400, 900)), "alpha": a, "beta": b}
        return {"law": drawn | law, "flops": float(flops) * float(rng.uniform(1, 2))}

    return {
        "small budgets": [case(1e9), case(1e10, alpha=0.6, beta=0.3), case(1e8, E=9.0), case(17.0)],
        "large budgets": [case(1e21), case(6e23, A=406.4, B=410.7, alpha=0.34, beta=0.28)],
    }


def probe_law(answer, inputs):
    """Call the answer with the law as an object that has its fields."""
    from types import SimpleNamespace

    law = SimpleNamespace(**inputs["law"])
    result = answer(law, inputs["flops"])
    return {"result": result, "modified": ["law"] if vars(law) != inputs["law"] else []}


def compute_optimal_by_halving(law, flops):
    """The best log size by golden-section search."""

    def loss(log_n):
        return law.E + law.A * math.exp(-law.alpha * log_n) + law.B * math.exp(-law.beta * (math.log(flops / 6) - log_n))

    low, high, golden = -50.0, 150.0, (math.sqrt(5) - 1) / 2
    slope = lambda n: law.beta * law.B * math.exp(-law.beta * (math.log(flops / 6) - n)) - law.alpha * law.A * math.exp(-law.alpha * n)  # noqa: E731
    for _ in range(200):
        middle = low + golden * (high - low)
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    assert loss(low) < math.inf
    return math.exp(low), flops / 6 / math.exp(low)


def compute_optimal_with_logarithms(law, flops):
    log_ratio = math.log(law.alpha * law.A) - math.log(law.beta * law.B)
    log_c = math.log(flops / 6)
    log_n = (log_ratio + law.beta * log_c) / (law.alpha + law.beta)
    return math.exp(log_n), math.exp(log_c - log_n)


def compute_optimal_as_printed(law, flops):
    """Equation 4 of the paper."""
    a, b = law.beta / (law.alpha + law.beta), law.alpha / (law.alpha + law.beta)
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    return g * (flops / 6) ** a, (flops / 6) ** b / g


RATIO = "(law.alpha * law.A / (law.beta * law.B)) ** (1 / both)"
SIZE, BOTH_RETURNED = "ratio * (flops / 6) ** (law.beta / both)", "return parameters, flops / 6 / parameters"

COMPUTE_OPTIMAL = Exercise(
    solves="unrolled.scaling_laws.compute_optimal",
    groups={"small budgets": 1, "large budgets": 2},
    inputs=compute_optimal_inputs,
    probe=probe_law,
    accepts=(compute_optimal_by_halving, compute_optimal_with_logarithms, compute_optimal_as_printed),
    misconceptions=(
        Misconception(
            id="exponents-swapped",
            name="the size grows with flops^(α/(α+β)) instead of flops^(β/(α+β))",
            hint="At the best size α · A / N^α = β · B / D^β. If D doubles, by which factor must N grow so that they stay equal?",
            edits={"law.beta / both": "law.alpha / both"},
        ),
        Misconception(
            id="alpha-and-beta-swapped",
            name="α and β have changed places everywhere",
            hint="Which exponent belongs to the parameters, and which to the tokens? Set the derivative to 0 once more: what comes down from each exponent?",
            edits={RATIO: "(law.beta * law.A / (law.alpha * law.B)) ** (1 / both)", "law.beta / both": "law.alpha / both"},
        ),
        Misconception(
            id="ratio-upside-down",
            name="the ratio of the two terms is upside down",
            hint="If A grows, small models are worse. Should the best size then grow or shrink?",
            edits={RATIO: "(law.beta * law.B / (law.alpha * law.A)) ** (1 / both)"},
        ),
        Misconception(
            id="factors-swapped",
            name="α and β are swapped in the ratio",
            hint="The derivative of A / N^α brings α down. Beside which factor does it stand?",
            edits={RATIO: "(law.beta * law.A / (law.alpha * law.B)) ** (1 / both)"},
        ),
        Misconception(
            id="a-and-b-swapped",
            name="A and B are swapped in the ratio",
            hint="If A grows, small models are worse. Should the best size then grow or shrink?",
            edits={RATIO: "(law.alpha * law.B / (law.beta * law.A)) ** (1 / both)"},
        ),
        Misconception(
            id="equal-terms",
            name="the two terms of the loss are made equal, instead of their derivatives",
            hint="At the best size a little more of the one wins as much as a little less of the other loses. What is equal then?",
            edits={RATIO: "(law.A / law.B) ** (1 / both)"},
        ),
        Misconception(
            id="root-forgotten",
            name="the root is not taken of the ratio",
            hint="You have N^(α+β) on one side. What is N?",
            edits={RATIO: "(law.alpha * law.A / (law.beta * law.B))"},
        ),
        Misconception(
            id="power-for-root",
            name="the ratio is raised to α + β instead of its inverse",
            hint="You have N^(α+β) on one side. Which power gives N?",
            edits={RATIO: "(law.alpha * law.A / (law.beta * law.B)) ** both"},
        ),
        Misconception(
            id="ratio-in-both",
            name="the tokens are multiplied by the ratio as well instead of divided",
            hint="Multiply your two results by each other and by 6. What should come out?",
            edits={BOTH_RETURNED: "return parameters, ratio**2 * flops / 6 / parameters"},
        ),
        Misconception(
            id="ratio-forgotten",
            name="the ratio of the two terms is left out",
            hint="Does your best size hang on A and B at all?",
            edits={SIZE: "(flops / 6) ** (law.beta / both)"},
        ),
        Misconception(
            id="six-forgotten",
            name="a token is taken to cost one FLOP per parameter instead of six",
            hint="Multiply your two results by each other and by 6. What should come out?",
            edits={SIZE: "ratio * flops ** (law.beta / both)", BOTH_RETURNED: "return parameters, flops / parameters"},
        ),
        Misconception(
            id="six-forgotten-in-the-size",
            name="the six is forgotten in the size",
            hint="Which product of N and D is given by the budget: flops, or a part of it?",
            edits={SIZE: "ratio * flops ** (law.beta / both)"},
        ),
        Misconception(
            id="six-forgotten-in-the-tokens",
            name="the six is forgotten in the tokens",
            hint="Multiply your two results by each other and by 6. What should come out?",
            edits={BOTH_RETURNED: "return parameters, flops / parameters"},
        ),
        Misconception(
            id="six-multiplied",
            name="the budget is multiplied by 6 instead of divided",
            hint="Multiply your two results by each other and by 6. What should come out?",
            edits={SIZE: "ratio * (6 * flops) ** (law.beta / both)", BOTH_RETURNED: "return parameters, 6 * flops / parameters"},
        ),
        Misconception(
            id="two",
            name="a token is taken to cost two FLOPs per parameter, the way forwards alone",
            hint="What does the way back cost? Multiply your two results by each other and by 6: what should come out?",
            edits={SIZE: "ratio * (flops / 2) ** (law.beta / both)", BOTH_RETURNED: "return parameters, flops / 2 / parameters"},
        ),
        Misconception(
            id="square-root",
            name="size and tokens both grow with the square root of the budget",
            hint="That is right if α and β are alike. What are the exponents if they are not?",
            edits={"law.beta / both": "1 / 2"},
        ),
        Misconception(
            id="twenty-tokens",
            name="there are twenty tokens for each parameter, whatever the law says",
            hint="That is Chinchilla's rule of thumb. Where does your answer use A, B, α and β?",
            edits={SIZE: "(flops / 120) ** 0.5"},
        ),
        Misconception(
            id="swapped",
            name="the tokens come before the parameters",
            hint="In which order does the signature promise the two?",
            edits={BOTH_RETURNED: "return flops / 6 / parameters, parameters"},
        ),
        Misconception(
            id="whole-numbers",
            name="both are rounded to whole numbers",
            hint="Both results are floats, the docstring says. What is lost by rounding a small one?",
            edits={BOTH_RETURNED: "return round(parameters), round(flops / 6 / parameters)"},
        ),
        Misconception(
            id="cut-off",
            name="both are cut off to whole numbers",
            hint="Both results are floats, the docstring says. What does `int` do with 0.9?",
            edits={BOTH_RETURNED: "return int(parameters), int(flops / 6 / parameters)"},
        ),
        Misconception(
            id="a-list",
            name="the two come as a list",
            hint="Which kind of sequence does the signature promise?",
            edits={BOTH_RETURNED: "return [parameters, flops / 6 / parameters]"},
        ),
    ),
)
