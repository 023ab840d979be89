"""`vidnas submit kuberay`: a RayJob, and the command that applies it."""

import argparse
import re
import shlex
from importlib.metadata import version
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.job_options import (
    add_job,
    add_machines,
    node_shape,
    pairs,
    read_job,
    write_job,
)
from vidnas.cli.output import say
from vidnas.errors import InputError
from vidnas.study.cluster.kuberay import MANIFEST, KubeOptions, ray_job
from vidnas.study.cluster.manifest import manifest_text
from vidnas.study.cluster.node_groups import node_groups
from vidnas.study.experiment.reader import load_experiment

_EFFECTS = ("NoSchedule", "NoExecute", "PreferNoSchedule")
_REPEATED = {
    "claim": ("NAME=PATH", "a volume's claim, and where pods mount it"),
    "secret": ("VARIABLE=SECRET:KEY", "a variable of pods, from a Secret"),
    "node-selector": ("LABEL=VALUE", "machines that workers run on"),
    "toleration": ("KEY[=VALUE]:EFFECT", "a taint that workers bear, as of spot nodes"),
}


def add_kuberay(verbs: Any) -> None:
    """Adds `kuberay`."""
    kube = verbs.add_parser(
        "kuberay",
        help="write a RayJob",
        **described(
            "Writes a RayJob with its files for a Kubernetes cluster that has the "
            "KubeRay operator. Paths must lie on volumes of the pods or in an object "
            "store.",
            "vidnas submit kuberay experiments/quickstart.yaml --image me/vidnas:1 "
            "--claim shared=/shared --at .=/shared --memory-per-node '8 GiB'",
            "vidnas submit kuberay experiments/quickstart.yaml --image me/vidnas:1 "
            "--claim shared=/shared --at .=/shared --memory-per-node '8 GiB' "
            "--autoscale --toleration spot:NoSchedule --to jobs/spot",
        ),
    )
    add_job(kube, "kuberay")
    add_machines(kube)
    kube.add_argument("--image", required=True, help="image with vidnas and Ray")
    kube.add_argument("--namespace", default="", help="namespace of the job")
    kube.add_argument("--ray-version", help="Ray of the image; default this one's")
    for name, (form, words) in _REPEATED.items():
        kube.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar=form,
            help=f"{words}; may be repeated",
        )
    kube.add_argument(
        "--token-secret",
        default="",
        metavar="SECRET",
        help="Secret with Ray's token; default one that KubeRay makes",
    )
    kube.add_argument("--service-account", default="", metavar="NAME")
    kube.add_argument(
        "--autoscale",
        action="store_true",
        help="machines come when they are needed, from none on",
    )
    kube.add_argument(
        "--hours", type=positive, metavar="N", help="the longest that it may take"
    )
    kube.set_defaults(run=submit_kuberay)


def submit_kuberay(chosen: argparse.Namespace) -> None:
    """Writes the RayJob and says what applies it."""
    job = read_job(chosen)
    groups = node_groups(load_experiment(chosen.experiment).workers, node_shape(chosen))
    words = ("--trials", str(chosen.trials)) if chosen.trials else ()
    documents = ray_job(job, groups, _options(chosen), words)
    text = manifest_text(documents, _HEADING)
    folder = write_job(job, chosen, "kuberay", {MANIFEST: text})
    say(shlex.join(["kubectl", "apply", "-f", f"{folder}/{MANIFEST}"]))


_HEADING = """\
Written by `vidnas submit kuberay`. The study goes on where it stopped, so that the job
may be retried, or deleted and applied again."""


def _options(chosen: argparse.Namespace) -> KubeOptions:
    return KubeOptions(
        image=chosen.image,
        ray_version=chosen.ray_version or version("ray"),
        namespace=chosen.namespace,
        claims=_claims(pairs(chosen.claim, "--claim")),
        secrets=_secrets(pairs(chosen.secret, "--secret")),
        secret_of_token=chosen.token_secret,
        service_account=chosen.service_account,
        node_selector=pairs(chosen.node_selector, "--node-selector"),
        tolerations=tuple(map(_toleration, chosen.toleration)),
        autoscale=chosen.autoscale,
        deadline_seconds=chosen.hours and 3600 * chosen.hours,
    )


def _claims(found: dict[str, str]) -> dict[str, str]:
    for path in found.values():
        if not path.startswith("/"):
            raise InputError(f"`--claim` must mount an absolute path, got `{path}`.")
    return found


def _secrets(found: dict[str, str]) -> dict[str, tuple[str, str]]:
    secrets = {}
    for variable, text in found.items():
        holder, colon, key = text.partition(":")
        is_named = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable)
        if not (colon and is_named and re.fullmatch(r"[A-Za-z0-9._-]+", key)):
            raise InputError(
                f"`--secret` must be VARIABLE=SECRET:KEY, got `{variable}={text}`."
            )
        secrets[variable] = (holder, key)
    return secrets


def _toleration(text: str) -> tuple[str, str, str]:
    taint, _, effect = text.rpartition(":")
    key, _, value = taint.partition("=")
    if not key or effect not in _EFFECTS:
        raise InputError(
            f"`--toleration` must be KEY[=VALUE]:EFFECT, the effect one of "
            f"{', '.join(_EFFECTS)}; got `{text}`."
        )
    return key, value, effect
