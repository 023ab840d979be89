import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, SpaceError
from vidnas.files.yaml_file import dump_document, load_document


def node(value):
    return Node(value, Origin("made.yaml", error=SpaceError))


def refusal(read):
    """What is said when `read` is called."""
    with pytest.raises(InputError) as refused:
        read()
    return str(refused.value)


SCALARS = {
    "1e-3": 1e-3,
    "1E3": 1000.0,
    ".5": 0.5,
    "-1.5": -1.5,
    "+3": 3,
    "010": 10,
    "08": 8,
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "on": "on",
    "off": "off",
    "yes": "yes",
    "no": "no",
    "True": "True",
    "12:30": "12:30",
    "1_000": "1_000",
    "0x10": "0x10",
    "2020-01-01": "2020-01-01",
    "3x3x3": "3x3x3",
    "20 M": "20 M",
    "'1'": "1",
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_scalars_are_those_of_yaml_1_2(text, value, write):
    read = load_document(write(f"key: {text}\n")).need("key").value
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", [t for t, v in SCALARS.items() if isinstance(v, str)])
def test_text_that_looks_like_something_else_survives_its_file(text, write):
    document = {"key": text.strip("'"), "more": [text, 1, 0.001, True, None]}
    assert load_document(write(dump_document(document))).value == document


@pytest.mark.parametrize("text", ["1e3", "1234567890e12345", "0891234567891234"])
def test_an_identity_that_looks_like_a_number_survives_its_file(text, write):
    # One in about a thousand hexadecimal identities does.
    document = {"arch_id": text}
    assert load_document(write(dump_document(document))).value == document


def test_a_file_that_is_not_text_says_so(tmp_path, write):
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"\x00\xff\xfe")
    assert refusal(lambda: load_document(video)) == (
        f"{video} cannot be read: it is not UTF-8 text."
    )
    control = write("a: 1\nb: \x00\n")
    assert refusal(lambda: load_document(control)) == (
        f"{control}, line 2 is not valid YAML: it must not hold the control character "
        "U+0000."
    )


def test_numbers_survive_their_file(write):
    document = {"numbers": [1e-5, 2e7, 1.0, -3, 10**18, 0.1], "deep": {"a": {"b": []}}}
    assert load_document(write(dump_document(document))).value == document


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "a: [1, 2\nb: 3\n",
            2,
            " is not valid YAML: expected ',' or ']', but got ':'.",
        ),
        (
            "a: 1\n  b: 2\n",
            2,
            " is not valid YAML: mapping values are not allowed here.",
        ),
        ("a: 1\nb: *c\n", 2, " is not valid YAML: found undefined alias 'c'."),
        (
            "a: 1\n\tb: 2\n",
            2,
            " is not valid YAML: found character '\\t' that cannot start any ",
        ),
        ("[1]: 2\n", 1, " is not valid YAML: found unhashable key."),
        ("a: 1\n---\nb: 2\n", 2, " is not valid YAML: but found another document."),
        (
            "a: 1\nb:\n  - 1\na: 2\n",
            4,
            ": `a` must stand once, it is on line 1 already.",
        ),
        ("a:\n  b: 1\n  b: 2\n", 3, ": `b` must stand once, it is on line 2 already."),
    ],
)
def test_what_is_not_a_document_is_refused_on_its_line(text, line, message, write):
    path = write(text)
    said = refusal(lambda: load_document(path))
    assert said.startswith(f"{path}, line {line}{message}")


def test_the_same_key_may_stand_in_two_mappings(write):
    text = "a: {b: 1}\nc: {b: 2}\nd: [{b: 3}, {b: 4}]\n"
    document = load_document(write(text)).value
    assert document == {"a": {"b": 1}, "c": {"b": 2}, "d": [{"b": 3}, {"b": 4}]}


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    missing = tmp_path / "missing.yaml"
    assert refusal(lambda: load_document(missing)) == (
        f"{missing} cannot be read: No such file or directory."
    )
    assert refusal(lambda: load_document(tmp_path)) == (
        f"{tmp_path} cannot be read: Is a directory."
    )


def test_a_document_raises_the_error_it_was_opened_for(write):
    path = write("a: 1\n")
    with pytest.raises(SpaceError, match=r"line 1: `a` must be text, got 1\.$"):
        load_document(path, SpaceError).need("a").text()
    with pytest.raises(SpaceError, match="is not valid YAML"):
        load_document(write("a: ["), SpaceError)


def test_errors_name_the_line_of_the_nearest_known_value(write):
    path = write("\n\ntop:\n  list:\n    - 1\n    - word\n")
    (_, second) = load_document(path).need("top").need("list").items()
    assert second.label == "top.list[1]"
    assert refusal(second.integer) == (
        f"{path}, line 6: `top.list[1]` must be a whole number of at least 1, "
        "got `word`."
    )
    # No line of its own: the one above it.
    assert second.origin.place(("top", "list", 9)) == f"{path}, line 4"


def test_a_document_made_in_python_is_named_without_a_line():
    assert refusal(lambda: node({"a": 1}).need("b")) == (
        "made.yaml: `document` must have the key `b`."
    )


def test_absent_keys_take_their_default():
    document = node({"a": 5})
    assert document.read("a", Node.integer, 1) == 5
    assert document.read("b", Node.integer, 1) == 1
    assert document.get("b") is None


@pytest.mark.parametrize(
    ("value", "read", "message"),
    [
        ([1], lambda n: n.fields("a"), "`document` must be a mapping, got [1]."),
        (3, lambda n: n.items(), "`document` must be a list, got 3."),
        ("", lambda n: n.text(), "`document` must be text, got ``."),
        (11, lambda n: n.integer(0, 9), "must be a whole number from 0 to 9, got 11."),
        (1.0, lambda n: n.integer(), "must be a whole number of at least 1, got 1.0."),
        (-1, lambda n: n.number(), "must be a number of at least 0, got -1."),
        (2, lambda n: n.number(maximum=1), "must be a number from 0 to 1, got 2."),
        (True, lambda n: n.number(), "must be a number of at least 0, got true."),
        (float("nan"), lambda n: n.number(), "a number of at least 0, got nan."),
        ("x" * 5, lambda n: n.flag(), "must be true or false, got `xxxxx`."),
        (
            "20 Mb",
            lambda n: n.quantity(),
            "must be a positive quantity such as `20 M` or 2e7, got `20 Mb`.",
        ),
        (0, lambda n: n.quantity(), "`20 M` or 2e7, got 0."),
        ("1e999 M", lambda n: n.quantity(), "`20 M` or 2e7, got `1e999 M`."),
        (list(range(99)), lambda n: n.text(), "10, 11, 12, 13, 14, 15, 16...."),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_it_must_be(value, read, message):
    said = refusal(lambda: read(node(value)))
    assert said.startswith("made.yaml: `document` must be ")
    assert said.endswith(message)


def test_options_are_one_value_or_several():
    assert node(3).options(Node.integer) == (3,)
    assert node([3, 1]).options(Node.integer) == (3, 1)


def test_quantities_carry_multipliers():
    assert node("64 MiB").byte_count() == 64 * 2**20
    assert node(2e7).quantity() == 2e7


def test_all_missing_keys_are_named_at_once():
    document = node({"a": {"b": 1}, "c": 2})
    assert document.require("a", "a.b", "c", "c.d") is document  # `c` is no mapping
    assert refusal(lambda: document.require("x")) == (
        "made.yaml: `document` must have the key `x`."
    )
    assert refusal(lambda: document.require("x", "x.y", "a.z", "c", "w")) == (
        "made.yaml: `document` must have the keys `x`, `a.z` and `w`."
    )
