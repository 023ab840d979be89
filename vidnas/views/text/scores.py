"""What is said of studies in which nothing was trained, and of scores elsewhere?"""

from vidnas.study.history import History
from vidnas.trials.score_agreement import ScoreAgreement, score_agreement

SCORE = "entropy_score"


def estimated_words(history: History) -> str:
    """What the numbers of a study by a score are, and are not."""
    return (
        f"Nothing was trained: {history.head.identity.score} is computed from the "
        "structure of a network alone, and no number here is an accuracy. How it ranks "
        "trained networks, a study that trains some says: `vidnas front STUDY "
        f"--objectives {history.objectives.cost},{history.head.identity.score}`. FLOPs "
        "are multiply-adds of convolutions and dense layers, one each, for one clip."
    )


def agreement_of(history: History, score: str = SCORE) -> ScoreAgreement | None:
    """How a score ranks the networks that a study trained in full.

    None where fewer were trained than say something, or none at all.

    Args:
        history: The study.
        score: Name of the score.
    """
    if history.head.identity.score:
        return None
    return score_agreement(history.compared, history.objectives, score)


def agreement_text(history: History, score: str = SCORE) -> str:
    """How a score ranks what was trained, in words; nothing where that is not known."""
    found = agreement_of(history, score)
    return "" if found is None else f"{found.words}: {found.verdict}"
