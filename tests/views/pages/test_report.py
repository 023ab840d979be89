import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from vidnas.documents.quantity import format_count
from vidnas.files.loading import load_space
from vidnas.study import load_history
from vidnas.study.experiment.recorded import FoundClips
from vidnas.study.experiment.stated_family import StatedFamily
from vidnas.trials import Front
from vidnas.trials.ladders.stated import StatedBudgets, StatedLadder
from vidnas.views.pages.report import write_report
from vidnas.views.text.scores import agreement_text

SPACE = Path(__file__).parents[3] / "search_spaces" / "quickstart.yaml"


class Page(HTMLParser):
    """Texts, scripts, and everything that could make a browser load something."""

    LOADING = ("src", "href", "xlink:href", "data", "poster", "srcset", "action")

    def __init__(self, source):
        super().__init__()
        self.tags, self.loads = [], []
        self.styles, self.texts, self.scripts = [], [], []
        self.within = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.within = tag
        for name, value in attributes:
            if name in self.LOADING:
                self.loads.append(value)
            if name == "style":
                self.styles.append(value)

    def handle_data(self, data):
        kinds = {"script": self.scripts, "style": self.styles}
        kinds.get(self.within, self.texts).append(data)

    def handle_endtag(self, tag):
        self.within = ""

    @property
    def text(self):
        return " ".join(self.texts).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def source(history, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(history, path)
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def test_the_page_loads_nothing_from_anywhere(page, source):
    # A reference inside the page itself, such as a clip path, is no load.
    assert [load for load in page.loads if not load.startswith("#")] == []
    styles = " ".join(page.styles)
    assert "@import" not in styles
    assert "url(" not in styles
    assert not {"link", "iframe", "object", "embed", "base"} & set(page.tags)
    assert "Content-Security-Policy\" content=\"default-src 'none';" in source


def test_the_page_says_how_a_score_ranks_what_was_trained(page, history):
    found = agreement_text(history)
    assert found.startswith("entropy_score against ")
    assert f"A score needs no training. {found}." in page.text


def test_nothing_but_a_namespace_is_an_address(page):
    addresses = re.findall(r"https?://[^\"'\s<]+", "".join(page.scripts) + page.text)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}


def test_the_front_is_drawn_for_wide_screens_and_for_narrow_ones(history, source):
    start = source.index('<figure class="plot" id="front">')
    front = source[start : source.index("</figure>", start)]
    assert re.findall(r'<svg class="(broad|middle|slim)"', front) == [
        "broad",
        "middle",
        "slim",
    ]
    filled = [size.name.upper() for size in history.family() if size.trial]
    assert sorted(re.findall(r'class="name"[^>]*>(A\d)<', front)) == sorted(3 * filled)
    done = sum(trial.state == "done" for trial in history.trials)
    beaten = done - len(history.front())
    assert [data.count("h0") for data in re.findall(r'"dots" d="([^"]*)"', front)] == [
        1,  # in the legend
        beaten,
        beaten,
        beaten,
    ]
    assert "Baselines" not in source


def test_the_script_knows_every_trial_and_where_it_stands(history, page):
    data = json.loads(page.scripts[0])
    assert [row[0] for row in data["rows"]] == [t.number for t in history.trials]
    for row, trial in zip(data["rows"], history.trials, strict=True):
        assert bool(row[4]) == (trial.state == "done")
        assert len(row[2]) == len(data["columns"])
        assert len(row[3]) == sum(number for _, number in data["columns"])
        assert row[2][-2] == trial.arch_id


def test_the_page_says_what_was_searched(page, history):
    done = sum(trial.state == "done" for trial in history.trials)
    budget = format_count(history.experiment.document["budgets"]["flops"])
    candidates = load_space(SPACE).count()
    for words in (
        f"{candidates:.2e} candidates",
        f"flops at most {budget}",
        f"{done} done, {len(history.trials) - done} failed, 0 running, effort 40",
        f"{history.refused['flops']} by flops",
        "640 for training, 256 for validation",
        "optimizer adamw",
        "validation clips that the search itself chose by",
        "FLOPs are multiply-adds",
    ):
        assert words in page.text


def test_every_trial_is_listed_and_the_failed_say_why(page, history):
    for trial in history.trials:
        assert trial.arch_id in page.text
    failed = sum(trial.state == "failed" for trial in history.trials)
    rows = page.text.partition("or why it failed")[2].partition("Why these networks")[0]
    assert rows.count("out of memory at batch 32") == failed > 0


def test_the_hypervolume_stands_with_its_reference_point(page, history):
    flops = format_count(history.reference["flops"])
    point = f"{flops} FLOPs and {history.reference['top1']:g} % top-1."
    assert f"up to the reference point of {point}" in page.text


def test_every_rung_of_the_family_is_shown(page, history):
    for size in history.family():
        assert size.name.upper() in page.text


def test_a_page_computes_the_front_of_its_study_once(history, tmp_path, monkeypatch):
    sizes, of = [], Front.of
    monkeypatch.setattr(
        Front, "of", lambda trials, o: sizes.append(len(trials)) or of(trials, o)
    )
    history = load_history(history.folder)
    write_report(history, tmp_path / "report.html")
    # The progress curve adds one trial at a time to the front so far.
    assert sizes.count(len(history.compared)) == 1
    assert sum(size > 1 + len(history.front()) for size in sizes) == 1


def test_user_text_is_escaped(page, source):
    assert "<shy>" not in source
    assert "<script>alert" not in source
    assert "growing, <shy> & co" in page.text
    assert "<script>alert('&')</script>" in page.text


def test_an_empty_rung_is_said_in_words(history, tmp_path):
    ladder = StatedLadder((StatedBudgets("flops", (1e3, 3e7)),))
    experiment = replace(history.experiment, family=StatedFamily(ladder))
    head = replace(history.head, experiment=experiment)
    write_report(replace(history, head=head), tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert "a0 is empty: no front trial between 0 and 1 k FLOPs." in page.text
    assert "1 of 2 sizes hold a network." in page.text


def test_a_study_without_a_done_trial_gets_a_page_that_says_so(unfinished, tmp_path):
    write_report(unfinished, tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert "No trial of this study is done yet" in page.text
    assert page.text.count("no decoder") == 4  # three rows, and the reason
    assert "figure" not in page.tags


def test_a_study_that_has_only_begun_gets_a_page(unfinished, tmp_path):
    write_report(replace(unfinished, trials=()), tmp_path / "report.html")
    assert "No trial has been started." in (tmp_path / "report.html").read_text("utf-8")


def test_reasons_of_failures_stand_once_and_lead_to_their_trials(source, history):
    failed = [t.number for t in history.trials if t.state == "failed"]
    words = source.partition('<section id="not-trained-to-the-end">')[2]
    words = words.partition("</section>")[0]
    assert words.count("out of memory at batch 32") == 1
    assert f"<p>Failed: {len(failed)}.</p>" in words
    assert f'<a href="#trial-{failed[0]}">{failed[0]}</a>' in words
    refused = history.refused["flops"]
    assert f"Refused by a budget, before anything was trained: {refused} by" in words


def test_progress_is_over_trials_and_hours_and_who_worked_is_seen(source):
    ids = re.findall(r'<figure class="plot" id="(\w+)">', source)
    assert ids == ["front", "grown", "hours", "work"]


HIDDEN = "a\x1b[2J\u202e</script><img src=x onerror=alert(1)>"
PLACE = Path("/home/author/project")


@pytest.fixture(scope="module")
def doctored(history, tmp_path_factory):
    """The page of a study of strange names, on the disk of somebody."""
    document = history.experiment.document
    workers = {"count": 2, "cpus": 1, "gpus": 0.0, "memory": 9478690000.0}
    facts = replace(
        history.experiment,
        document={**document, "workers": workers},
        workers=workers,
        clips={"folder": str(PLACE / "data" / HIDDEN)},
    )
    head = replace(
        history.head,
        name=HIDDEN,
        experiment=facts,
        classes=(HIDDEN, *history.classes[1:]),
    )
    reason = f"{PLACE / 'data' / HIDDEN}/1.mp4 cannot be read"
    trials = tuple(
        replace(trial, reason=reason) if trial.state == "failed" else trial
        for trial in history.trials
    )
    study = replace(history, folder=PLACE / "runs" / "study", head=head, trials=trials)
    path = tmp_path_factory.mktemp("doctored") / "report.html"
    write_report(study, path)
    return path.read_text("utf-8")


def test_numbers_are_in_units_of_people(doctored):
    text = Page(doctored).text
    assert "count 2, cpus 1, gpus 0, memory 8.83 GiB" in text
    assert not re.search(r"[0-9]e\+0[0-9]\b", text.replace("candidates", ""))


def test_no_place_of_the_authors_disk_is_on_the_page(doctored):
    assert "/home/author" not in doctored
    assert "from ../../data/a\\x1b[2J" in Page(doctored).text
    assert "../../data/a\\x1b[2J\\u202e</script>" in Page(doctored).text
    assert "/1.mp4 cannot be read" in Page(doctored).text


def test_hidden_characters_and_markup_in_names_are_seen_and_do_nothing(doctored):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", Page(doctored).text)
    assert "\x1b[2J" not in doctored.partition("<script type")[0]
    page = Page(doctored)
    assert "img" not in page.tags[: page.tags.index("script")]
    assert page.tags.count("script") == 2
    assert page.tags[-1] == "script"
    assert doctored.rstrip().endswith("</script></body></html>")


def test_what_is_wrong_with_the_clips_is_told(history, tmp_path):
    assert "wrong with clips" not in written(history, tmp_path)  # nobody looked
    found = (FoundClips("short", 2, "shorter than the window of <8> frames"),)
    head = replace(history.head, found=found)
    trials = tuple(
        replace(trial, measured={**trial.measured, "still_clips": 3.0})
        for trial in history.trials
    )
    text = written(replace(history, head=head, trials=trials), tmp_path)
    assert "wrong with clips" in text
    assert "2 shorter than the window of <8> frames" in text
    assert "clips met by one trial" in text
    assert "3 still at most" in text
    clean = replace(history, head=replace(history.head, found=()))
    assert "none" in written(clean, tmp_path).partition("wrong with clips")[2][:20]


def written(history, folder):
    """The text of the report of a study."""
    write_report(history, folder / "report.html")
    return Page((folder / "report.html").read_text("utf-8")).text
