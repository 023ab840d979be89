"""How does a study run on Slurm? By a batch script that may be sent again and again.

`ray symmetric-run` starts Ray on every node and the search on the first. What bites in
it (Ray 2.60) is met here: it waits 30 s for nodes, so the wait is raised; it ends with
`ray stop`, so nodes are exclusive; a Ray that does not start ends it with exit code 0,
so the search leaves its own exit code in a file. A node that is lost ends nothing.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.errors import InputError
from vidnas.study.cluster.job_files import JobFiles
from vidnas.study.cluster.node_groups import NodeGroup
from vidnas.study.workers.machine import OBJECT_STORE_BYTES

SCRIPT = "job.sbatch"
NODE = "node.sh"
SEARCH = "search.sh"
WAIT_SECONDS = 900  # for nodes, whose Python lies on a shared disk
# What a directive of sbatch may hold: it is read by Slurm, and by no shell.
_PLAIN = re.compile(r"[A-Za-z0-9_.,:@%+=/-]+")
_OPTION = re.compile(r"--[a-z][a-z-]*(=[A-Za-z0-9_.,:@%+=/-]+)?")


@dataclass(frozen=True, slots=True)
class SlurmOptions:
    """What a user says of the job.

    Args:
        time: The longest that it may run, as Slurm spells it: `1-00:00:00`.
        partition: Partition, or empty for the cluster's own.
        account: Account, or empty for the user's own.
        warning_seconds: Seconds before the end at which the search is stopped.
        modules: Environment modules to load, in order.
        venv: Virtual environment to use; empty for what is there.
        further: Further options of sbatch, as `--qos=high`.
    """

    time: str
    partition: str = ""
    account: str = ""
    warning_seconds: int = 120
    modules: tuple[str, ...] = ()
    venv: str = ""
    further: tuple[str, ...] = ()


def slurm_scripts(
    job: JobFiles,
    groups: Sequence[NodeGroup],
    options: SlurmOptions,
    folder: str,
    search: tuple[str, ...] = (),
) -> dict[str, str]:
    """The batch script and what it runs on every and on the first node, by file name.

    Args:
        job: Files of the job.
        groups: Machines to ask for.
        options: What a user says of the job.
        folder: Absolute folder of the job, which every node sees.
        search: Further words of `vidnas search`.

    Raises:
        InputError: an option is none of Slurm's.
    """
    body = _BATCH.replace("@DIRECTIVES@", _directives(job, groups, options))
    body = body.replace("@FOLDER@", shlex.quote(folder))
    body = body.replace("@SETUP@", _setup(options))
    body = body.replace("@WAIT@", str(WAIT_SECONDS))
    body = body.replace("@NODES@", str(sum(group.nodes for group in groups)))
    body = body.replace("@LIST@", _list_variable(groups))
    body = body.replace("@SRUN@", _srun(groups))
    words = job.search("files", search)
    return {
        SCRIPT: body,
        NODE: _NODE,
        SEARCH: _SEARCH.replace("@COMMAND@", shlex.join(words)),
    }


def _directives(
    job: JobFiles, groups: Sequence[NodeGroup], options: SlurmOptions
) -> str:
    """The `#SBATCH` lines; a component for each group of machines."""
    parts = [[*_common(job, options), *_machines(groups[0])]]
    parts += [_machines(group) for group in groups[1:]]
    lines = [[f"#SBATCH {line}" for line in part] for part in parts]
    return "\n#SBATCH hetjob\n".join("\n".join(part) for part in lines)


def _common(job: JobFiles, options: SlurmOptions) -> list[str]:
    stated = {
        "--time": options.time,
        "--partition": options.partition,
        "--account": options.account,
    }
    for name, value in stated.items():
        if value and not _PLAIN.fullmatch(value):
            raise InputError(
                f"`{name}` must be of letters, digits and `_.,:@%+=/-`, got `{value}`."
            )
    for one in options.further:
        if not _OPTION.fullmatch(one):
            raise InputError(f"`--sbatch` must be `--NAME=VALUE`, got `{one}`.")
    return [
        f"--job-name={job.label}",
        *(f"{name}={value}" for name, value in stated.items() if value),
        f"--signal=B:USR1@{options.warning_seconds}",
        "--requeue",
        "--no-kill",
        "--open-mode=append",
        "--output=slurm-%j.log",
        *options.further,
    ]


def _machines(group: NodeGroup) -> list[str]:
    gpus = [f"--gpus-per-node={group.gpus}"] if group.gpus else []
    memory = "0" if group.memory is None else f"{-(-group.memory // 2**20)}M"
    return [
        f"--nodes={group.nodes}",
        "--ntasks-per-node=1",
        f"--cpus-per-task={group.cpus}",
        *gpus,
        f"--mem={memory}",
        "--exclusive",
    ]


def _setup(options: SlurmOptions) -> str:
    lines = [f"module load {shlex.quote(name)}" for name in options.modules]
    if options.venv:
        lines += [
            "# shellcheck disable=SC1091",
            f"source {shlex.quote(options.venv + '/bin/activate')}",
        ]
    return "\n".join(lines) or "# The environment is the one that sbatch was typed in."


def _list_variable(groups: Sequence[NodeGroup]) -> str:
    return "SLURM_JOB_NODELIST" + ("_HET_GROUP_0" if len(groups) > 1 else "")


def _srun(groups: Sequence[NodeGroup]) -> str:
    """The step; a component for each group, which starts Ray in its own way."""
    parts = []
    for number, group in enumerate(groups):
        het = f" --het-group={number}" if len(groups) > 1 else ""
        ray = [
            f"--num-cpus={group.cpus}",
            f"--num-gpus={group.gpus}",
            f"--object-store-memory={OBJECT_STORE_BYTES}",
        ]
        if group.resources:
            ray += ["--resources", json.dumps(dict(group.resources))]
        if group.labels:
            ray += ["--labels", ",".join(f"{k}={v}" for k, v in group.labels.items())]
        started = " ".join(map(shlex.quote, ray))
        parts.append(
            f"srun{het} --nodes={group.nodes} --ntasks={group.nodes} "
            f"--cpus-per-task={group.cpus} --no-kill --kill-on-bad-exit=0 \\\n"
            f"  bash ./{NODE} {started}"
        )
    first, *rest = parts
    joined = [first, *(part.removeprefix("srun") for part in rest)]
    return " : \\\n ".join(joined)


_BATCH = r"""#!/bin/bash
@DIRECTIVES@

# Written by `vidnas submit slurm`. The study goes on where it stopped, so that this may
# be sent again, requeued or cut off at any moment.
set -euo pipefail
cd -- @FOLDER@
@SETUP@

# A port of this job: two jobs of one user may meet on a node that is being emptied.
port=$((20000 + SLURM_JOB_ID % 10000))
head=$(scontrol show hostnames "$@LIST@" | head -n 1)
head=$(getent ahostsv4 "$head" | awk 'NR == 1 {print $1}')
export RAY_SYMMETRIC_RUN_CLUSTER_WAIT_TIMEOUT=@WAIT@
export RAY_USAGE_STATS_ENABLED=0
# Without a token everybody on the cluster's network could run code as this user.
if [[ ! -s ray_token ]]; then
  (umask 077 && od -An -N 32 -t x1 /dev/urandom | tr -d ' \n' >ray_token)
fi
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$PWD/ray_token"

export VIDNAS_JOB="$PWD/job-$SLURM_JOB_ID" # prefix of what the search leaves
VIDNAS_NODES=@NODES@ VIDNAS_HEAD=$head:$port VIDNAS_HEAD_NAME=$(hostname)
export VIDNAS_NODES VIDNAS_HEAD VIDNAS_HEAD_NAME
rm -f -- "$VIDNAS_JOB".{exit,pid,over}
stopped=''
# shellcheck disable=SC2317 # the trap calls it
stop_search() { # before the time is up, and before a pre-emption: as Ctrl-C
  stopped=yes
  # The search runs on this node, the first of the job.
  if [[ -s $VIDNAS_JOB.pid ]]; then
    kill -TERM "$(<"$VIDNAS_JOB.pid")" || true
  fi
}
trap stop_search USR1 TERM

@SRUN@ &
step=$!
over=0 # since when the first node is done: Ray on the others may not notice
while kill -0 "$step" 2>/dev/null; do
  if [[ -e $VIDNAS_JOB.over ]]; then over=$((over + 1)); fi
  if ((over == 12)); then kill -TERM "$step" || true; fi
  if ((over == 24)); then kill -KILL "$step" || true; fi
  sleep 5 &
  wait "$!" || true # a signal ends it, and its trap runs
done

# `ray symmetric-run` ends with 0 where Ray did not start: only the file tells.
code=$(cat -- "$VIDNAS_JOB.exit" 2>/dev/null || true)
rm -f -- "$VIDNAS_JOB".{exit,pid,over}
if [[ -n $stopped && $code != 0 ]]; then
  echo "stopped before its end, and sent again" >&2
  scontrol requeue "$SLURM_JOB_ID"
  exit 0
fi
if [[ -z $code ]]; then
  echo "error: the search did not start: see what Ray said above" >&2
  exit 1
fi
exit "$code"
"""

_NODE = r"""#!/bin/bash
# Runs on every node of the job, with the options of its Ray.
set -uo pipefail
: "${VIDNAS_JOB:?is set by the batch script}"
ray symmetric-run --address "$VIDNAS_HEAD" --min-nodes "$VIDNAS_NODES" "$@" \
  -- bash ./search.sh
code=$?
if [[ $(hostname) == "$VIDNAS_HEAD_NAME" ]]; then : >"$VIDNAS_JOB.over"; fi
exit "$code"
"""

_SEARCH = r"""#!/bin/bash
# Runs on the first node of the job, once Ray is up on all.
set -uo pipefail
: "${VIDNAS_JOB:?is set by the batch script}"
@COMMAND@ &
echo "$!" >"$VIDNAS_JOB.pid"
wait "$!"
code=$?
echo "$code" >"$VIDNAS_JOB.exit.partial"
mv -- "$VIDNAS_JOB.exit.partial" "$VIDNAS_JOB.exit"
exit "$code"
"""
