"""What do trials say of choices? Which matter, by how much, and what a front shares.

```text
factors   choices as columns: one a choice, or one kind of choice of a stage's layers
why       importance and effect of each at equal cost, and what front members share
```
"""
