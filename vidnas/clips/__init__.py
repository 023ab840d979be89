"""What a network sees of videos: windows, transforms, batches, caches and checks.

window, clip_shape      which frames are decoded, and how large
clipset, opening        one split at one shape, in batches made ahead
transforms/             what a training step sees of a decoded clip
cache/                  decoded clips on disk, mapped by all trials
check, findings         what is wrong with which clip
"""
