"""One job a study: sent once, followed through a lost server, stopped."""

from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from vidnas.errors import InputError, SurroundingsError
from vidnas.study.cluster.job_server import require_server
from vidnas.study.cluster.ray_jobs import RayJobs
from vidnas.study.cluster.ray_token import ray_token


@dataclass
class Told:
    submission_id: str | None
    status: str
    message: str = ""


class Server:
    """A job server whose log is lost half-way, and whose job ends then."""

    def __init__(self, *jobs, log=(), losses=0):
        self.jobs = list(jobs)
        self.log = list(log)
        self.losses = losses
        self.sent = []

    def list_jobs(self):
        return list(self.jobs)

    def submit_job(self, *, submission_id, **facts):
        if any(job.submission_id == submission_id for job in self.jobs):
            raise RuntimeError(f"{submission_id} already exists")
        self.sent.append((submission_id, facts))
        self.jobs.append(Told(submission_id, "PENDING"))

    def get_job_info(self, name):
        return next(job for job in self.jobs if job.submission_id == name)

    def get_job_logs(self, name):
        return "".join(self.log)

    def stop_job(self, name):
        self.get_job_info(name).status = "STOPPED"

    async def tail_job_logs(self, name):
        for number, piece in enumerate(self.log):
            if self.losses and number == 1:
                self.losses -= 1
                raise ConnectionError("gone\nConnection refused.")
            yield piece
        self.get_job_info(name).status = "SUCCEEDED"


def jobs_of(server):
    return RayJobs("http://x", "", "vidnas-a", server)


def test_a_study_is_sent_once_and_then_found(tmp_path):
    server = Server(Told("vidnas-b-1", "RUNNING"), Told(None, "RUNNING"))
    first, is_new = jobs_of(server).send("vidnas search", tmp_path)
    again, is_again = jobs_of(server).send("vidnas search", tmp_path)
    assert (first.id, is_new, is_again) == ("vidnas-a-1", True, False)
    assert again == first
    ((_, facts),) = server.sent
    assert facts["runtime_env"]["working_dir"] == str(tmp_path)


def test_a_job_that_has_ended_is_followed_by_another(tmp_path):
    ended = [Told("vidnas-a-2", "FAILED"), Told("vidnas-a-10", "STOPPED")]
    job, is_new = jobs_of(Server(*ended)).send("x", tmp_path)
    assert (job.id, is_new) == ("vidnas-a-11", True)


def test_two_who_send_at_once_send_one(tmp_path):
    server = Server()
    jobs = jobs_of(server)
    listed = server.list_jobs
    server.list_jobs = list  # as it was a moment before
    sent = server.submit_job

    def other_first(**facts):
        sent(**facts)
        server.list_jobs = listed
        sent(**facts)

    server.submit_job = other_first
    job, is_new = jobs.send("x", tmp_path)
    assert (job.id, is_new, len(server.sent)) == ("vidnas-a-1", False, 1)


def test_a_server_that_refuses_a_job_is_one_line(tmp_path):
    server = Server()

    def refuse(**_):
        raise RuntimeError("Request failed\nNo space left.")

    server.submit_job = refuse
    with pytest.raises(SurroundingsError, match="did not take the job: No space left"):
        jobs_of(server).send("x", tmp_path)


def test_a_lost_follower_shows_every_line_once():
    server = Server(Told("vidnas-a-1", "RUNNING"), log=["a\n", "b\n", "c\n"], losses=2)
    jobs, shown, lost = jobs_of(server), [], []
    ended = jobs.follow(jobs.running(), shown.append, lost.append, lambda _: None)
    assert "".join(shown) == "a\nb\nc\n"
    assert lost == ["Connection refused"] * 2
    assert ended.status == "SUCCEEDED"


def test_a_job_is_stopped_and_waited_for():
    jobs = jobs_of(Server(Told("vidnas-a-1", "RUNNING")))
    assert jobs.stop(jobs.running(), lambda _: None).status == "STOPPED"
    assert jobs.running() is None
    stubborn = Server(Told("vidnas-a-1", "RUNNING"))
    stubborn.stop_job = lambda _: None
    jobs = jobs_of(stubborn)
    with pytest.raises(SurroundingsError, match="was asked to stop, and goes on"):
        jobs.stop(jobs.running(), lambda _: None)


@pytest.fixture
def server():
    """Answers as Ray's dashboard does, with a token."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            token = self.headers.get("Authorization", "")
            asked.append(token)
            self.send_response(
                200 if token == "Bearer right" else 403 if token else 401
            )
            self.end_headers()
            self.wfile.write(b'{"ray_version": "2.60.0"}')

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_a_token_is_passed_on_and_a_wrong_one_explained_in_a_line(server):
    assert require_server(server, "right")["ray_version"] == "2.60.0"
    with pytest.raises(
        InputError, match=r"\(HTTP 401\): it wants a token: set RAY_AUT"
    ):
        require_server(server, "")
    with pytest.raises(InputError, match=r"\(HTTP 403\): its token is another: set"):
        require_server(server, "wrong")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("auto", "must be that of Ray's dashboard"),
        ("file:///etc/passwd", "must be that of Ray's dashboard"),
        ("http://me:secret@head:8265", "must hold no password"),
        ("http://127.0.0.1:1", "does not answer as one: .*Connection refused"),
    ],
)
def test_an_address_where_no_server_is_is_one_line(address, says):
    with pytest.raises(InputError, match=says) as told:
        require_server(address, "")
    assert "secret" not in str(told.value)


def test_the_token_is_found_where_ray_finds_it(tmp_path):
    home = {"HOME": str(tmp_path)}
    assert ray_token(home) == ""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("home\n")
    (tmp_path / "file").write_text("file\n")
    assert ray_token(home) == "home"
    named = {**home, "RAY_AUTH_TOKEN_PATH": str(tmp_path / "file")}
    assert ray_token(named) == "file"
    assert ray_token({**named, "RAY_AUTH_TOKEN": "said"}) == "said"
    assert ray_token({**named, "RAY_AUTH_MODE": "disabled"}) == ""
    with pytest.raises(InputError, match="`RAY_AUTH_TOKEN_PATH` must be a file"):
        ray_token({"RAY_AUTH_TOKEN_PATH": str(tmp_path / "none")})
