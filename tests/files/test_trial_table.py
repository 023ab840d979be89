import pytest

from vidnas.errors import InputError
from vidnas.files.trial_table import read_trial_table


@pytest.mark.parametrize(
    "text",
    [
        "name,top1\na,71.5\n\nb,\n",
        "\ufeffname,top1\r\na, 71.5\r\n,\r\nb\r\n",
        'name\ttop1\n"a"\t71.5\nb\t\n',
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    table = read_trial_table(path)
    assert table.columns == ("name", "top1")
    assert [row.cells for row in table.rows] == [
        {"name": "a", "top1": "71.5"},
        {"name": "b"},
    ]
    assert [row.number("top1") for row in table.rows] == [71.5, None]
    assert table.rows[0].place == f"{path}, line 2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must begin with names"),
        (b"a,b\n", "must have lines"),
        (b"a,a\n1,2\n", "line 1: a column must stand once, `a` stands 2 times"),
        (b"a,b\n1,2,3\n", "line 2: a line must have no more cells than line 1"),
        (b"a,b\n1,\xff\n", "it holds other bytes"),
        (b'a,b\n1,"2\n', "line 2: a line must be cells apart by commas or tabs"),
    ],
)
def test_what_is_no_table_is_told_with_its_line(tmp_path, content, said):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_trial_table(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_trial_table(tmp_path / "absent.csv")


def test_a_cell_of_another_kind_is_told_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("top1,epochs\nhigh,1.5\n")
    (row,) = read_trial_table(path).rows
    with pytest.raises(
        InputError, match=r"line 2: `top1` must be a number, got `high`"
    ):
        row.number("top1")
    with pytest.raises(InputError, match=r"line 2: `epochs` must be a whole number"):
        row.count("epochs")
