"""`vidnas report --watch` keeps a page current while a search runs."""

from vidnas.cli import report_watch
from vidnas.cli.main import main

RUN = "runs/small"


def test_a_page_is_written_again_until_the_search_ends(
    folder, running, monkeypatch, capsys
):
    page, pages = folder / "live.html", []

    def sleep(seconds):
        assert seconds >= report_watch.INTERVAL
        pages.append(page.read_text())
        running()

    monkeypatch.setattr(report_watch.time, "sleep", sleep)
    running()
    assert main(["report", RUN, "--to", str(page), "--watch"]) == 0
    told = capsys.readouterr()
    assert told.out == f"{page}\n"
    assert told.err == "the study is finished: the page is as it stays\n"
    assert len(pages) == 2
    first, second = pages
    assert "<p>1 done" in first.partition("<h1>")[0]
    assert "<p>2 done" in second.partition("<h1>")[0]
    # Readers without scripts see it anew, too, and no page asks a network.
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in first
    assert "connect-src" not in first
    last = page.read_text()
    assert "vl-live" not in last
    assert main(["report", RUN, "--to", str(folder / "plain.html")]) == 0
    assert last == (folder / "plain.html").read_text()


def test_who_stops_watching_leaves_a_page_that_promises_nothing(
    folder, running, monkeypatch, capsys
):
    def stop(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(report_watch.time, "sleep", stop)
    running()
    page = folder / "live.html"
    assert main(["report", RUN, "--to", str(page), "--watch"]) == 130
    assert "vl-live" not in page.read_text()
    page.write_text("mine")
    assert main(["report", RUN, "--to", str(page), "--watch"]) == 2
    assert page.read_text() == "mine"
    assert "must be a new file or an earlier report" in capsys.readouterr().err
