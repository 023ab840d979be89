"""Who is beaten by nobody, and how much do these cover? Arrays of costs, no trials.

```text
dominance        which rows no other beats, front after front, how crowded they stand
hypervolume      the volume that rows cover up to a reference point
growing_volume   the same while rows come one by one
knee             beyond which row a cost buys least
```
"""
