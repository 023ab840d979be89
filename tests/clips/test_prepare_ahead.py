import gc
import threading

import pytest

from vidnas.clips.prepare_ahead import PreparedAhead, Work


def squares(count, parts=3, begun=None):
    """Works that fill a list of `parts` squares each."""
    for n in range(count):
        if begun is not None:
            begun.append(n)
        cells = [None] * parts

        def fill(m, cells=cells, n=n):
            cells[m] = (n * parts + m) ** 2

        yield Work(
            [lambda m=m, fill=fill: fill(m) for m in range(parts)],
            lambda cells=cells: tuple(cells),
        )


def threads_of_clips():
    return [t for t in threading.enumerate() if t.name.startswith("clips")]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_results_come_in_order_whatever_the_threads(threads):
    found = list(PreparedAhead(squares(20), threads=threads))
    assert [cell for row in found for cell in row] == [n * n for n in range(60)]
    assert not threads_of_clips()


def test_two_are_made_ahead_of_the_one_in_use():
    begun = []
    ahead = PreparedAhead(squares(9, begun=begun), threads=2)
    assert begun == [0, 1]  # at once, before anybody asks
    next(ahead)
    assert begun == [0, 1, 2]
    next(ahead)
    assert begun == [0, 1, 2, 3]
    ahead.close()


@pytest.mark.parametrize("at", ["part", "finish", "works"])
def test_an_error_comes_in_the_place_of_its_result_and_ends_the_threads(at):
    def works():
        yield from squares(2)
        if at == "works":
            raise ValueError("third")
        wrong = [lambda: int("third")]
        good = [lambda: None, *(wrong if at == "part" else [])]
        yield Work(good, wrong[0] if at == "finish" else lambda: None)
        yield from squares(9)

    ahead = PreparedAhead(works(), threads=2)
    seen = []
    with pytest.raises(ValueError, match="third"):
        seen.extend(ahead)
    # The works' own error is met when the third would be begun, after the first.
    assert len(seen) == (0 if at == "works" else 2)
    assert not threads_of_clips()
    assert list(ahead) == []


def test_closing_drops_what_is_not_begun():
    release, done = threading.Event(), []

    def works():
        for n in range(9):
            yield Work([release.wait, lambda n=n: done.append(n)], lambda: None)

    ahead = PreparedAhead(works(), threads=1)
    threading.Timer(0.05, release.set).start()
    ahead.close()
    assert len(done) <= 1
    assert not threads_of_clips()


def test_what_nobody_holds_any_more_ends_its_threads():
    ahead = PreparedAhead(squares(9), threads=2)
    next(ahead)
    started = threads_of_clips()
    assert started
    del ahead
    gc.collect()
    for thread in started:
        thread.join(5)
    assert not threads_of_clips()
