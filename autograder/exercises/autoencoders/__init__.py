"""The exercises of chapter 12: an autoencoder, noise to remove, clouds of codes and their bound, anomalies."""

from autograder.exercises.autoencoders.anomaly_scores import ANOMALY_SCORES
from autograder.exercises.autoencoders.autoencoder import AUTOENCODER
from autograder.exercises.autoencoders.corrupt import CORRUPT
from autograder.exercises.autoencoders.elbo import ELBO
from autograder.exercises.autoencoders.kl_to_standard_normal import KL_TO_STANDARD_NORMAL
from autograder.exercises.autoencoders.reparameterize import REPARAMETERIZE
from autograder.exercises.autoencoders.roc_auc import ROC_AUC

EXERCISES = (
    AUTOENCODER,
    CORRUPT,
    REPARAMETERIZE,
    KL_TO_STANDARD_NORMAL,
    ELBO,
    ANOMALY_SCORES,
    ROC_AUC,
)
