"""How is a search space said in HTML? Its size and rules, and the tree of choices."""

from vidnas.space.space import Space
from vidnas.views.pages.markup import escape, facts
from vidnas.views.text.space_words import rules_in_words, size_in_words, ties, tree


def space_facts(space: Space) -> str:
    """Size, identity, ties and rules of a space."""
    pairs = {
        "candidates": size_in_words(space),
        "choices": str(len(space.choices)),
        "hash": space.space_hash,
        "block": space.declaration.block,
    }
    pairs |= {f"tied by {name}": ", ".join(places) for name, places in ties(space)}
    pairs |= {f"rule {name}": text for name, text in rules_in_words(space)}
    return facts(pairs)


def choices_table(space: Space) -> str:
    """The tree of the choices of a space, with their options."""
    rows = "".join(
        f'<tr><td style="padding-left:{1.5 * depth + 0.5}em;text-align:left">'
        f'{escape(name)}</td><td style="text-align:left">{escape(options)}</td></tr>'
        for depth, name, options in tree(space)
    )
    return f"<table><tbody>{rows}</tbody></table>"
