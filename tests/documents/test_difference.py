"""What differs between two documents is told place by place."""

from vidnas.documents.difference import changes


def test_every_place_that_differs_is_told_in_words():
    before = {"a": 1, "b": [1, 2], "c": [{"d": 1}, {"d": 2}], "e": "x", "f": 1.0}
    after = {"a": 2, "b": [2, 3], "c": [{"d": 1}], "f": 1, "g": [1, 2]}
    assert [str(change) for change in changes(before, after)] == [
        "a: 1 -> 2",
        "b: 3 added, 1 gone",
        "c[1]: gone, was {'d': 2}",
        "e: gone, was x",
        "g: new, 1, 2",
    ]
    assert str(changes({"a": [1, 2]}, {"a": [2, 1]})[0]) == "a: another order"
    assert changes(before, before) == ()
