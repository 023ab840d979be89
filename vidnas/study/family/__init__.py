"""How does the family of a study reach the disk, and come back?

```text
networks   the sizes of a ladder, scaled networks in empty ones, streaming twins
documents  what the file of each says
reading    the family that files hold, as they are
files      writes them, and says what it replaced or removed
```
"""
