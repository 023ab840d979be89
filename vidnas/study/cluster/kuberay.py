"""How does a study run on Kubernetes? As a RayJob, which KubeRay may begin again.

A retry is a new Ray cluster, so the search goes on where the study stopped. Pods run
without root, take what they ask for and no more, and hold no token in plain text.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vidnas.errors import InputError
from vidnas.study.cluster.job_files import JobFiles
from vidnas.study.cluster.node_groups import NodeGroup
from vidnas.study.workers.machine import OBJECT_STORE_BYTES

MANIFEST = "rayjob.yaml"
FOLDER = "/vidnas/job"  # where pods see the files of the job
MOST_BYTES = 2**20  # of a ConfigMap, Kubernetes' own limit
_IMAGE = re.compile(r"[A-Za-z0-9._:@/-]+")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_GPU = "nvidia.com/gpu"


@dataclass(frozen=True, slots=True)
class KubeOptions:
    """What a user says of the job and its pods.

    Args:
        image: Image that holds vidnas and Ray.
        ray_version: Version of Ray in it.
        namespace: Namespace; empty for the one that kubectl uses.
        claims: Path where pods see a volume, by the name of its claim.
        secrets: Variables of pods by name, each the name of a Secret and its key.
        secret_of_token: Name of the Secret that holds Ray's token under `auth_token`;
            empty to let KubeRay make one.
        service_account: Service account of pods; empty for one without a token.
        node_selector: Labels of the machines that workers run on.
        tolerations: Taints that workers bear: key, value (which may be empty), effect.
        head_cpus: Cores of the head.
        head_memory: Memory of the head [bytes].
        user: User that pods run as.
        autoscale: Whether machines come when they are needed and go again.
        deadline_seconds: The longest that the job may take; None for no limit.
        kept_seconds: How long the finished job is kept.
        retries: Retries, each on a new Ray cluster.
    """

    image: str
    ray_version: str
    namespace: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    secret_of_token: str = ""
    service_account: str = ""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[tuple[str, str, str], ...] = ()
    head_cpus: int = 2
    head_memory: int = 8 * 2**30
    user: int = 1000
    autoscale: bool = False
    deadline_seconds: int | None = None
    kept_seconds: int = 3600
    retries: int = 3


def ray_job(
    job: JobFiles,
    groups: Sequence[NodeGroup],
    options: KubeOptions,
    search: tuple[str, ...] = (),
) -> list[dict[str, Any]]:
    """The ConfigMap of the job's files and the RayJob.

    Args:
        job: Files of the job.
        groups: Machines to ask for.
        options: What a user says of the job and its pods.
        search: Further words of `vidnas search`.

    Raises:
        InputError: the files are too large, a machine's memory is not known, a path is
            on no volume, or a name is none of Kubernetes'.
    """
    _require_names(options)
    _require_volumes(job, options)
    pods = _Pods(job, options)
    cluster: dict[str, Any] = {
        "rayVersion": options.ray_version,
        "authOptions": {"mode": "token", **_token(options)},
        **({"enableInTreeAutoscaling": True} if options.autoscale else {}),
        "headGroupSpec": pods.head(),
        "workerGroupSpecs": [
            pods.workers(group, name)
            for group, name in zip(groups, _group_names(groups), strict=True)
        ],
    }
    deadline = options.deadline_seconds
    spec: dict[str, Any] = {
        "entrypoint": shlex.join(job.search(FOLDER, search)),
        "submissionMode": "K8sJobMode",
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": options.kept_seconds,
        "backoffLimit": options.retries,
        **({"activeDeadlineSeconds": deadline} if deadline else {}),
        "submitterPodTemplate": pods.submitter(),
        "rayClusterSpec": cluster,
    }
    return [
        _files(job, options),
        {
            "apiVersion": "ray.io/v1",
            "kind": "RayJob",
            "metadata": _metadata(job.label, job, options),
            "spec": spec,
        },
    ]


class _Pods:
    """Pods of one job: the same image, volumes, variables and rights in each."""

    def __init__(self, job: JobFiles, options: KubeOptions) -> None:
        self._job = job
        self._options = options

    def head(self) -> dict[str, Any]:
        """The head, which trains nothing."""
        options = self._options
        size = _size(options.head_cpus, 0, options.head_memory)
        template = self._template("ray-head", size)
        if options.autoscale:  # its autoscaler asks Kubernetes for machines
            template["spec"].pop("automountServiceAccountToken")
        return {
            "rayStartParams": {"num-cpus": "0", "num-gpus": "0"},
            "template": template,
        }

    def workers(self, group: NodeGroup, name: str) -> dict[str, Any]:
        """The machines of a group, as pods, under a name that is Kubernetes'."""
        options = self._options
        if group.memory is None:
            raise InputError(
                "`--memory-per-node` must say the memory of a machine"
                f"{f' of group {group.name}' if group.name else ''}: `workers.memory` "
                "is that of a GPU, or not stated."
            )
        size = _size(group.cpus, group.gpus, group.memory)
        template = self._template("ray-worker", size)
        if options.node_selector:
            template["spec"]["nodeSelector"] = dict(options.node_selector)
        if options.tolerations:
            template["spec"]["tolerations"] = [
                _bears(*one) for one in options.tolerations
            ]
        least = 0 if options.autoscale else group.nodes
        return {
            "groupName": name,
            "replicas": least,
            "minReplicas": least,
            "maxReplicas": group.nodes,
            "rayStartParams": {"object-store-memory": str(OBJECT_STORE_BYTES)},
            **_ray_names(group),
            "template": template,
        }

    def submitter(self) -> dict[str, Any]:
        """The pod that hands the entrypoint to the head, and follows it."""
        size = {"cpu": "500m", "memory": "512Mi"}
        template = self._template("ray-job-submitter", size)
        template["spec"]["restartPolicy"] = "Never"
        return template

    def _template(self, name: str, size: dict[str, str]) -> dict[str, Any]:
        options = self._options
        volumes = [
            {"name": "job", "configMap": {"name": _files_name(self._job)}},
            *(
                {"name": f"volume-{n}", "persistentVolumeClaim": {"claimName": claim}}
                for n, claim in enumerate(options.claims)
            ),
        ]
        mounts: list[dict[str, Any]] = [
            {"name": "job", "mountPath": FOLDER, "readOnly": True},
            *(
                {"name": f"volume-{n}", "mountPath": path}
                for n, path in enumerate(options.claims.values())
            ),
        ]
        account = options.service_account
        return {
            "metadata": {"labels": _labels(self._job)},
            "spec": {
                **({"serviceAccountName": account} if account else {}),
                "automountServiceAccountToken": False,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": options.user,
                    "fsGroup": options.user,
                    "fsGroupChangePolicy": "OnRootMismatch",
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": name,
                        "image": options.image,
                        "env": _variables(options),
                        "resources": {"requests": size, "limits": dict(size)},
                        "securityContext": {
                            "allowPrivilegeEscalation": False,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "volumeMounts": mounts,
                    }
                ],
                "volumes": volumes,
            },
        }


def _size(cpus: int, gpus: int, memory: int) -> dict[str, str]:
    """What a pod asks for, and all that it gets."""
    size = {"cpu": str(cpus), "memory": f"{-(-memory // 2**20)}Mi"}
    return {**size, _GPU: str(gpus)} if gpus else size


def _ray_names(group: NodeGroup) -> dict[str, Any]:
    """Resources and labels by which Ray finds the machines of a group.

    KubeRay takes all of a machine's resources from here, or else from its pod.
    """
    found: dict[str, Any] = {}
    if group.resources:
        found["resources"] = {
            "CPU": str(group.cpus),
            "GPU": str(group.gpus),
            **{name: f"{amount:g}" for name, amount in group.resources.items()},
        }
    if group.labels:
        found["labels"] = dict(group.labels)
    return found


def _bears(key: str, value: str, effect: str) -> dict[str, str]:
    if value:
        return {"key": key, "operator": "Equal", "value": value, "effect": effect}
    return {"key": key, "operator": "Exists", "effect": effect}


def _variables(options: KubeOptions) -> list[dict[str, Any]]:
    """Variables of a pod; secrets by their names alone."""
    secret = [
        {
            "name": name,
            "valueFrom": {"secretKeyRef": {"name": holder, "key": key}},
        }
        for name, (holder, key) in options.secrets.items()
    ]
    return [{"name": "RAY_USAGE_STATS_ENABLED", "value": "0"}, *secret]


def _token(options: KubeOptions) -> dict[str, str]:
    return {"secretName": options.secret_of_token} if options.secret_of_token else {}


def _labels(job: JobFiles) -> dict[str, str]:
    return {"app.kubernetes.io/name": "vidnas", "app.kubernetes.io/instance": job.label}


def _metadata(name: str, job: JobFiles, options: KubeOptions) -> dict[str, Any]:
    where = {"namespace": options.namespace} if options.namespace else {}
    return {"name": name, **where, "labels": _labels(job)}


def _files_name(job: JobFiles) -> str:
    return f"{job.label}-{job.digest}"


def _files(job: JobFiles, options: KubeOptions) -> dict[str, Any]:
    """The job's files, as pods mount them; other files have another name."""
    size = sum(map(len, job.files.values()))
    if size > MOST_BYTES:
        raise InputError(
            f"The files of a job must be at most {MOST_BYTES} bytes together, which a "
            f"ConfigMap holds; they are {size}."
        )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(_files_name(job), job, options),
        "immutable": True,
        "data": {name: content.decode() for name, content in job.files.items()},
    }


def _group_names(groups: Sequence[NodeGroup]) -> list[str]:
    """`gpu-large` of `GPU large`, each once; Kubernetes takes no others."""
    names: list[str] = []
    for group in groups:
        plain = re.sub(r"[^a-z0-9]+", "-", group.name.lower()).strip("-")[:30]
        name = plain.strip("-") or "workers"
        while name in names:
            name = f"{name}-{len(names) + 1}"
        names.append(name)
    return names


def _require_names(options: KubeOptions) -> None:
    """Raises where a word is none that Kubernetes takes."""
    if not _IMAGE.fullmatch(options.image):
        raise InputError(
            f"`--image` must be the name of an image, got `{options.image}`."
        )
    named = {
        "--namespace": [options.namespace],
        "--claim": list(options.claims),
        "--token-secret": [options.secret_of_token],
        "--service-account": [options.service_account],
        "--secret": [holder for holder, _ in options.secrets.values()],
    }
    for word, names in named.items():
        for name in filter(None, names):
            if not _NAME.fullmatch(name):
                raise InputError(
                    f"`{word}` must be a name of small letters, digits, `-` and `.`, "
                    f"got `{name}`."
                )


def _require_volumes(job: JobFiles, options: KubeOptions) -> None:
    """Raises where a path is on no volume: it would go with its pod."""
    mounted = [path.rstrip("/") + "/" for path in options.claims.values()]
    for word, place in [("The study", job.study), *(("Clips", p) for p in job.places)]:
        if "://" in place or any(f"{place}/".startswith(path) for path in mounted):
            continue
        raise InputError(
            f"{word} must lie on a volume of the pods or in an object store, got "
            f"{place}: `--claim NAME=PATH` mounts a volume, `--at HERE=THERE` says "
            "where pods see a folder."
        )
