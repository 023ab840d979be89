from vidnas.study.workers.nodes import Nodes


def test_a_node_that_broke_twice_in_a_row_gets_no_more_trials():
    nodes = Nodes(lambda: {"north": "10.0.0.1", "south": "10.0.0.2"})
    assert nodes.broke("north")
    assert nodes.avoided() == []
    assert nodes.broke("north")
    assert nodes.avoided() == ["north"]


def test_a_hiccup_is_forgotten_once_the_node_works():
    nodes = Nodes(lambda: {"north": "10.0.0.1", "south": "10.0.0.2"})
    nodes.broke("north")
    nodes.worked("north")
    nodes.broke("north")
    assert nodes.avoided() == []


def test_the_last_node_is_not_avoided_and_nothing_else_is_left():
    nodes = Nodes(lambda: {"north": "10.0.0.1", "south": "10.0.0.2"})
    for _ in range(2):
        assert nodes.broke("north")
    assert not nodes.broke("south")
    assert not nodes.broke("south")
    assert nodes.avoided() == []


def test_a_node_that_went_leaves_the_broken_one_to_try():
    up = {"north": "10.0.0.1", "south": "10.0.0.2"}
    nodes = Nodes(lambda: up)
    nodes.broke("north")
    nodes.broke("north")
    del up["south"]
    assert nodes.avoided() == []
    assert not nodes.broke("north")


def test_a_break_on_a_node_that_is_not_known_is_tried_nowhere_else_for_ever():
    up = {"north": "10.0.0.1", "south": "10.0.0.2", "third": "10.0.0.2"}
    nodes = Nodes(lambda: up)
    assert [nodes.at(f"10.0.0.{end}") for end in (1, 2, 3)] == ["north", "", ""]
    assert not nodes.broke("")


def test_a_node_that_will_go_gets_no_trials_even_if_it_is_the_last():
    going = {"north"}
    nodes = Nodes(lambda: {"north": "10.0.0.1", "south": "10.0.0.2"}, lambda: going)
    assert nodes.avoided() == ["north"]
    going.add("south")
    assert nodes.avoided() == ["north", "south"]


def test_a_broken_node_is_tried_where_all_others_will_go():
    nodes = Nodes(lambda: {"north": "10.0.0.1", "south": "10.0.0.2"}, lambda: {"south"})
    assert not nodes.broke("north")
    nodes.broke("north")
    assert nodes.avoided() == ["south"]
