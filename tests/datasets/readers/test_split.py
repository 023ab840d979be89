from collections import Counter

import numpy as np
import pytest

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.split import split_a_fifth
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError


def clips(counts, group=lambda label, n: ""):
    return [
        ClipEntry(f"/v/{label}/{n}.mp4", (label,), group=group(label, n), id=f"{n}.mp4")
        for label, count in enumerate(counts)
        for n in range(count)
    ]


def split(entries):
    return split_a_fifth(entries, [entry.id for entry in entries])


def held(entries):
    """Validation clips of each class."""
    found = Counter(e.labels[0] for e in entries if e.split == "val")
    return [found[label] for label in range(max(found, default=0) + 1)]


def test_a_fifth_is_round_n_by_5_at_least_one_and_at_most_all_but_one():
    counts = [*range(2, 60), 101, 997]
    assert held(split(clips(counts))) == [
        min(max(1, round(n / 5)), n - 1) for n in counts
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_clip_more_or_less_moves_at_most_one_other(seed):
    rng = np.random.default_rng(seed)
    entries = clips([40, 7])
    removed = entries.pop(int(rng.integers(len(entries))))
    before = {e.path: e.split for e in split(entries)}
    entries.insert(int(rng.integers(len(entries))), removed)
    after = {e.path: e.split for e in split(entries)}
    assert sum(after[path] != side for path, side in before.items()) <= 1


def test_the_order_of_the_clips_decides_nothing():
    entries = clips([23, 11])
    backwards = {e.path: e.split for e in split(entries[::-1])}
    assert {e.path: e.split for e in split(entries)} == backwards


@pytest.mark.parametrize("people", [3, 5, 12])
def test_a_group_is_on_one_side_and_every_class_on_both(people):
    entries = split(clips([60, 45, 30], lambda label, n: f"person {n % people}"))
    sides = {(e.group, e.split) for e in entries}
    assert len(sides) == people
    assert all(held(entries))
    share = sum(held(entries)) / len(entries)
    assert abs(share - 0.2) <= 1 / people


def test_groups_of_unequal_size_come_near_a_fifth():
    # One person in half of the clips; the others share the rest.
    entries = split(clips([100, 100], lambda _, n: f"p{n}" if n >= 50 else "p"))
    assert held(entries) == [20, 20]
    assert {e.split for e in entries if e.group == "p"} == {"train"}


def test_parts_of_one_video_are_on_one_side():
    entries = [
        ClipEntry(f"/v/{n // 4}.mp4", (n % 2,), n, n + 1, id=f"{n}") for n in range(80)
    ]
    sides = {(e.path, e.split) for e in split(entries)}
    assert len(sides) == 20


def test_clips_of_several_classes_are_split_by_class():
    rng = np.random.default_rng(0)
    entries = [
        ClipEntry(
            f"/v/{n}.mp4", tuple(sorted(rng.choice(6, 2, replace=False))), id=f"{n}"
        )
        for n in range(300)
    ]
    found = split(entries)
    for label in range(6):
        of_class = [e for e in found if label in e.labels]
        share = sum(e.split == "val" for e in of_class) / len(of_class)
        assert abs(share - 0.2) < 0.05


@pytest.fixture
def people(tmp_path):
    """Four people who wave and clap, three clips of each."""
    for name in ("clap", "wave"):
        for person in ("ann", "bob", "cid", "dan"):
            for n in range(3):
                file = tmp_path / name / person / f"{person}_{n}_take.mp4"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize("group", [1, r"/(\w+?)_\d", r"^[a-z]+(?=/)"])
def test_people_are_on_one_side_by_folder_or_pattern(people, group):
    index = read_index(ClipSource.of({"folder": str(people), "group": group}))
    sides = {split: {e.group for e in found} for split, found in index.splits.items()}
    assert len(sides["train"]) == 3
    assert len(sides["val"]) == 1
    assert not sides["train"] & sides["val"]
    assert index.notices == ()


def test_a_group_on_both_sides_of_a_given_split_is_said(people):
    for split in ("train", "val"):
        for name in ("clap", "wave"):
            place = people / "d" / split / name / "ann"
            place.mkdir(parents=True)
            (place / "1.mp4").write_bytes(b"x")
    index = read_index(ClipSource.of({"folder": str(people / "d"), "group": 1}))
    assert index.notices == (
        "1 group has clips in both `train` and `val`, such as ann",
    )


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (3, "must tell clips apart, no clip has the folder 3; one is `ann/ann_0_take"),
        ("zoe", "no clip has the pattern `zoe`"),
        ("(", r"position or a pattern, got `\(`: "),
    ],
)
def test_a_group_that_tells_nothing_apart_is_refused(people, group, message):
    with pytest.raises(ClipError, match=message):
        read_index(ClipSource.of({"folder": str(people), "group": group}))


def test_clips_in_no_group_are_said(people):
    index = read_index(
        ClipSource.of({"folder": str(people), "group": "(ann|bob|cid)/"})
    )
    assert index.notices == (
        "6 clips in no group, each one of its own, such as dan/dan_0_take.mp4",
    )
