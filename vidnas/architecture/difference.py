"""In what does a network differ from another one, in words?"""

from vidnas.architecture.architecture import Architecture


def first_difference(ours: Architecture, theirs: Architecture) -> str:
    """The first thing in which theirs is not ours, in words."""
    mine, yours = ours.to_document(), theirs.to_document()
    for key in mine:
        if mine[key] != yours.get(key):
            if key == "stages" and len(mine[key]) != len(yours[key]):
                return f"it has {len(yours[key])} stages, the space {len(mine[key])}"
            if key == "stages":
                number = next(
                    i
                    for i, (a, b) in enumerate(zip(mine[key], yours[key], strict=True))
                    if a != b
                )
                return f"stage {number + 1} is {yours[key][number]}"
            return f"its `{key}` is {yours.get(key)}, the space's {mine[key]}"
    return f"it has {sorted(set(yours) - set(mine))}"
