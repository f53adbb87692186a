"""The exercises of chapter 13: the two losses, the step, the penalty, the generator, and the Fréchet distance."""

from autograder.exercises.gan.discriminator_loss import DISCRIMINATOR_LOSS
from autograder.exercises.gan.frechet_distance import FRECHET_DISTANCE
from autograder.exercises.gan.gan_step import GAN_STEP
from autograder.exercises.gan.generator import GENERATOR
from autograder.exercises.gan.generator_loss import GENERATOR_LOSS
from autograder.exercises.gan.gradient_penalty import GRADIENT_PENALTY

EXERCISES = (
    DISCRIMINATOR_LOSS,
    GENERATOR_LOSS,
    GAN_STEP,
    GRADIENT_PENALTY,
    GENERATOR,
    FRECHET_DISTANCE,
)
