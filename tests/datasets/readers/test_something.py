import json

import pytest

from vidnas.errors import ClipError

PUT, PUSH = (
    "Putting [something] on [a surface]",
    "Pushing [something] so \u201cit\u201d, falls",
)
PLAIN = (
    PUT.replace("[", "").replace("]", ""),
    "Pushing something so \u201cit\u201d, falls",
)


def clip(number, template):
    placed = template.replace("[something]", "a cup")
    return {"id": str(number), "label": placed, "template": template}


@pytest.fixture
def ssv2(write, videos):
    videos(
        *(f"20bn/{n}.webm" for n in (1, 2, 4, 5)), "20bn/6/00001.jpg", "20bn/6/2.jpg"
    )
    train = [clip(1, PUT), clip(2, PUSH), clip(3, PUT), clip(9, "Holding [something]")]
    return write(
        {
            "labels/train.json": json.dumps(train),
            "labels/val.json": json.dumps([clip(4, PUT), clip(5, PUSH), clip(6, PUT)]),
            "labels/test.json": json.dumps([{"id": "7"}, {"id": "8"}]),
            "labels/labels.json": json.dumps({PLAIN[1]: "0", PLAIN[0]: "1"}),
        }
    )


def test_something_something_is_read_row_by_row(ssv2, read, rows, left_out):
    index = read(
        something="labels/train.json", val="labels/val.json", test="labels/test.json",
        classes="labels/labels.json", videos="20bn",
    )  # fmt: skip
    assert index.classes == (PLAIN[1], PLAIN[0])  # by number, not by name
    assert rows(index) == [
        ("train", "20bn/1.webm", PLAIN[0], "1"),
        ("train", "20bn/2.webm", PLAIN[1], "2"),
        ("val", "20bn/4.webm", PLAIN[0], "4"),
        ("val", "20bn/5.webm", PLAIN[1], "5"),
        ("val", "20bn/6", PLAIN[0], "6"),
    ]
    assert left_out(index) == {
        "missing file": (1, "3"),
        "class that `classes` lacks": (1, "Holding something"),
        "without a label": (2, "7"),
    }


def test_without_labels_templates_are_the_classes(ssv2, read):
    index = read(something="labels/train.json", val="labels/val.json", videos="20bn")
    assert index.classes == (PLAIN[1], PLAIN[0])  # by name


def test_lines_of_version_one_and_jester_are_read(write, read, rows):
    frames = {f"j/{n}/{k:05}.jpg": "x" for n in (1, 2) for k in (1, 2)}
    write(
        {
            **frames,
            "t.csv": "1;Swiping Left\n2;Swiping Right\n",
            "n.csv": "Swiping Left\nSwiping Right\n",
        }
    )
    index = read(something="t.csv", val="t.csv", classes="n.csv", videos="j")
    assert rows(index)[:2] == [
        ("train", "j/1", "Swiping Left", "1"), ("train", "j/2", "Swiping Right", "2")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "train.json must be JSON: Expecting property name"),
        ("{}", "must hold a list of clips with `id` and `template`"),
        ('[{"label": "x"}]', "must have an `id` in every clip, number 0 lacks it"),
    ],
)
def test_other_json_is_refused(ssv2, write, read, text, message):
    write({"labels/train.json": text})
    with pytest.raises(ClipError, match=message):
        read(something="labels/train.json", val="labels/val.json", videos="20bn")
