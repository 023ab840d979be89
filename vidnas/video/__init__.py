"""One video file: what it holds, and its frames as a player shows them.

decode         a clip of a file or of a folder of frames: the reader
header         length, size, rate, turn; whether a first frame decodes
window         which frames a clip shows, and what is wrong with it
timeline       the moments at which frames are shown, and a believable rate
beginning      what the first frames decode to
packet_times   the timeline of a file, by one pass over its packets
route          the packets that lead to a window, from key frame to key frame
window_frames  the frames of a window, decoded on the way
frame_folder   a folder of pictures as a video
exif           which way up a picture is
display        upright, in proportion, in the colours that are tagged
packets        packets past damage, and what they decode to
opening        files by name, the stream a player picks, limits
"""
