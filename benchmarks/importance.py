"""Do importances tell a planted choice from noise? Ours beside Optuna's two.

Run:     python benchmarks/importance.py --studies 20
Cost:    a minute on one core; Optuna and scikit-learn come with `vidnas[bench]`.
Expect:  on noise Optuna's importances add up to 1 all the same, and ours say nothing in
         19 studies of 20; where a choice is planted, all name it first.

A study has 60 trials of ten choices of three options; the planted one is worth 0, 2 and
4 deviations of the noise.
"""

import argparse

import numpy as np

from vidnas.arrays import Floats, Indices
from vidnas.statistics.effects.fitted import fit
from vidnas.statistics.effects.found import find

TRIALS, CHOICES, OPTIONS = 60, 10, 3
PLANTED = 3
Named = tuple[int, float] | None  # the first choice and its share; None for silence


def ours(taken: Indices, values: Floats, seed: int) -> Named:
    """The choice of the largest share, where any is beyond luck."""
    blocks = [np.eye(OPTIONS)[column][:, 1:] for column in taken.T]
    given = np.ones((len(values), 1))
    found = find(values, given, blocks, np.random.default_rng(seed))
    if not found:
        return None
    model = fit(values, given, [blocks[one.block] for one in found])
    first = int(np.argmax([share.share for share in model.shares]))
    return found[first].block, model.shares[first].share


def optunas(taken: Indices, values: Floats, seed: int, kind: str) -> Named:
    """The choice that an evaluator of Optuna's names first."""
    import optuna
    from optuna import importance

    options = optuna.distributions.CategoricalDistribution(range(OPTIONS))
    study = optuna.create_study(direction="maximize")
    for row, value in zip(taken.tolist(), values.tolist(), strict=True):
        chosen = {str(at): option for at, option in enumerate(row)}
        trial = optuna.trial.create_trial(
            params=chosen, distributions=dict.fromkeys(chosen, options), value=value
        )
        study.add_trial(trial)
    evaluator = (
        importance.FanovaImportanceEvaluator(seed=seed)
        if kind == "fANOVA"
        else importance.PedAnovaImportanceEvaluator()
    )
    shares = importance.get_param_importances(study, evaluator=evaluator)
    first = next(iter(shares))
    return int(first), float(shares[first])


def main() -> None:
    """Prints, for noise and for a planted choice, what each says first."""
    parser = argparse.ArgumentParser(description="Importances beside Optuna's.")
    parser.add_argument("--studies", type=int, default=20)
    studies = parser.parse_args().studies
    tools = {
        "vidnas": ours,
        "Optuna fANOVA": lambda *one: optunas(*one, "fANOVA"),
        "Optuna PED-ANOVA": lambda *one: optunas(*one, "PED-ANOVA"),
    }
    try:
        import optuna
        import sklearn  # noqa: F401
    except ImportError as missing:
        print(f"{missing.name} is not installed: vidnas alone")
        tools = {"vidnas": ours}
    else:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("studies        tool              speaks  right  share of the first (median)")
    for name, size in (("noise", 0.0), ("planted", 2.0)):
        for tool, ask in tools.items():
            said = [ask(*study(seed, size), seed) for seed in range(studies)]
            first = [one for one in said if one is not None]
            right = sum(one[0] == PLANTED for one in first) if size else 0
            median = float(np.median([one[1] for one in first])) if first else 0.0
            print(
                f"{studies:4} {name:9} {tool:17} {len(first):6} {right:6} {median:6.2f}"
            )


def study(seed: int, size: float) -> tuple[Indices, Floats]:
    """Options taken, `[N, C]`, and values, `[N]`."""
    rng = np.random.default_rng(seed)
    taken = rng.integers(OPTIONS, size=(TRIALS, CHOICES))
    return taken, rng.normal(size=TRIALS) + size * taken[:, PLANTED]


if __name__ == "__main__":
    main()
