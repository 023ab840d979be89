"""Networks in the pages of a study and of a space."""

import re

import vidnas
from vidnas.views.pages.report import write_report
from vidnas.views.pages.space_page import space_page


def test_the_report_draws_the_network_of_every_filled_size(history, tmp_path):
    path = tmp_path / "report.html"
    write_report(history, path)
    page = path.read_text(encoding="utf-8")
    filled = [size for size in history.family() if size.trial]
    drawn = re.findall(r'font-weight="600">(A\d), trial (\d+)<', page)
    assert drawn == [(s.name.upper(), str(s.trial.number)) for s in filled]


def test_the_page_of_a_space_draws_three_of_its_networks():
    page = space_page(vidnas.load_space("quickstart"), 8)
    assert len(re.findall(r'font-weight="600">\w+ of 200 sampled, ', page)) == 3
