from vidnas.study.workers.nodes import Nodes


def test_a_node_that_broke_twice_in_a_row_gets_no_more_trials():
    nodes = Nodes(lambda: {"north", "south"})
    assert nodes.broke("north")
    assert nodes.avoided() == []
    assert nodes.broke("north")
    assert nodes.avoided() == ["north"]


def test_a_hiccup_is_forgotten_once_the_node_works():
    nodes = Nodes(lambda: {"north", "south"})
    nodes.broke("north")
    nodes.worked("north")
    nodes.broke("north")
    assert nodes.avoided() == []


def test_the_last_node_is_not_avoided_and_nothing_else_is_left():
    nodes = Nodes(lambda: {"north", "south"})
    for _ in range(2):
        assert nodes.broke("north")
    assert not nodes.broke("south")
    assert not nodes.broke("south")
    assert nodes.avoided() == []


def test_a_node_that_went_leaves_the_broken_one_to_try():
    up = {"north", "south"}
    nodes = Nodes(lambda: up)
    nodes.broke("north")
    nodes.broke("north")
    up.discard("south")
    assert nodes.avoided() == []
    assert not nodes.broke("north")


def test_a_node_that_will_go_gets_no_trials_even_if_it_is_the_last():
    going = {"north"}
    nodes = Nodes(lambda: {"north", "south"}, lambda: going)
    assert nodes.avoided() == ["north"]
    going.add("south")
    assert nodes.avoided() == ["north", "south"]


def test_a_broken_node_is_tried_where_all_others_will_go():
    nodes = Nodes(lambda: {"north", "south"}, lambda: {"south"})
    assert not nodes.broke("north")
    nodes.broke("north")
    assert nodes.avoided() == ["south"]
