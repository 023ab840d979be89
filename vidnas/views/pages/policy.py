"""What may a page load and run? Nothing from elsewhere; a browser sees to it."""

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "script-src 'unsafe-inline'"
)
# Vega compiles the expressions of a chart.
CHARTS_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
