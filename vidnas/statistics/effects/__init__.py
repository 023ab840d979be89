"""What do values depend on? Blocks of columns, found one after another, then fitted.

```text
found    which blocks explain more than luck does, by permutations
fitted   how much each of them explains, with intervals, beside the others
matched  what members of a set share, more than others that are alike
```
"""
