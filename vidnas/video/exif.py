"""Which way up is a picture? The orientation in its EXIF, mirrors among them."""

import struct

_BEFORE_TIFF = (b"Exif\0\0", b"eXIf", b"EXIF")  # JPEG, PNG, WebP
_LOOKED_AT = 2**16  # bytes; a JPEG keeps it in one segment at the beginning
_ORIENTATION = 0x0112


def exif_orientation(content: bytes) -> int:
    """The orientation of a picture, from 1 to 8; 1 where it says none.

    Args:
        content: The file of a picture.

    Source:
        EXIF 2.32, tag 0x0112; TIFF 6.0, section 2.
    """
    head = content[:_LOOKED_AT]
    for mark in _BEFORE_TIFF:
        at = head.find(mark)
        # WebP has four bytes of length before it.
        for start in (at + len(mark), at + len(mark) + 4) if at >= 0 else ():
            orders = {b"II*\0": "<", b"MM\0*": ">"}
            order = orders.get(head[start : start + 4])
            if order:
                return _orientation(head[start:], order)
    return 1


def _orientation(tiff: bytes, order: str) -> int:
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for n in range(count):
            entry = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * n)
            if entry[0] == _ORIENTATION:
                return entry[3] if 1 <= entry[3] <= 8 else 1
    except struct.error:
        pass
    return 1
