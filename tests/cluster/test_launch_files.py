"""Launch files: understood by their readers, whatever names stand in them."""

import os
import shutil
import stat
import subprocess
import textwrap
from functools import cache
from pathlib import Path

import pytest
import yaml

from vidnas.cluster.job_files import Moves, job_files, job_label
from vidnas.cluster.kuberay import KubeOptions, ray_job
from vidnas.cluster.manifest import manifest_text
from vidnas.cluster.node_groups import NodeShape, node_groups
from vidnas.cluster.slurm import SCRIPT, SlurmOptions, slurm_scripts
from vidnas.errors import InputError
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.experiment.workers import WorkerGroup, Workers

SHARED = Path(os.environ.get("VIDNAS_SHARED", Path(__file__).parents[3] / "shared"))
CRD = SHARED / "reference" / "kuberay" / "rayjobs_crd.yaml"
ODD = [
    "plain",
    "two words",
    "$(touch pwned)",
    "`touch pwned`",
    'it\'s "quoted"; touch pwned',
    "grün ☃",
    "a: {b: !!python x}",
    "-n --flag",
    "#hash & | > x",
    "on",
    "1e3",
]
GIB = 2**30


def job_of(file, study="/shared/runs/x", moves=None):
    experiment = load_experiment(file)
    return job_files(experiment, file, file.parent, study, Moves(moves or {}))


def named(file, name):
    document = load_document(file).value
    file.write_text(dump_document({**document, "name": name}))
    return file


def scripts_of(job, folder, *, workers=None, **facts):
    groups = node_groups(workers or Workers(), NodeShape())
    return slurm_scripts(job, groups, SlurmOptions("8:00:00", **facts), str(folder))


KUBE = KubeOptions("me/vidnas:1", "2.60.0", claims={"shared": "/shared"})


def manifest_of(job, workers=None, options=KUBE, shape=None):
    groups = node_groups(workers or Workers(), shape or NodeShape(memory=8 * GIB))
    return ray_job(job, groups, options)


def test_a_job_takes_along_what_the_experiment_names_and_means_the_same(
    experiment_file,
):
    network = experiment_file.parent / "my net $x.yaml"
    experiment = load_experiment(experiment_file)
    rng = __import__("numpy").random.default_rng(0)
    chosen = experiment.space.decode(experiment.space.sample(rng))
    network.write_text(
        dump_document({"schema": "vidnas.architecture/v1", **chosen.to_document()})
    )
    document = load_document(experiment_file).value
    document["seeds"] = [network.name]
    document["known"] = ["old"]
    experiment_file.write_text(dump_document(document))
    here = str(experiment_file.parent)
    job = job_of(experiment_file, moves={here: "/data"})
    assert set(job.files) == {"experiment.yaml", "space.yaml", "my-net-x.yaml"}
    assert job.places == ("/data/clips", "/data/old")
    there = experiment_file.parent / "there"
    there.mkdir()
    for name, content in job.files.items():
        (there / name).write_bytes(content)
    read = load_experiment(there / "experiment.yaml")
    experiment = load_experiment(experiment_file)
    assert read.identity() == experiment.identity()
    assert read.starting_networks[0].network.name == "my net $x"
    assert read.clips.source == {"folder": "/data/clips"}
    assert str(read.earlier_studies[0].folder) == "/data/old"


def test_a_family_that_a_search_begins_with_travels_file_by_file(experiment_file):
    experiment = load_experiment(experiment_file)
    family = experiment_file.parent / "family"
    family.mkdir()
    rows = experiment.space.many.sample(__import__("numpy").random.default_rng(0), 2)
    networks = [experiment.space.decode(tuple(row)) for row in rows.tolist()]
    for size, network in enumerate(networks):
        file = family / f"a{size}.yaml"
        document = {"schema": "vidnas.architecture/v1", **network.to_document()}
        file.write_text(dump_document(document))
    document = load_document(experiment_file).value
    listed = {**document, "seeds": ["family"], "baselines": []}
    experiment_file.write_text(dump_document(listed))
    job = job_of(experiment_file)
    assert set(job.files) == {"experiment.yaml", "space.yaml", "a0.yaml", "a1.yaml"}


def test_a_search_by_score_needs_no_cluster(experiment_file):
    document = load_document(experiment_file).value
    for key in ("clips", "training", "front"):
        del document[key]
    score = {"name": "entropy_score", "classes": 2}
    experiment_file.write_text(dump_document({**document, "score": score}))
    with pytest.raises(InputError, match="must train to need a cluster, it searches"):
        job_of(experiment_file)


def test_a_shipped_space_travels_as_a_file(experiment_file):
    document = load_document(experiment_file).value
    document["space"] = "quickstart"
    experiment_file.write_text(dump_document(document))
    assert "quickstart.yaml" in job_of(experiment_file).files


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("/home/me/clips/a", "/data/clips/a"),
        ("/home/me", "/data"),
        ("/home/me/big/x", "s3://bucket/x"),
        ("/home/mean", "/home/mean"),
        ("s3://bucket/a", "s3://bucket/a"),
    ],
)
def test_the_longest_folder_that_holds_a_path_moves_it(text, there):
    moves = Moves({"/home/me": "/data", "/home/me/big": "s3://bucket/"})
    assert moves.there(text) == there


@pytest.mark.parametrize("name", ODD)
def test_a_label_is_what_every_system_takes(name):
    label = job_label(name, "/runs/x")
    assert len(label) <= 40
    assert label.replace("-", "").isalnum()
    assert label.isascii()
    assert label == label.lower()
    assert label != job_label(name, "/runs/y")


def test_machines_hold_as_many_workers_as_is_said():
    # Four workers of half a GPU: two a GPU, so two machines of one.
    workers = Workers.alike(count=4, cpus=2, gpus=0.5)
    (group,) = node_groups(workers, NodeShape())
    assert (group.nodes, group.each, group.cpus, group.gpus) == (2, 2, 4, 1)
    (group,) = node_groups(workers, NodeShape(gpus=4))
    assert (group.nodes, group.each, group.gpus) == (1, 8, 4)
    (group,) = node_groups(Workers.alike(count=4, memory=GIB), NodeShape(nodes=2))
    # Two workers of a training and a process, 1 GiB each, and 1 GiB for Ray.
    assert group.memory == 5 * GIB


def test_machines_too_small_or_unknown_are_refused():
    with pytest.raises(InputError, match=r"must hold a worker of 4 cores.*2 cores"):
        node_groups(Workers.alike(cpus=4), NodeShape(cpus=2))
    with pytest.raises(InputError, match="auto` must be a number for a cluster"):
        node_groups(Workers.alike(gpus=None), NodeShape())
    two = Workers((WorkerGroup("a"), WorkerGroup("b")))
    with pytest.raises(InputError, match="`--nodes` must be left out"):
        node_groups(two, NodeShape(nodes=2))


def read_by_bash(text, tmp_path):
    file = tmp_path / "script.sh"
    file.write_text(text)
    subprocess.run(["bash", "-n", str(file)], check=True)
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed; `bash -n` has read the script")
    # SC2016: names that look like expressions stand in single quotes, as they must.
    command = ["shellcheck", "--exclude=SC2016", str(file)]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.stdout == ""


@pytest.mark.parametrize("name", ODD)
def test_every_script_is_read_whatever_names_stand_in_it(
    name, experiment_file, tmp_path
):
    job = job_of(named(experiment_file, name), study=f"/runs/{name}")
    groups = Workers(
        (
            WorkerGroup("big", 2, 4, 1.0, resources={name: 1.0}, labels={"zone": name}),
            WorkerGroup(name, 3),
        )
    )
    for workers in (None, groups):
        scripts = scripts_of(
            job, tmp_path / name, workers=workers, modules=(name,), venv=f"/{name}"
        )
        for text in scripts.values():
            read_by_bash(text, tmp_path)


def test_a_directive_of_slurm_holds_no_word_of_a_shell(experiment_file, tmp_path):
    job = job_of(experiment_file)
    for facts in ({"partition": "a\nrm -rf x"}, {"account": "a b"}):
        with pytest.raises(InputError, match="must be of letters, digits"):
            scripts_of(job, tmp_path, **facts)
    with pytest.raises(InputError, match="`--sbatch` must be `--NAME=VALUE`"):
        scripts_of(job, tmp_path, further=("--wrap=$(x)",))


FAKES = {
    "scontrol": '[ "$1" = show ] && hostname; echo "scontrol $*" >>"$CALLS"',
    "getent": 'echo "127.0.0.1 STREAM $2"',
    "srun": 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"',
    "ray": (
        'echo "ray $*" >>"$CALLS"; [ -n "$BROKEN" ] && exit 0;'
        ' while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    ),
    "vidnas": (
        'echo "vidnas $*" >>"$CALLS"; trap "echo ended >>$CALLS; exit 130" TERM;'
        ' for _ in $(seq "${TENTHS:-1}"); do sleep 0.1; done; exit "${CODE:-0}"'
    ),
    # The script asks every 5 s; a test does not wait so long.
    "sleep": 'exec /bin/sleep "$([ "$1" = 5 ] && echo 0.1 || echo "$1")"',
}


@pytest.fixture
def slurm(experiment_file, tmp_path):
    """Starts a batch script among fakes, none of which starts or stops a Ray."""
    programs, calls = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    calls.touch()
    for name, body in FAKES.items():
        (programs / name).write_text(f"#!/bin/bash\n{body}\n")
        (programs / name).chmod(0o755)
    folder = tmp_path / "a job's $(touch pwned)"
    (folder / "files").mkdir(parents=True)
    job = job_of(named(experiment_file, "$(touch pwned)"), study="/runs/a b")
    for name, text in scripts_of(job, folder).items():
        (folder / name).write_text(text)

    def start(**variables):
        environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "CALLS": str(calls),
            "SLURM_JOB_ID": "12345",
            "SLURM_JOB_NODELIST": "n[1-2]",
            "BROKEN": "",
            **variables,
        }
        return subprocess.Popen(
            ["bash", str(folder / SCRIPT)],
            env=environment,
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start, calls, folder


def test_the_batch_script_runs_the_search_and_gives_its_exit_code(slurm):
    start, calls, folder = slurm
    for code in ("0", "2"):
        job = start(CODE=code)
        job.communicate(timeout=60)
        assert job.returncode == int(code)
    said = calls.read_text()
    assert "ray symmetric-run --address 127.0.0.1:22345 --min-nodes 2" in said
    assert "vidnas search files/experiment.yaml --study /runs/a b --resume auto" in said
    assert "requeue" not in said
    assert stat.S_IMODE((folder / "ray_token").stat().st_mode) == 0o600
    assert len((folder / "ray_token").read_text()) == 64
    assert not list(folder.parent.rglob("pwned"))
    assert not list(folder.glob("job-12345*"))


def test_a_ray_that_does_not_start_is_no_success(slurm):
    start, _, _ = slurm
    job = start(BROKEN="yes")
    _, said = job.communicate(timeout=60)
    assert job.returncode == 1
    assert "the search did not start" in said


def test_a_warning_of_slurm_stops_the_search_and_sends_the_job_again(slurm):
    start, calls, folder = slurm
    job = start(TENTHS="600")
    while not (folder / "job-12345.pid").is_file():
        assert job.poll() is None
    while "vidnas search" not in calls.read_text():
        assert job.poll() is None
    # The fake sets its trap right after it has told of itself.
    subprocess.run(["/bin/sleep", "0.3"], check=True)
    job.send_signal(10)
    job.communicate(timeout=60)
    assert job.returncode == 0
    assert "ended\n" in calls.read_text()
    assert "scontrol requeue 12345" in calls.read_text()


@cache
def schema():
    if not CRD.is_file():
        pytest.skip("the CRD of KubeRay is not at hand: VIDNAS_SHARED/reference")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    versions = yaml.load(CRD.read_text(), Loader=loader)["spec"]["versions"]
    (one,) = (v for v in versions if v["name"] == "v1")
    return _closed(one["schema"]["openAPIV3Schema"])


def _closed(node):
    """The schema as the API server has it: unknown keys are errors, `int-or-string`."""
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _closed(value) for key, value in node.items()}
    if found.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string"]
    is_open = found.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(found.get("properties"), dict) and not is_open:
        found.setdefault("additionalProperties", False)
    return found


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("autoscale", [False, True])
def test_a_ray_job_is_one_to_the_schema_of_kuberay(name, autoscale, experiment_file):
    import dataclasses

    import jsonschema

    job = job_of(named(experiment_file, name), study=f"/shared/{name}")
    job = dataclasses.replace(job, places=("/shared/clips",))
    workers = Workers(
        (
            WorkerGroup("GPU large", 4, 8, 0.5, resources={"a": 2.0}),
            WorkerGroup(name, 2, labels={"zone": "b"}),
        )
    )
    options = dataclasses.replace(
        KUBE,
        autoscale=autoscale,
        secrets={"AWS_KEY": ("store", "key")},
        tolerations=(("spot", "", "NoSchedule"), ("a", "b", "NoExecute")),
        node_selector={"pool": "true"},
        deadline_seconds=3600,
        service_account="me",
    )
    text = manifest_text(manifest_of(job, workers, options), "Of a test.")
    config, ray = yaml.safe_load_all(text)
    closed = schema()
    closed["properties"].pop("metadata", None)
    closed["additionalProperties"] = True
    jsonschema.Draft7Validator(closed).validate(ray)
    assert config["data"] == {n: c.decode() for n, c in job.files.items()}
    words = __import__("shlex").split(ray["spec"]["entrypoint"])
    assert words[:2] == ["vidnas", "search"]
    assert words[4] == f"/shared/{name}"


def test_pods_ask_for_what_they_get_run_without_root_and_hold_no_secret(
    experiment_file,
):
    import dataclasses

    job = dataclasses.replace(job_of(experiment_file), places=("s3://b/clips",))
    workers = Workers.alike(count=4, gpus=0.5)
    options = dataclasses.replace(KUBE, secrets={"AWS_KEY": ("store", "key")})
    _, ray = manifest_of(job, workers, dataclasses.replace(options, autoscale=True))
    spec = ray["spec"]
    assert spec["shutdownAfterJobFinishes"] is True
    assert spec["backoffLimit"] == 3
    assert "--resume auto" in spec["entrypoint"]
    cluster = spec["rayClusterSpec"]
    assert cluster["authOptions"] == {"mode": "token"}
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    (group,) = cluster["workerGroupSpecs"]
    assert (group["minReplicas"], group["maxReplicas"]) == (0, 2)
    pods = [cluster["headGroupSpec"], group, {"template": spec["submitterPodTemplate"]}]
    for pod in pods:
        inside = pod["template"]["spec"]
        assert inside["securityContext"]["runAsNonRoot"] is True
        (container,) = inside["containers"]
        size = container["resources"]
        assert size["requests"] == size["limits"]
        assert container["env"][1] == {
            "name": "AWS_KEY",
            "valueFrom": {"secretKeyRef": {"name": "store", "key": "key"}},
        }
    (container,) = group["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_what_would_go_with_its_pod_or_is_not_known_is_refused(experiment_file):
    import dataclasses

    job = job_of(experiment_file)
    with pytest.raises(InputError, match=r"Clips must lie on a volume.*--at HERE"):
        manifest_of(job)
    job = dataclasses.replace(job, places=())
    with pytest.raises(InputError, match="`--memory-per-node` must say"):
        manifest_of(job, Workers.alike(gpus=1.0), shape=NodeShape())
    with pytest.raises(InputError, match="ConfigMap holds"):
        manifest_of(dataclasses.replace(job, files={"a": b"x" * 2**21}))
    with pytest.raises(InputError, match="`--image` must be the name"):
        manifest_of(job, options=dataclasses.replace(KUBE, image="a; b"))
    with pytest.raises(InputError, match="`--claim` must be a name of small"):
        manifest_of(job, options=dataclasses.replace(KUBE, claims={"A b": "/shared"}))


@pytest.mark.parametrize("text", [*ODD, "null", "012", "0x1f", "12:30", "~", "a\nb\n"])
def test_text_in_a_manifest_is_text_to_every_reader(text):
    written = manifest_text([{"key": text}], "Of a test.")
    assert yaml.safe_load(written) == {"key": text}
    if text in ("on", "1e3", "null", "012", "0x1f", "12:30", "~"):
        assert f'key: "{text}"' in written


def test_a_heading_is_a_comment():
    text = manifest_text([{"a": "b"}], "one\ntwo")
    assert text == textwrap.dedent("""\
        # one
        # two
        ---
        a: b
    """)
