"""Tables and methods of a study in the words of a paper."""

import vidnas
from vidnas.views.paper.methods import methods_of


def test_methods_say_what_a_reader_needs_to_repeat_the_search(history):
    text = methods_of(history).text
    spent = sum(history.refused.values())
    for told in (
        f"vidnas {vidnas.__version__} (Python 3.",
        "TensorFlow 2.",
        f"hash {history.head.identity.space}",
        "Strategy ladder (start 12) with seed 7",
        f"at most 12 M FLOPs, at most 100 k parameters, at most 256 MiB training "
        f"bytes; {spent:,} others",
        "trained for 5 epochs on 640 clips of 8 classes",
        "learning rate 0.01",
        "each of 256 validation videos; guessing reaches 12.5 %",
        f"{history.states['done']} were done and {history.states['failed']} failed",
        "2 workers of 1 CPU",
        f"The front holds {len(history.front())} networks",
        "and are Wilson's",
    ):
        assert told in text, told


def test_methods_hold_in_latex_and_markdown(history):
    methods = methods_of(history)
    latex = methods.latex()
    assert r" $\times$ $10^{" in latex
    assert r"12.5 \%" in latex
    assert methods.markdown() == methods._repr_markdown_()
    assert str(vidnas.open_study(history.folder).methods()) == methods.text


def test_a_table_of_the_family_has_its_sizes_then_the_baselines(compared):
    family = vidnas.open_study(compared.folder).front().family()
    rows = family.markdown().splitlines()
    filled = [size for size in family.sizes if size.trial]
    assert [row.split(" | ")[0] for row in rows[2:]] == [
        *(f"| {size.name.upper()}" for size in filled),
        "| t0",
        r"| small \<b>tsm\</b>",
    ]
    last = filled[-1].trial
    low, high = compared.accuracy.interval(last)
    top1 = f"{last.measured['top1']:.1f} ({low:.1f}-{high:.1f}) |"
    assert rows[1 + len(filled)].endswith(top1)
    assert f"({low:.1f}--{high:.1f})" in family.latex()


def test_a_table_of_a_front_has_its_objectives(study_folder):
    front = vidnas.open_study(study_folder).front("training_bytes", "top1")
    head, _, first, *_ = front.markdown().splitlines()
    assert "| training bytes |" in head
    assert first.startswith(f"| {front[0].number} | ")
    assert front.latex().count(r"\\") == len(front) + 1
