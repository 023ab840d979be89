"""`vidnas submit`: a study on a cluster, through Ray Jobs, Slurm or Kubernetes."""

import argparse
import json
import shlex
import sys
from typing import Any

from vidnas.cli.command_help import described, show_help_alone
from vidnas.cli.job_options import add_job, read_job, write_job
from vidnas.cli.output import note, say, say_json
from vidnas.cli.submit_kuberay import add_kuberay
from vidnas.cli.submit_slurm import add_slurm
from vidnas.documents.visible_text import visible
from vidnas.errors import EvaluationError, StudyError
from vidnas.study.cluster.job_files import JobFiles
from vidnas.study.cluster.ray_jobs import Job, RayJobs, runtime_environment
from vidnas.study.cluster.ray_token import ray_token


def add_commands(commands: Any) -> None:
    """Adds `submit` with its verbs."""
    submit = commands.add_parser(
        "submit",
        **described(
            "Writes the launch files of a study for a cluster. With Ray Jobs it sends "
            "and follows it too.",
            "vidnas submit ray experiments/quickstart.yaml --address http://head:8265",
            "vidnas submit slurm experiments/quickstart.yaml --time 8:00:00",
        ),
    )
    show_help_alone(submit)
    verbs = submit.add_subparsers(metavar="WHERE")
    _add_ray(verbs)
    add_slurm(verbs)
    add_kuberay(verbs)


def _add_ray(verbs: Any) -> None:
    ray = verbs.add_parser(
        "ray",
        help="send it to a running Ray cluster, and follow it",
        **described(
            "Sends a study to the job server of a Ray cluster, and follows its log. "
            "Where a job of the study runs, that one is followed; Ctrl-C leaves it "
            "running.",
            "vidnas submit ray experiments/quickstart.yaml --address http://head:8265",
            "vidnas submit ray experiments/quickstart.yaml --address http://head:8265 "
            "--stop",
        ),
    )
    add_job(ray, "ray")
    ray.add_argument(
        "--address",
        required=True,
        metavar="URL",
        help="Ray's dashboard, http://HEAD:8265",
    )
    what = ray.add_mutually_exclusive_group()
    what.add_argument(
        "--no-follow", action="store_true", help="send it, and do not wait"
    )
    what.add_argument("--status", action="store_true", help="say how its jobs are")
    what.add_argument("--stop", action="store_true", help="end the job that runs")
    ray.add_argument("--json", action="store_true", help="print one JSON object")
    ray.set_defaults(run=submit_ray)


def submit_ray(chosen: argparse.Namespace) -> None:
    """Sends a study, follows it, says how it is, or stops it."""
    job = read_job(chosen)
    jobs = RayJobs(chosen.address, ray_token(), job.label)
    if chosen.status:
        _say_status(jobs.all(), chosen.json)
    elif chosen.stop:
        _stop(jobs, chosen.json)
    else:
        _send(jobs, job, chosen)


def _send(jobs: RayJobs, job: JobFiles, chosen: argparse.Namespace) -> None:
    entrypoint = shlex.join(job.search("", _search_words(chosen)))
    script = _SCRIPT.format(
        address=shlex.quote(chosen.address),
        env=shlex.quote('{"env_vars": ' + _env_json() + "}"),
        entrypoint=entrypoint,
    )
    folder = write_job(job, chosen, "ray", {"submit.sh": script})
    sent, is_new = jobs.send(entrypoint, folder / "files")
    note(f"job         {sent.id}, {'sent' if is_new else 'runs already'}")
    if chosen.no_follow:
        _say_job(sent, chosen.json)
        return
    try:
        ended = jobs.follow(sent, _show, _lost)
    except KeyboardInterrupt:
        note(f"The job goes on; `--stop` ends it, the same command follows {sent.id}.")
        raise
    _say_job(ended, chosen.json)
    if ended.status != "SUCCEEDED":
        raise EvaluationError(f"Job {ended.id} ended as {ended.status}: {_why(ended)}")


def _search_words(chosen: argparse.Namespace) -> tuple[str, ...]:
    """Further words of `vidnas search` that were asked for."""
    return ("--trials", str(chosen.trials)) if chosen.trials else ()


def _env_json() -> str:
    return json.dumps(runtime_environment(".")["env_vars"])


def _show(piece: str) -> None:
    sys.stderr.write(visible(piece))
    sys.stderr.flush()


def _lost(reason: str) -> None:
    note(f"server      does not answer ({reason}); the job goes on, asked again")


def _why(job: Job) -> str:
    return f"{job.message.rstrip('.')}." if job.message else "nothing else is said."


def _stop(jobs: RayJobs, as_json: bool) -> None:
    running = jobs.running()
    if running is None:
        raise StudyError("`--stop` needs a running job of the study, there is none.")
    _say_job(jobs.stop(running), as_json)


def _say_status(found: list[Job], as_json: bool) -> None:
    if as_json:
        say_json({"jobs": [{"id": j.id, "status": j.status} for j in found]})
        return
    for job in found:
        say(f"{job.id}  {job.status}  {job.message}".rstrip())
    if not found:
        say("no job of the study")


def _say_job(job: Job, as_json: bool) -> None:
    if as_json:
        say_json({"id": job.id, "status": job.status, "message": job.message})
    else:
        say(f"{job.id}  {job.status}")


_SCRIPT = """#!/bin/bash
# Written by `vidnas submit ray`: the same by hand. The study goes on where it stopped.
set -euo pipefail
cd -- "$(dirname -- "$0")/files"
exec ray job submit --address {address} --working-dir . \\
  --runtime-env-json {env} --no-wait -- \\
  {entrypoint}
"""
