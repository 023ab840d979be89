"""`vidnas board` answers its reader, on this machine, and nobody else."""

import json
import os
import signal
import socket
import subprocess
import sys
from urllib.parse import quote

import pytest


def test_the_board_lets_its_reader_in_and_nobody_else(runs, serving):
    with serving(runs) as ask:
        assert ask.server.server_address[0] == "127.0.0.1"
        assert ask("/")[0] == 200
        for way in ({"token": "x"}, {"token": ""}, {"host": "evil.example"}):
            code, said, _ = ask("/", **way)
            assert code == 403
            assert "small" not in said
        _, path = ask.server.address.split(str(ask.server.port))
        code, _, headers = ask(path, token="none yet")
        assert (code, headers["Location"]) == (303, "/")  # the address bar forgets it
        assert headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
        assert ask.server.token in headers["Set-Cookie"]
        assert ask("/?token=wrong", token="wrong")[0] == 403
        assert ask("/", host="localhost:9000")[0] == 200  # by a tunnel


def test_all_studies_stand_on_the_board_and_names_are_only_words(runs, serving):
    (runs / "torn").mkdir()
    (runs / "torn" / "journal.jsonl").write_text("{}\n")
    with serving(runs) as ask:
        code, page, headers = ask("/")
        assert code == 200
        assert "connect-src 'self'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        told = json.loads(ask("/now")[1])["now"]
        assert told in page
        assert "4 studies, none running" in told
        assert told.count("<figure") == 2  # fronts of one task in one picture
        assert "&lt;b&gt; &amp; &quot;co&quot;" in told
        assert "<b>" not in told
        assert "&lt;script&gt;alert(1)" in told
        assert 'data-state="broken">broken</span>' in told
        only = json.loads(ask("/now?study=second")[1])["now"]
        assert only.count("<figure") == 1
        assert only.count('name="study" value="second" checked') == 1


def test_reports_are_pages_of_the_board_and_what_is_none_says_so(runs, serving):
    with serving(runs) as ask:
        code, page, _ = ask("/study?study=second")
        assert code == 200
        assert "<h1>second</h1>" in page
        assert '"ask": "/state?study=second"' in page
        assert page.count("connect-src 'self'") == 1  # its own policy lets it ask
        told = json.loads(ask("/state?study=second")[1])
        assert json.dumps(told["version"]) in page
        named = quote('<b> & "co"')
        assert "&lt;b&gt; &amp; &quot;co&quot;" in ask(f"/study?study={named}")[1]
        code, page, _ = ask(f"/compare?study=small&study={named}")
        assert code == 400
        assert "the same number of validation clips" in page
        assert ask("/compare?study=small")[0] == 400
        for nothing in ("/study?study=../secret", "/state?study=no", "/etc", "/study"):
            assert ask(nothing)[0] == 404


def test_a_board_shows_a_running_study_as_it_goes(folder, running, serving):
    running()
    with serving(folder / "runs") as ask:
        told = json.loads(ask("/now")[1])["now"]
        assert "1 study, 1 running" in told
        assert "<p>1 done" in told
        before = json.loads(ask("/state?study=small")[1])["version"]
        running()
        ask.server.board.look()
        assert "<p>2 done" in json.loads(ask("/now")[1])["now"]
        assert json.loads(ask("/state?study=small")[1])["version"] != before
        running()
        ask.server.board.look()
        assert "1 study, none running" in json.loads(ask("/now")[1])["now"]


def test_a_folder_without_studies_says_what_one_is(tmp_path, serving):
    with serving(tmp_path) as ask:
        assert "No study is here yet" in ask("/")[1]


def test_wrong_input_is_one_line(tmp_path, vidnas):
    code, _, err = vidnas("board", tmp_path / "nothing")
    assert (code, "must be a folder that holds studies" in err) == (2, True)
    assert "must lie on a disk" in vidnas("board", "s3://bucket/runs")[2]
    assert "from 0 to 65535, got `70000`" in vidnas("board", ".", "--port", "70000")[2]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = vidnas("board", tmp_path, "--port", port)
    assert (code, f"`--port` must be free, {port} is taken." in err) == (2, True)


@pytest.mark.slow
@pytest.mark.real
def test_ctrl_c_is_how_a_board_ends(study):
    command = [
        sys.executable,
        "-m",
        "vidnas",
        "board",
        str(study.parent),
        "--port",
        "0",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as board:
        address = board.stdout.readline()
        assert address.startswith("http://127.0.0.1:")
        os.kill(board.pid, signal.SIGINT)
        out, err = board.communicate(timeout=60)
    assert (board.returncode, out) == (0, "")
    assert err.endswith("ended\n")
