"""What a dataset holds, whatever its layout: one index, with what was left out.

source      which dataset is meant, as a value that travels to workers
readers/    one file a layout: class folders, Kinetics, Charades ...
index       the clips: path, labels, part, split, group, name
identity    what tells these clips from others, and what changed
survey      what the clips are like, by the headers of some
store       paths in object stores, with a bounded copy on the node
motion/     the generated dataset
"""
