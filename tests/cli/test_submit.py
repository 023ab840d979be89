"""What a user types to run a study elsewhere, and what is written for it."""

import subprocess

import pytest

from vidnas.cli import submit
from vidnas.study.cluster.ray_jobs import Job


@pytest.fixture
def jobs(monkeypatch):
    """A job server that takes everything; what is asked of it."""
    asked = []

    class Jobs:
        def __init__(self, address, token, label):
            asked.append(label)

        def all(self):
            return [Job("vidnas-small-1", "FAILED", "out of \x1bdisk")]

        def running(self):
            return None

        def send(self, entrypoint, files):
            asked.append(entrypoint)
            asked.append(sorted(path.name for path in files.iterdir()))
            return Job("vidnas-small-2", "RUNNING", ""), True

        def follow(self, job, show, lost):
            show("a line\x1b[2J\n")
            return Job(job.id, asked.pop(), "Exit code 1.")

    monkeypatch.setattr(submit, "RayJobs", Jobs)
    return asked


ADDRESS = ("--address", "http://head:8265")


def test_a_study_is_sent_with_its_files_and_a_script_that_a_person_can_read(
    folder, vidnas, jobs
):
    code, out, err = vidnas("submit", "ray", "experiment.yaml", *ADDRESS, "--no-follow")
    assert (code, out) == (0, "vidnas-small-2  RUNNING\n")
    assert "job         vidnas-small-2, sent" in err
    label, entrypoint, files = jobs
    assert label.startswith("vidnas-small-")
    assert entrypoint == (
        f"vidnas search experiment.yaml --study {folder}/runs/small --resume auto "
        "--address auto"
    )
    assert files == ["experiment.yaml", "space.yaml"]
    script = folder / "jobs" / "small" / "ray" / "submit.sh"
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert entrypoint in script.read_text()


@pytest.mark.parametrize(("status", "code"), [("SUCCEEDED", 0), ("FAILED", 1)])
def test_the_end_of_a_job_is_that_of_the_command(status, code, folder, vidnas, jobs):
    words = ("submit", "ray", "experiment.yaml", *ADDRESS)
    real = submit.RayJobs.send

    def send(self, *given):
        found = real(self, *given)
        jobs.append(status)
        return found

    submit.RayJobs.send = send
    got, _, err = vidnas(*words)
    assert got == code
    assert "a line\\x1b[2J\n" in err
    if code:
        assert "error: Job vidnas-small-2 ended as FAILED: Exit code 1." in err


def test_status_is_said_without_a_control_and_stop_needs_a_job(folder, vidnas, jobs):
    words = ("submit", "ray", "experiment.yaml", *ADDRESS)
    assert vidnas(*words, "--status")[1] == "vidnas-small-1  FAILED  out of \\x1bdisk\n"
    code, _, err = vidnas(*words, "--stop")
    assert code == 2
    assert "`--stop` needs a running job of the study" in err


def test_slurm_and_kubernetes_get_files_and_the_command_that_sends_them(folder, vidnas):
    code, out, _ = vidnas("submit", "slurm", "experiment.yaml", "--time", "1:00:00")
    there = folder / "jobs" / "small" / "slurm"
    assert (code, out) == (0, f"sbatch --chdir={there} {there}/job.sbatch\n")
    code, out, _ = vidnas(
        *("submit", "kuberay", "experiment.yaml", "--image", "me/x:1"),
        *("--claim", "shared=/shared", "--at", f"{folder}=/shared"),
        *("--at", f"{(folder / 'clips').resolve()}=/shared/clips"),
        *("--memory-per-node", "8 GiB", "--trials", "9", "--to", "k"),
    )
    assert (code, out) == (0, f"kubectl apply -f {folder}/k/rayjob.yaml\n")
    text = (folder / "k" / "rayjob.yaml").read_text()
    assert "--study /shared/runs/small --resume auto --address auto --trials 9" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--at", "clips"), "must be HERE=THERE, got `clips`"),
        (("--at", "a=b"), "must lead to an absolute path, got `b`"),
        (("--memory-per-node", "lots"), "must be a size such as 64 GiB, got `lots`"),
        (("--claim", "x"), "`--claim` must be NAME=VALUE, each once, got `x`"),
        (("--claim", "x=y"), "`--claim` must mount an absolute path, got `y`"),
        (("--secret", "A=b"), "`--secret` must be VARIABLE=SECRET:KEY, got `A=b`"),
        (("--toleration", "spot"), "`--toleration` must be KEY[=VALUE]:EFFECT"),
    ],
)
def test_a_wrong_word_is_one_line(words, says, folder, vidnas):
    command = ("submit", "kuberay", "experiment.yaml", "--image", "x", *words)
    code, _, err = vidnas(*command)
    assert code == 2
    assert says in err
    assert len(err.splitlines()) == 1
