"""What do architectures, costs, spaces and trials look like in a notebook?

They live in pure rooms, which know no HTML; what is registered here is asked when one
of them is shown.
"""

from vidnas.architecture.architecture import Architecture
from vidnas.costs.network_cost import COSTS, Cost
from vidnas.documents.quantity import format_bytes, format_cost, format_count
from vidnas.documents.rich_display import register_display
from vidnas.space.space import Space
from vidnas.trials.objectives import ACCURACIES, cost_word
from vidnas.trials.trial import Trial
from vidnas.views.drawings.drawing import Drawing, draw, scrolling
from vidnas.views.drawings.space_networks import space_drawing
from vidnas.views.pages.markup import facts, paragraph, table
from vidnas.views.pages.space_facts import choices_table, space_facts
from vidnas.views.text.summary import accuracy_in_words

# Of the costs in closed form, those that every table shows; others are the study's own.
COMPARED = ("flops", "parameters", "inference_bytes", "training_bytes")


def register_displays() -> None:
    """Architectures, costs, spaces and trials show themselves in notebooks."""
    register_display(Architecture, "html", architecture_html)
    register_display(Architecture, "svg", lambda network: draw(network).svg)
    register_display(Cost, "html", cost_html)
    register_display(Space, "html", space_html)
    register_display(Trial, "html", trial_html)


def architecture_html(architecture: Architecture) -> str:
    """The network, drawn."""
    return scrolling(draw(architecture))


def cost_html(priced: Cost) -> str:
    """A row for each number of a cost, in its unit."""
    per_frame = f"{format_count(priced.flops_per_frame)} multiply-adds"
    rows = [
        ("parameters", f"{priced.parameters:,}"),
        ("FLOPs per clip", f"{format_count(priced.flops)} multiply-adds"),
        ("FLOPs per frame", per_frame),
        ("weights", format_bytes(priced.weights_bytes)),
        ("memory at inference", format_bytes(priced.inference_bytes)),
        (f"memory, training batch {priced.batch}", format_bytes(priced.training_bytes)),
        ("moved by one clip", format_bytes(priced.moved_bytes)),
    ]
    if priced.stream_state_values:
        rows.append(("stream state", f"{priced.stream_state_values:,} values"))
    return table((("cost of one network", False), ("", True)), rows)


def space_html(space: Space) -> str:
    """What a space holds: its size, three of its networks, and its choices to open."""
    return (
        paragraph(f"space {space.name}")
        + space_facts(space)
        + scrolling(space_drawing(space))
        + f"<details><summary>choices</summary>{choices_table(space)}</details>"
    )


def trial_html(trial: Trial) -> str:
    """What became of a trial, and its network, drawn."""
    accuracies = {
        f"{accuracy.label} [%]": accuracy_in_words(trial, accuracy)
        for name, accuracy in ACCURACIES.items()
        if name in trial.measured
    }
    costs = {
        cost_word(name): format_cost(name, value)
        for name, value in trial.costs.items()
        if name in COMPARED or name not in COSTS
    }
    pairs = {
        "state": f"{trial.state}, {trial.reason}" if trial.reason else trial.state,
        "trained for": str(trial.fidelity),
        **accuracies,
        **costs,
        "arch_id": trial.arch_id,
    }
    name = f"trial {trial.label}"
    said = paragraph(name) + facts(pairs)
    if isinstance(trial.architecture, Architecture):  # none of another library's
        # Its costs were priced with the classes of its study, which it does not know.
        drawing = Drawing({name: trial.architecture}, tells_cost=False)
        said += scrolling(drawing)
    return said
