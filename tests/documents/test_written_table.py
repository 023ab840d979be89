from vidnas.documents.written_table import Table, latex, markdown


def test_markdown_is_a_table_whatever_names_hold():
    rows = Table(
        ("group", "n"), (("a|b *c*", "1 ± 2"), ("<b>", "3")), frozenset({(0, 1)})
    )
    assert markdown(rows).splitlines() == [
        "| group | n |",
        "| --- | ---: |",
        r"| a\|b \*c\* | **1 ± 2** |",
        r"| \<b> | 3 |",
    ]


def test_latex_is_a_table_whatever_names_hold():
    rows = Table(
        ("group", "top-1 [%]"), ((r"a_b & \c", "1.0 ± 0.2"),), frozenset({(0, 1)})
    )
    assert latex(rows).splitlines() == [
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"group & top-1 [\%] \\",
        r"\midrule",
        r"a\_b \& \textbackslash{}c & {\boldmath $1.0 \pm 0.2$} \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_latex_takes_no_sign_of_a_name_for_another():
    told = latex(Table(("[a]", "n"), (("[b] <c> | d", "2 x 3"),))).splitlines()
    assert told[2] == r"{}[a] & n \\"
    name = r"{}[b] \textless{}c\textgreater{} \textbar{} d"
    assert told[4] == name + r" & 2 $\times$ 3 \\"
