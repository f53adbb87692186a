"""What several exercises of this chapter share."""

from autograder.draw import normal


def gru_weights(rng, feature, hidden, prefix="gru"):
    """The weights of a one-layer nn.GRU."""
    shapes = {"weight_ih_l0": (feature,), "weight_hh_l0": (hidden,), "bias_ih_l0": (), "bias_hh_l0": ()}
    return {f"{prefix}.{name}": normal(rng, 3 * hidden, *shape, scale=0.6) for name, shape in shapes.items()}
