"""How does the status of a study read, in lines for people?"""

from vidnas.documents.quantity import format_duration
from vidnas.documents.visible_text import visible
from vidnas.study.status.status import RunningTrial, Status
from vidnas.trials.effort import limit_text


def status_text(status: Status) -> str:
    """A status for people, in lines."""
    lines = [
        f"study     {one_line(status.name)} in {one_line(status.study)}",
        f"state     {_state(status)}",
        f"trials    {', '.join(f'{n} {state}' for state, n in status.trials.items())}",
        f"effort    {_limits(status)}",
        f"spent     {_spent(status)}",
        f"rate      {status.rate_last_hour:.1f} trials an hour of late, "
        f"{status.rate:.1f} over all",
    ]
    if status.hours_left is not None:
        lines.append(f"left      some {format_duration(3600 * status.hours_left)}")
    for group in status.groups:
        name = f"{one_line(group.name)}: " if group.name else ""
        lines.append(f"workers   {name}{group.busy} busy, {group.idle} idle")
    lines += [f"  {running_text(trial)}" for trial in status.running]
    lines.append(f"front     {_front(status)}")
    for failure in status.failures:
        lines.append(f"failed    trial {failure.trial}: {one_line(failure.reason)}")
    logs = [trial for trial in status.running if trial.log]
    if logs:
        first = logs[0]
        lines.append(f"log       of trial {first.trial}: {one_line(first.log)}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    """The text in one line, with hidden characters spelled."""
    return visible(text, keep="")


def _state(status: Status) -> str:
    writer = status.writer
    if writer is None:
        return f"{status.state}{status.reason and f', {status.reason}'}"
    who = f"process {writer.process} on {one_line(writer.host)}"
    return (
        f"running by {who if writer.process else 'somebody'}, who was there "
        f"{format_duration(writer.renewed_seconds)} ago"
    )


def _limits(status: Status) -> str:
    return f"{status.effort}, {100 * status.effort.part(status.spent):.0f} % spent"


def _spent(status: Status) -> str:
    spent = status.spent
    words = [limit_text("trials", spent.trials), limit_text("hours", spent.hours)]
    words += [limit_text("gpu_hours", spent.gpu_hours)] if spent.gpu_hours else []
    words += [limit_text("epochs", spent.epochs)]
    words += [f"cost {spent.cost:.2f}"] if spent.cost is not None else []
    return ", ".join(words)


def running_text(trial: RunningTrial) -> str:
    """`trial 7 on gpu-2 for 40 s, epoch 3 of 5 done`."""
    name = trial.name or f"trial {trial.trial}"
    place = " ".join(word for word in (trial.group, trial.node) if word)
    where = f" on {place}" if place else ""
    return one_line(
        f"{name}{where} for {format_duration(trial.seconds)}, epoch {trial.epoch} of "
        f"{trial.epochs} done"
    )


def _front(status: Status) -> str:
    if status.hypervolume is None or status.grew_hours is None:
        return "none yet"
    ago = format_duration(3600 * status.grew_hours)
    return (
        f"{status.front} trials, hypervolume {status.hypervolume:.4g}, last grew {ago} "
        "of work ago"
    )
