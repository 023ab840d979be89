"""Which colours do pictures of studies have? Those of Okabe and Ito, on light paper.

Source:
    Okabe and Ito 2008, colours that people with any colour vision tell apart.
"""

INK, MUTED, GRID = "#1b1f24", "#57606a", "#e6e8eb"
GREY, BLUE, VERMILION, GREEN = "#a3aab3", "#0072b2", "#d55e00", "#009e73"
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
