"""A video's frames as they come, one by one, in memory that does not grow.

source  where they come from: a file, a folder of frames, standard input, a camera
frames  each with the moments that it is shown at
film    frames into a video file, as they come
"""
