"""What `workers` of an experiment file says, and how it is written again."""

import re

import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.study.experiment.workers import WorkerGroup, Workers, read_workers

GIB = 2**30
SMALL = {"name": "small", "count": 6, "cpus": 4, "memory": "4 GiB"}
LARGE = {
    "name": "large",
    "count": 2,
    "gpus": 1,
    "memory": "60 GiB",
    "resources": {"a100": 1},
    "labels": {"ray.io/accelerator-type": "A100"},
    "hourly_cost": 2.5,
}


def read(document):
    return read_workers(Node(document, Origin("a.yaml"), ("workers",)))


def test_one_group_is_written_as_it_always_was():
    document = {"count": 3, "cpus": 2, "gpus": "auto", "memory": 4.0 * GIB}
    assert read(document).to_document() == document
    assert read({}) == Workers()
    assert Workers().to_document() == {
        "count": 2,
        "cpus": 1,
        "gpus": 0.0,
        "memory": "auto",
    }


def test_a_list_of_groups_keeps_what_each_says():
    workers = read([SMALL, LARGE])
    assert (workers.count, workers.memory) == (8, 60 * GIB)
    assert workers["large"].labels == {"ray.io/accelerator-type": "A100"}
    assert workers["large"].hourly_cost == 2.5
    assert read(workers.to_document()) == workers


def test_limits_hold_for_all_groups_and_for_one():
    limits = {"trial_hours": 2, "stalled_minutes": 5}
    several = read({"groups": [SMALL, LARGE], **limits})
    assert (several.trial_hours, several.stalled_minutes) == (2, 5)
    assert read(several.to_document()) == several
    one = read({"count": 1, **limits})
    assert one.groups == (WorkerGroup(count=1),)
    assert one.to_document()["stalled_minutes"] == 5


def test_memory_is_that_of_the_largest_group_or_without_limit():
    unlimited = {"name": "any", "memory": "auto"}
    assert read([SMALL, unlimited]).memory is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "`workers` must have at least one group, got none."),
        ([SMALL, SMALL], "names of `workers` must differ, got `small`."),
        ([{"count": 2}], "`workers[0]` must have the key `name`."),
        ([{"name": "a\x1b[2J"}], "`workers[0].name` must be without control"),
        ([{"name": "../x"}], "`workers[0].name` must be a name and no path"),
        ([{**SMALL, "count": 0}], "`workers[0].count` must be a whole number of at"),
        ([{**SMALL, "trial_hours": 1}], "unknown key `trial_hours` in `workers[0]`"),
        ({"trial_hours": 0}, "`workers.trial_hours` must be a positive number, got 0."),
        ({"stalled_minutes": -1}, "`workers.stalled_minutes` must be a number of at"),
        ({"hourly_cost": -1}, "`workers.hourly_cost` must be a number of at least 0"),
        ({"name": "one"}, "unknown key `name` in `workers`"),
        ({"resources": {"CPU": 2}}, "`CPU` of `workers.resources` is what `cpus`"),
        ({"resources": {"a": 1.5}}, "`workers.resources.a` must be a whole number, or"),
        ({"resources": ["a"]}, "`workers.resources` must be a mapping"),
        ({"labels": {"zone": 4}}, "`workers.labels.zone` must be text, got 4."),
        ({"labels": {"\x07": "a"}}, "keys of `workers.labels` must be printable"),
        ({"groups": [SMALL], "count": 2}, "unknown key `count` in `workers`"),
    ],
)
def test_a_wrong_group_is_said(document, says):
    with pytest.raises(InputError, match=re.escape(says)):
        read(document)


@pytest.mark.parametrize("gpus", [1.5, 2.25])
def test_several_gpus_are_a_whole_number(gpus):
    with pytest.raises(InputError, match="must be a whole number, or below 1"):
        read({"gpus": gpus})


def test_memory_is_priced_for_the_gpu_with_the_largest_part_of_a_batch():
    groups = (WorkerGroup("a", gpus=4.0), WorkerGroup("b", gpus=2.0))
    assert Workers(groups).gpus_of_a_training == 2
    assert Workers.alike(gpus=0.5).gpus_of_a_training == 1
