import altair as alt

from vidnas.views.charts.theme import inline


def test_the_rows_of_a_chart_are_never_copied():
    rows = [{"x": 1.0, "y": 2.0}]
    data = inline(rows)
    base = alt.Chart(data).mark_point().encode(x="x:Q", y="y:Q")
    layered = alt.layer(base, base.mark_line()).properties(width=90)
    layers = layered.layer
    held = layered.data if layered.data is not alt.Undefined else layers[0].data
    assert held is data
    assert held["values"] is rows
    (told,) = layered.to_dict()["datasets"].values()
    assert told == rows


def test_the_rows_of_a_chart_are_not_checked_cell_by_cell(monkeypatch):
    def check(*_, **__):
        raise AssertionError("a study of 10,000 trials has 200,000 cells")

    monkeypatch.setattr(alt.InlineData, "to_dict", check)
    assert inline([{"x": 1.0}])["values"] == [{"x": 1.0}]
