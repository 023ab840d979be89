"""Pictures of a page: SVG that the page itself colours, light or dark.

Each is drawn for a wide screen and for a narrow one, and the page shows the one that
fits, so that letters are always as large as the text around them.

```text
frame     a plane with axes: from numbers to pixels
labels    names beside points, none upon another
strokes   points, steps and lines as short paths
figure    a picture in both sizes, with what its signs mean
```
"""
