"""A route begins at the key frame that was sought, or leads nowhere."""

from types import SimpleNamespace

import numpy as np
import pytest

from vidnas.video.route import find_routes
from vidnas.video.timeline import Timeline

FILM = Timeline(
    seconds=np.arange(12) / 25,
    ticks=np.arange(12),
    keys=np.array([0, 6]),
    tick=0.04,
    rate=25.0,
)


def packet(time, is_key):
    return SimpleNamespace(
        pts=time, dts=time, is_keyframe=is_key, is_discard=False, size=1
    )


@pytest.mark.parametrize(
    ("landed", "times"), [(6, [6, 8]), (0, [0, 2]), (8, [])], ids=str
)
def test_a_key_frame_with_another_time_than_in_the_pass_leads_nowhere(landed, times):
    # MPEG-PS sought amid a pack: the key frame gets the time of the next picture.
    packets = [packet(4, False), packet(landed, True), packet(landed + 2, False)]
    container = SimpleNamespace(
        seek=lambda time, stream: None, demux=lambda *streams: iter(packets)
    )
    decoder = SimpleNamespace(has_b_frames=True, name="mpeg1video", field_order=1)
    stream = SimpleNamespace(codec_context=decoder)
    route = next(find_routes(container, stream, FILM, [7, 8], is_fresh=False))
    assert [one.pts for one in route] == times
