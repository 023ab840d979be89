"""What is said of a trial of a front? Its row, as plain data, CSV or in a table."""

from collections.abc import Sequence
from typing import Any

from vidnas.cli.output import say_csv, table
from vidnas.space.candidate_text import candidate_text
from vidnas.study.history import History
from vidnas.study.standings import Standing
from vidnas.trials.noise.repeats import seeds_of
from vidnas.trials.trial import Trial


def nothing_done(history: History) -> str:
    """Why a front is empty: no trial is done, and what the others came to."""
    counts = ", ".join(f"{n} {word}" for word, n in sorted(history.states.items()))
    return (
        f"A front needs a trial done at {history.fidelity}, {history.folder} has none"
        f"{f' ({counts})' if counts else ''}."
    )


def front_row(trial: Trial, history: History) -> dict[str, Any]:
    """A trial as plain data: its costs, its accuracy, what it exceeds."""
    continues = history.head.identity.continues
    return {
        "trial": trial.number,
        **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
        "arch_id": trial.arch_id,
        "flops": int(trial.value("flops")),
        "parameters": int(trial.value("parameters")),
        "inference_bytes": int(trial.value("inference_bytes")),
        **{name: trial.value(name) for name in _more_costs(trial, history)},
        **history.accuracy.columns(trial),
        **({"continued_from": trial.continued_from} if continues else {}),
        "above_chance": history.chance.is_beaten(trial),
        **_noise_facts(trial, history),
        "exceeds": list(history.exceeds(trial)),
    }


def _noise_facts(trial: Trial, history: History) -> dict[str, Any]:
    """How probably it is on the front, and its trainings, where either is known."""
    share = None if trial.baseline else history.on_front.get(trial.number)
    probable = {"front_probability": share} if history.on_front else {}
    return {**probable, "seeds": seeds_of(trial)} if history.repeats else probable


def _more_costs(trial: Trial, history: History) -> list[str]:
    """Costs that the study lowers, beside those of every row."""
    every = ("flops", "parameters", "inference_bytes")
    costs = history.objectives.costs
    return [name for name in costs if name not in every and trial.has(name)]


def baseline_row(standing: Standing, history: History) -> dict[str, Any]:
    """A baseline as plain data, and how it stands against a front."""
    trial = standing.trial
    return {
        "baseline": trial.baseline,
        **front_row(trial, history),
        "state": trial.state,
        "reason": trial.reason,
        "dominated_by": standing.dominated_by,
        "exceeds": list(standing.exceeds),
    }


def with_candidates(
    rows: Sequence[dict[str, Any]], trials: Sequence[Trial], history: History
) -> list[dict[str, Any]]:
    """The rows with the text of each candidate, which `space decode` reads."""
    space = history.experiment.read_space()
    return [
        {**row, "candidate": candidate_text(space, trial.candidate)}
        for row, trial in zip(rows, trials, strict=True)
    ]


def write_csv(rows: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]]) -> None:
    """Front members, whose `baseline` is empty, then the baselines that are done."""
    done = [row for row in beside if row["state"] == "done"]
    if not rows and not done:
        return
    own = ["baseline", "dominated_by", "exceeds"]
    columns = [*(name for name in (*rows, *done)[0] if name not in _BESIDE), *own]
    joined = ({**row, "exceeds": " ".join(row["exceeds"])} for row in (*rows, *done))
    say_csv(columns, joined)


# What the row of a baseline has beside that of a front member.
_BESIDE = ("baseline", "state", "reason", "dominated_by", "exceeds")


def noted_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]
) -> list[str]:
    """Lines of a table, with a column of notes where there are any."""
    header, *lines = table(titles, rows).splitlines()
    head = f"{header}  notes" if any(notes) else header
    noted = zip(lines, notes, strict=True)
    return [head, *(f"{line}  {words}".rstrip() for line, words in noted)]


def marks(trial: Trial, history: History) -> str:
    """`exceeds training_bytes; not above chance (50 %)`, or nothing."""
    exceeded = history.exceeds(trial)
    over = f"exceeds {', '.join(exceeded)}" if exceeded else ""
    return "; ".join(filter(None, (over, history.chance.mark(trial))))
