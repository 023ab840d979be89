import re

import pytest

import vidnas
from vidnas.errors import InputError
from vidnas.views.comparison.sentences import lead
from vidnas.views.comparison.tables import studies_table


@pytest.fixture(scope="module")
def view(three_groups):
    return vidnas.compare({f"<{name}>": some for name, some in three_groups.items()})


@pytest.fixture(scope="module")
def page(view, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "comparison.html"
    view.report(path)
    view.report(path)  # its own page is written anew
    return path.read_text(encoding="utf-8")


def test_the_page_says_the_answer_and_every_number_of_the_tables(view, page):
    body = page.partition("<script")[0]
    assert "&lt;better&gt; is above &lt;plain&gt;" in body
    assert "<plain>" not in body
    assert body.count("<table>") == 4
    assert body.count("<svg") == 2
    for *_, volume, ladder in studies_table(view.comparison).rows:
        assert f">{volume}<" in body
        assert f">{ladder}<" in body
    for note in view.comparison.notes:
        assert note[1:] in body.replace("&lt;", "<").replace("&gt;", ">")


def test_the_page_loads_nothing_and_names_no_folder_of_its_author(page, three_groups):
    body = page.partition("<script")[0]
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', body)
    assert "default-src 'none'" in body
    assert str(three_groups["plain"][0].parent) not in page


def test_a_page_of_somebody_else_is_not_replaced(view, tmp_path):
    (tmp_path / "mine.html").write_text("<title>mine</title>")
    with pytest.raises(InputError, match="earlier page of a comparison"):
        view.report(tmp_path / "mine.html")
    assert (tmp_path / "mine.html").read_text() == "<title>mine</title>"


def test_the_answer_is_one_sentence_whatever_came_out(three_groups, studies):
    def said(some):
        return lead(vidnas.compare(some).comparison)

    plain, better, equal = three_groups.values()
    assert said(three_groups) == (
        "9 studies in 3 groups, compared at 6 trials: in top-1 within a budget, better "
        "is above plain, better is above equal, beyond the noise; other differences "
        "are noise."
    )
    assert "no difference in top-1 is beyond the noise" in said([*plain, *equal])
    assert "one seed of each cannot tell" in said([plain[0], better[0]])
    assert re.search(r"the ladder is at [\d.]+ % \(± [\d.]+\) top-1", said(plain))
    assert "the ladder is at" in said({"x": [studies(0), studies(1)]})
