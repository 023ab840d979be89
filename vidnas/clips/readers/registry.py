"""Which kinds of dataset are there? One reader each, by the word that names it."""

from collections.abc import Mapping

from vidnas.clips.readers.charades import read_charades
from vidnas.clips.readers.class_folders import read_class_folders
from vidnas.clips.readers.hmdb51 import read_hmdb51
from vidnas.clips.readers.kinetics import read_kinetics
from vidnas.clips.readers.moments import read_moments
from vidnas.clips.readers.path_list import read_path_list
from vidnas.clips.readers.reader import Reader
from vidnas.clips.readers.saved_index import read_saved_index
from vidnas.clips.readers.something import read_something
from vidnas.clips.readers.table import read_table
from vidnas.clips.readers.tfrecord import read_tfrecord
from vidnas.clips.readers.ucf101 import read_ucf101

FOLDER = "folder"

READERS: Mapping[str, Reader] = {
    FOLDER: read_class_folders,
    "list": read_path_list,
    "kinetics": read_kinetics,
    "ucf101": read_ucf101,
    "hmdb51": read_hmdb51,
    "something": read_something,
    "charades": read_charades,
    "moments": read_moments,
    "table": read_table,
    "tfrecord": read_tfrecord,
    "index": read_saved_index,
}
