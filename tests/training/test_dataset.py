"""The clips that a training opens, against those that its study counted."""

import dataclasses
import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.architecture.parts import Clip
from vidnas.clips.check import ClipReport
from vidnas.clips.findings import count_kinds
from vidnas.clips.transforms import NONE, Transforms
from vidnas.clips.window import Window
from vidnas.datasets.source import ClipSource
from vidnas.errors import ClipError
from vidnas.training import dataset as module
from vidnas.trials.recipe import Evaluation, Recipe

_spec = importlib.util.spec_from_file_location(
    "small", Path(__file__).with_name("small_clips.py")
)
SMALL = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(SMALL)


@pytest.fixture
def opened(monkeypatch):
    """Sixteen clips in each split, and a folder that now counts as told."""
    monkeypatch.setattr(module, "open_clips", SMALL.open_small(16))
    module._require_readable.cache_clear()

    def open_with(train, val, unreadable=()):
        report = ClipReport(("a", "b"), {"train": train, "val": val}, unreadable)
        monkeypatch.setattr(module, "check_clips", lambda folder: report)
        return module.open_dataset(
            SMALL.small_architecture(), ClipSource.of("c"), Recipe()
        )

    return open_with


def test_clips_as_they_were_counted_are_taken(opened):
    module.require_counted(opened((0, 0), (0, 0)), ClipSource.of("c"), (16, 16))


def test_clips_are_opened_at_the_rate_and_in_the_colours_of_the_network(monkeypatch):
    monkeypatch.setattr(module, "open_clips", SMALL.open_small(4))
    network = SMALL.small_architecture()
    for facts, wanted in (({}, (None, 3)), ({"fps": 12.5, "channels": 1}, (12.5, 1))):
        clip = replace(network.clip, **facts)
        dataset = module.open_dataset(
            replace(network, clip=clip), ClipSource.of("c"), Recipe()
        )
        for split in (dataset.train, dataset.val):
            assert (split.fps, split.channels) == wanted
            (clips, _), *_ = split.batches(2, seed=0, epoch=0, augment=False)
            assert clips.shape == (2, 4, 16, 16, wanted[1])


@pytest.fixture
def asked(monkeypatch):
    """What is asked of both splits, by a recipe."""

    def ask(**fields):
        found = {}

        def open_clips(source, split, **facts):
            found[split] = facts["frames"], facts["memory_limit_bytes"] > 0
            return SMALL.open_small(4)(source, split, **facts)

        monkeypatch.setattr(module, "open_clips", open_clips)
        architecture = SMALL.small_architecture()  # of 4 frames
        module.open_dataset(architecture, ClipSource.of("c"), Recipe(**fields))
        return found["train"], found["val"]

    return ask


def test_both_splits_are_held_at_the_frames_of_the_network_unless_asked(asked):
    assert asked() == ((4, True), (4, True))


def test_longer_clips_are_measured_on_and_shorter_ones_never(asked):
    assert asked(evaluation=Evaluation(frames=9)) == ((4, True), (9, True))
    assert asked(evaluation=Evaluation(frames=3)) == ((4, True), (4, True))


def test_what_is_decoded_anew_is_not_held(asked):
    assert asked(evaluation=Evaluation(clips=2)) == ((4, True), (4, False))
    assert asked(random_start=True) == ((4, False), (4, True))
    assert asked(stride_jitter=1) == ((4, False), (4, True))


def test_every_transform_of_a_recipe_reaches_the_clips():
    transforms = module.transforms_of(Recipe(mixup=0.3, erasing=0.2, random_start=True))
    assert transforms == Transforms(mixup=0.3, erasing=0.2, random_start=True)
    assert module.transforms_of(Recipe()) == NONE


def test_clips_that_came_or_went_during_a_search_are_no_ones_to_compare(opened):
    clips = opened((8, 8), (8, 8), ("b/1.mp4 is empty.",))
    with pytest.raises(ClipError) as refused:
        module.require_counted(clips, ClipSource.of("c"), (16, 24))
    assert str(refused.value) == (
        "c must hold the clips that the study began with, 16 train and 24 val, it "
        "holds 16 and 16; unreadable: b/1.mp4 is empty."
    )


def test_a_clip_that_is_readable_in_part_alone_counts_as_it_did(opened, monkeypatch):
    clips = opened((9, 8), (8, 8))
    module.require_counted(clips, ClipSource.of("c"), (17, 16))
    # It is looked at once in a process, not for every trial.
    monkeypatch.setattr(module, "check_clips", None)
    module.require_counted(clips, ClipSource.of("c"), (17, 16))


def test_what_opening_met_is_told_beside_what_is_known_before(odd_files, tmp_path):
    source = ClipSource.of(tmp_path / "videos")
    odd_files.write_folder(tmp_path / "videos", per_class=20, every=4)
    architecture = dataclasses.replace(
        SMALL.small_architecture(), clip=Clip(frames=8, resolution=16, frame_stride=4)
    )
    window = Window(8, 4)
    dataset = module.open_dataset(architecture, source, Recipe())
    found = module.dataset_findings(dataset, source, window)
    counts = count_kinds(found)
    assert counts["still_broken"] == 1  # a hole, which only decoding meets
    assert (counts["unreadable"], counts["one_picture"]) == (3, 2)
    assert len({(one.kind, one.id) for one in found}) == len(found)
    assert dataset.faults == {
        "still_clips": 3.0,
        "short_clips": 0.0,  # both are damaged too, which is worse
        "damaged_clips": 2.0,
    }
    assert dataset.counts["skipped_clips"] == 3.0
