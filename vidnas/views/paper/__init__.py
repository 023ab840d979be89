"""Paper: figures by matplotlib, tables and a paragraph of methods, for print.

```text
folder                            everything that a paper takes from a study
front_figure curves_figure importance_figure comparison_figure
labels                            names of points that do not cover each other
column                            width of a figure
sheet                             format, width and look of every figure
tables methods                    front and family; how the search was made, in words
```
"""
