"""A network that is named, opened and run: on clips, or on frames as they arrive.

named_network  what a user's NET means: architecture, weights, classes, how it sees
runner         what every runtime offers: logits of clips, or of a stream's next frames
keras_runner   both in Keras
opening        the runner of a named network, by what its file is
clip_scores    probabilities of the clips of a dataset, over their views
classes        names of outputs, and the most probable of them
smoothing      probabilities over time: a moving mean
seen           how a frame becomes the network's input
stream         `vidnas.Stream`: frames in, probabilities out
overlay        what a frame shows of them
"""
