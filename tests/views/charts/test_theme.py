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
