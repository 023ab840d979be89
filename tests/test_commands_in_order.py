"""Every command of README and docs, in their order, by somebody with a fresh clone.

Commands run as they are typed, in one folder, so that none may break a later one. What
would take hours is made smaller by `SMALLER`; what needs a cluster is not run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vidnas.datasets.motion.generate import write_motion
from vidnas.trials.promotion import ENOUGH

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
SHARED = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared"))
CHECKPOINTS = {
    "movinet_a0_base": SHARED / "oracle" / "a0_base_3d_checkpoint",
    "movinet_a0_stream": SHARED / "oracle" / "a0_stream_2plus1d_checkpoint",
}
# What a command begins with, and what is typed in its place, so that it takes a minute.
TINY = "--frames 4 --resolution 32"
SMALLER = [
    # The environment is this one; the test suite would run itself.
    (r"^make run", "make -o .venv/.ready run"),
    (r"^make test", "make -n test"),
    (r"^(vidnas proxy check .*?)(--sample \d+)?$", rf"\1 --sample {ENOUGH}"),
    (r"^(vidnas train runs/\S+ .*)--epochs \d+", r"\1--epochs 1"),
    (r"^(vidnas train \S+.*)--epochs \d+", rf"\1--epochs 1 {TINY}"),
    (r"^(vidnas search \S+ --seed \d+)( --trials \d+)?$", r"\1 --trials 3"),
    (r"^(vidnas search gestures.yaml --trials) \d+$", r"\1 3"),
    (r"^(vidnas latency check .*)--networks \d+", r"\1--networks 3 --space quickstart"),
    (r"^(vidnas latency measure .*)", r"\1 --seconds 30 --space quickstart"),
    (r"^(python \S+\.py).*", r"\1 --help"),
    # It serves until somebody says that it is enough.
    (r"^(vidnas board .*)", r"timeout --preserve-status --signal=INT 10 \1"),
]
# A file that a page shows in whole, and tells its reader to save.
SAVED = re.compile(r"Save this as `(\S+\.yaml)`[^`]*\n\n```yaml\n(.*?)```", re.S)
NEEDS_A_CLUSTER = "--address"
LONGEST = 1800  # seconds of a command


def commands() -> list[tuple[str, str]]:
    """Page and command, comments left out, in the order in which they are read."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                typed = line.partition(" #")[0].strip()
                if typed and not typed.startswith("#"):
                    found.append((page, typed))
    return found


def smaller(typed: str) -> str:
    """The command, with less effort where it would take long."""
    for pattern, replacement in SMALLER:
        shorter = re.sub(pattern, replacement, typed)
        if shorter != typed:
            return shorter
    return typed


def test_commands_are_read_in_order_and_made_smaller():
    typed = [command for _, command in commands()]
    assert typed[0] == "make run"
    assert smaller("make run") == "make -o .venv/.ready run"
    assert smaller("vidnas train movinet-a0 --clips v --epochs 60 --flip") == (
        f"vidnas train movinet-a0 --clips v --epochs 1 {TINY} --flip"
    )
    assert smaller("vidnas front runs/quickstart") == "vidnas front runs/quickstart"
    # Nobody writes over what an earlier line wrote.
    written = [w for c in typed for w in re.findall(r"--(?:out|to) (\S+)", c)]
    assert len(written) == len(set(written))
    # Nor trains what another line trains by another recipe, in one folder.
    alone = [c for c in typed if re.match("vidnas train(?!.*--out)", c)]
    trained = [(c.split()[2], " --stream " in c) for c in alone]
    assert len(trained) == len(set(trained))


def fresh_clone(folder: Path) -> Path:
    """The working tree without what git ignores, and this environment in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    bin_folder = folder / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin_folder / "vidnas").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m vidnas "$@"\n'
    )
    for program in bin_folder.iterdir():
        program.chmod(0o755)
    return folder


def give_what_a_reader_has(folder: Path) -> None:
    """Videos of one's own, and checkpoints where they are at hand."""
    for name in ("my_videos", "other_videos"):
        write_motion(folder / name, seed=1, train_per_class=3, val_per_class=2, size=32)
    (folder / "annotations").mkdir()
    for split in ("train", "val"):
        write_kinetics(folder, split)
    for name, source in CHECKPOINTS.items():
        if source.is_dir():
            (folder / name).symlink_to(source)


def write_kinetics(folder: Path, split: str) -> None:
    """The videos of a split as Kinetics has them, a third of them missing."""
    rows = ["label,youtube_id,time_start,time_end,split"]
    (folder / "k400" / split).mkdir(parents=True)
    videos = sorted((folder / "my_videos" / split).rglob("*.mp4"))
    for n, video in enumerate(videos):
        name = f"{split:_<9}{n:02d}"
        rows.append(f'"moving {video.parent.name}",{name},{n},{n + 10},{split}')
        shutil.copy(video, folder / "k400" / split / f"{name}_{n:06d}_{n + 10:06d}.mp4")
    rows += [f"gone,{n:011d},0,10,{split}" for n in range(len(videos) // 2)]
    (folder / "annotations" / f"{split}.csv").write_text("\n".join(rows))


def python_of(page: str) -> str:
    """The Python of README as one program; it reads frames that a reader would have."""
    text = (ROOT / page).read_text(encoding="utf-8")
    program = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    video = "import tensorflow as tf\nvideo = [tf.zeros([1, 1, 172, 172, 3])] * 2\n"
    return program.replace("for frame in video", f"{video}for frame in video")


def six_lines() -> str:
    """README's shortest experiment."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (shortest,) = (b for b in blocks if b.startswith("schema: vidnas.experiment"))
    return shortest


def test_the_shortest_experiment_has_six_lines():
    assert len(six_lines().splitlines()) == 6


@pytest.mark.real
def test_no_command_breaks_a_later_one(tmp_path):
    folder = fresh_clone(tmp_path / "clone")
    give_what_a_reader_has(folder)
    environment = {
        **os.environ,
        "PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(folder),
    }
    broken, left_out = [], []

    def run(command: str | list[str], shown: str) -> None:
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        if done.returncode:
            broken.append(f"{shown}: {done.returncode}\n{done.stderr[-2000:]}")

    seen = ""
    for page, typed in commands():
        if seen == "README.md" and page != seen:
            # What README shows beside its commands, once there is a study.
            run([sys.executable, "-c", python_of("README.md")], "README's Python")
            (folder / "my.yaml").write_text(six_lines())
            run("vidnas search my.yaml --trials 3", "README's six lines")
        if seen != page:
            text = (ROOT / page).read_text(encoding="utf-8")
            for name, content in SAVED.findall(text):
                (folder / name).write_text(content)
        seen = page
        missing = [n for n in CHECKPOINTS if n in typed and not (folder / n).exists()]
        if NEEDS_A_CLUSTER in typed or missing:
            left_out.append(typed)
            continue
        if "my_a2.yaml" in typed:  # a network of one's own
            kept = sorted((folder / "runs" / "quickstart" / "family").glob("a*.yaml"))
            shutil.copy(kept[2], folder / "my_a2.yaml")
        run(smaller(typed), f"{page}: {typed}")
    assert not broken, "\n\n".join(broken)
    assert all(NEEDS_A_CLUSTER in typed or "--weights" in typed for typed in left_out)
