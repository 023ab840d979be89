"""Pictures of a page: SVG that the page itself colours, light or dark.

Each is drawn in a few widths, and the page shows the one that fits, so that letters are
always about as large as the text around them.

```text
frame     a plane with axes: from numbers to pixels
labels    names beside points, none upon another
strokes   points, steps and lines as short paths
figure    a picture in each width, with what its signs mean
front     done trials in the plane of two objectives
progress  hypervolume over trials and hours, curves over epochs
at_work   who worked when
```
"""
