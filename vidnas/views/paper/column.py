"""How wide are figures for print? As the column of a journal, unless told otherwise."""

from vidnas.errors import InputError

COLUMN_MM = 85.0  # in most journals with two columns
SIDE_BY_SIDE_MM = 120.0  # from which on panels stand beside each other
NARROWEST_MM, WIDEST_MM = 55.0, 400.0


def require_width(width_mm: float) -> None:
    """Raises where no figure is so wide.

    Raises:
        InputError: the width [mm] is no figure's.
    """
    if not NARROWEST_MM <= width_mm <= WIDEST_MM:
        raise InputError(
            f"A figure must be {NARROWEST_MM:g} to {WIDEST_MM:g} mm wide, got "
            f"{width_mm:g}."
        )
