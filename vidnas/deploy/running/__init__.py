"""A network that runs: on clips, or on frames as they arrive.

runner        what every runtime offers: logits of clips, or of a stream's next frames
keras_runner  both in Keras
ensemble      several networks that see every n-th frame, in turn
classes       names of outputs, and the most probable of them
smoothing     probabilities over time: a moving mean
seen          how a frame becomes the network's input
steps         frame after frame: carried on, or clip by clip
overlay       what a frame shows of an answer
"""
