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
