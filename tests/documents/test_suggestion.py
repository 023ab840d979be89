import pytest

from vidnas.architecture.published import published_names
from vidnas.documents.suggestion import nearest


def test_the_closest_word_is_suggested():
    words = ("frames", "resolution", "frame_stride")
    assert nearest("frame", words) == " Did you mean `frames`?"
    assert nearest("resolutions", words) == " Did you mean `resolution`?"


def test_nothing_is_suggested_where_nothing_is_close():
    assert nearest("zebra", ("frames", "resolution")) == ""
    assert nearest("frames", ()) == ""


def test_a_word_that_is_no_text_is_compared_as_written():
    assert nearest(16, ("16x", "y")) == " Did you mean `16x`?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("MoViNet-A0", "movinet-a0"),
        ("movinet_a2", "movinet-a2"),
        ("movineta0", "movinet-a0"),
        ("Movinet A5", "movinet-a5"),
        ("X3D-M", "x3d-m"),
        ("x3d_m", "x3d-m"),
        ("MOVINET-A9", "movinet-a"),
        ("MobileNetV3_Small", "mobilenetv3-small"),
    ],
)
def test_case_and_what_stands_between_letters_count_for_nothing(typed, meant):
    assert f"`{meant}" in nearest(typed, published_names())
