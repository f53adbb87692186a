"""Searching for hyperparameters with optuna: a progress bar, and a study that is kept in a file and gone on with.

Papers: Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization" (2012); Bergstra et al., "Algorithms for
Hyper-Parameter Optimization" (2011), section 4, for the tree-structured Parzen estimator (TPE); Akiba et al., "Optuna: A
Next-generation Hyperparameter Optimization Framework" (2019).

Names: ours ↔ optuna's — `search` ↔ create_study and optimize, `trials` ↔ n_trials, `file` ↔ storage.

Left out: stopping bad trials early (pruning), and several processes that share one study.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unrolled.lab.live import is_watched
from unrolled.signatures import checked


def search(
    objective: Callable[[Any], float],
    *,
    trials: int,
    sampler: str = "tpe",
    seed: int = 0,
    file: str | Path | None = None,
    bar: bool = True,
) -> Any:
    """An optuna study of so many trials that looks for the smallest value of `objective(trial)`.

    The objective asks the trial for its settings, as in `trial.suggest_float("rate", 1e-5, 1.0, log=True)`. `sampler` is
    "random" or "tpe". With a `file` each trial is written down as it ends, and a later call with the same file goes on
    from there: it makes only those trials that are missing. Every trial has its random numbers from the seed and from
    how many came before, so a study that was interrupted ends as one that was not. A value that is NaN counts as
    infinite. `bar` shows optuna's progress bar, where somebody watches.

    >>> study = search(lambda trial: (trial.suggest_float("x", -1, 1) - 0.5) ** 2, trials=5, bar=False)
    >>> len(study.trials), abs(study.best_params["x"] - 0.5) < 1
    (5, True)
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    samplers = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}
    if sampler not in samplers:
        raise ValueError(f"sampler is {sampler!r}; expected 'random' or 'tpe'")
    if trials < 1:
        raise ValueError(f"trials is {trials}; expected at least 1")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = None
    if file is not None:
        lock = JournalFileOpenLock(
            str(file)
        )  # the other kind of lock needs links, which Windows may refuse
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(file), lock_obj=lock))
    study = optuna.create_study(storage=storage, study_name=sampler, load_if_exists=True)

    def value(trial: Any) -> float:
        """The objective's; optuna itself would forget a trial whose value is NaN."""
        found = objective(trial)
        return math.inf if math.isnan(found) else found

    def reseed(study: Any, _: Any = None) -> int:
        """Gives the next trial random numbers of its own; returns how many trials are complete."""
        complete = len(study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE]))
        study.sampler = samplers[sampler](seed=1000 * seed + complete)
        return complete

    if (missing := trials - reseed(study)) > 0:
        study.optimize(value, n_trials=missing, callbacks=[reseed], show_progress_bar=bar and is_watched())
    return study


checked(globals())
