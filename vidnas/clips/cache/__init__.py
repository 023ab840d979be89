"""Clips decoded once, on a disk: shards that every training maps.

* `plan`: what a cache is to hold, and how large it is
* `writing`: shard by shard, each whole or not there; goes on after any break
* `reading`: windows out of the shards, checked as they are read
* `cut`: smaller clips out of larger ones, by one formula
* `tfrecord`: the same clips as JPEG, for what does not fit
* `lookup`: which cache serves a dataset and its shapes
"""
