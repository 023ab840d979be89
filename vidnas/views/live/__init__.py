"""What does a study look like while it runs? Shown again and again, so it is cheap.

```text
live_study    a study as it stands: its status and its front, kept up to date
card          one study: state, effort, front, what runs and what failed
front_sketch  fronts of one study or several, drawn without the chart library
kept_current  a page that shows itself again while a search runs
board_page    all studies of a folder, and what is asked of them
```
"""
