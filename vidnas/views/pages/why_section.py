"""How does a page say what choices are worth? A row an option, its interval drawn."""

from vidnas.trials.choices.factors import option_text
from vidnas.trials.choices.why import Common, Effect, Influence, Why
from vidnas.trials.objectives import Objectives
from vidnas.views.insight.sentences import (
    METHOD,
    choice_text,
    common_text,
    front_words,
    points_text,
    remainder,
    share_text,
    verdict,
)
from vidnas.views.pages.markup import NO_BREAK, escape, paragraph

WIDE, HIGH = 110, 16  # pixels of a drawn interval
EDGE = 5
BLUE = "#0072b2"
TITLES = (
    ("option", False),
    ("points at equal cost", True),
    ("", True),
    ("networks", True),
)


def why_section(why: Why, objectives: Objectives) -> str:
    """What choices are worth and what the front shares, without a heading.

    Args:
        why: What the study says.
        objectives: What the study improves.
    """
    parts = [paragraph(verdict(why, objectives))]
    if why.influences:
        parts += [_table(why.influences), f'<p class="note">{escape(METHOD)}</p>']
    rest = remainder(why)
    parts += [f'<p class="note">{escape(rest)}</p>'] if rest else []
    front = front_words(why)
    parts += [paragraph(front)] if front else []
    parts += [_list(why.common)] if why.common else []
    return "".join(parts)


def _list(common: tuple[Common, ...]) -> str:
    items = "".join(f"<li>{escape(common_text(one))}</li>" for one in common)
    return f"<ul>{items}</ul>"


def _table(influences: tuple[Influence, ...]) -> str:
    most = max(
        (
            max(abs(effect.low), abs(effect.high))
            for influence in influences
            for effect in influence.effects
        ),
        default=1.0,
    )
    head = "".join(
        f'<th scope="col"{_class(number)}>{escape(title)}</th>'
        for title, number in TITLES
    )
    groups = "".join(f"<tbody>{_group(one, most)}</tbody>" for one in influences)
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>{groups}</table></div>'
    )


def _group(influence: Influence, most: float) -> str:
    """A row that names the choice, then one per option."""
    named = f"{choice_text(influence)}: {share_text(influence)} of the variance"
    if not influence.effects:
        named += "; its options cannot be told apart from what they cost"
    head = f'<th scope="rowgroup" colspan="{len(TITLES)}">{escape(named)}</th>'
    rows = (
        f"<tr><td>{escape(option_text(effect.option))}</td>"
        f'<td class="n">{_points(effect)}</td>'
        f'<td class="n">{_interval(effect, most)}</td>'
        f'<td class="n">{effect.networks}</td></tr>'
        for effect in influence.effects
    )
    return f"<tr>{head}</tr>{''.join(rows)}"


def _points(effect: Effect) -> str:
    """The points in one line."""
    text = points_text(effect.points, effect.low, effect.high)
    return escape(text.replace(" ", NO_BREAK))


def _interval(effect: Effect, most: float) -> str:
    """The interval on an axis that all rows share, with nothing in its middle."""

    def place(points: float) -> str:
        return f"{WIDE / 2 + (WIDE / 2 - EDGE) * points / most:.1f}"

    middle, low, high = place(effect.points), place(effect.low), place(effect.high)
    told = points_text(effect.points, effect.low, effect.high)
    return (
        f'<svg width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="{escape(told)}">'
        f'<line x1="{WIDE / 2}" x2="{WIDE / 2}" y1="0" y2="{HIGH}" '
        'stroke="currentColor" stroke-opacity="0.35"/>'
        f'<line x1="{low}" x2="{high}" y1="{HIGH / 2}" y2="{HIGH / 2}" '
        f'stroke="{BLUE}" stroke-width="2.5" stroke-linecap="round"/>'
        f'<circle cx="{middle}" cy="{HIGH / 2}" r="4" fill="{BLUE}"/></svg>'
    )


def _class(number: bool) -> str:
    return ' class="n"' if number else ""
