from vidnas.study.workers.oom_kills import OomWatch, oom_kills


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_counter_is_that_of_the_own_group_before_the_machines(tmp_path):
    assert oom_kills(tmp_path) is None
    write(tmp_path / "proc/vmstat", "pgfault 7\noom_kill 9\n")
    assert oom_kills(tmp_path) == 9
    group = tmp_path / "sys/fs/cgroup"
    write(group / "memory/memory.oom_control", "under_oom 0\noom_kill 5\n")
    assert oom_kills(tmp_path) == 5
    write(group / "memory.events", "oom 1\noom_kill 3\n")
    assert oom_kills(tmp_path) == 3
    write(tmp_path / "proc/self/cgroup", "0::/user/job\n")
    assert oom_kills(tmp_path) == 3
    write(group / "user/job/memory.events", "oom 1\noom_kill 2\n")
    assert oom_kills(tmp_path) == 2


def counting(*counts):
    left = list(counts)
    return OomWatch(lambda: left.pop(0))


def test_a_death_is_of_memory_where_the_counter_rose():
    watch = counting(4, 5)
    watch.begin("a")
    assert watch.rose("a")


def test_a_death_without_a_kill_for_memory_is_not():
    watch = counting(4, 4)
    watch.begin("a")
    assert not watch.rose("a")
    silent = counting(None, None)
    silent.begin("a")
    assert not silent.rose("a")


def test_one_kill_explains_one_death():
    watch = counting(4, 4, 5, 5)
    watch.begin("a")
    watch.begin("b")
    assert watch.rose("a")
    assert not watch.rose("b")


def test_two_kills_explain_two_deaths():
    watch = counting(4, 4, 6, 6)
    watch.begin("a")
    watch.begin("b")
    assert watch.rose("a")
    assert watch.rose("b")
