"""A network that somebody names is asked: what a video shows, and how right it is.

named_network  what a user's NET means: architecture, weights, classes, how it sees
opening        what runs it, by what its file is
clip_scores    probabilities of the clips of a dataset, over their views
outputs        which output is which class of a dataset
stream         `vidnas.Stream`: frames in, probabilities out
"""
