"""Which kinds of dataset are there? One reader each, by the word that names it."""

from collections.abc import Mapping

from vidnas.datasets.readers.charades import read_charades
from vidnas.datasets.readers.class_folders import read_class_folders
from vidnas.datasets.readers.hmdb51 import read_hmdb51
from vidnas.datasets.readers.kinetics import read_kinetics
from vidnas.datasets.readers.moments import read_moments
from vidnas.datasets.readers.path_list import read_path_list
from vidnas.datasets.readers.reader import Reader
from vidnas.datasets.readers.saved_index import read_saved_index
from vidnas.datasets.readers.something import read_something
from vidnas.datasets.readers.table import read_table
from vidnas.datasets.readers.tfrecord import read_tfrecord
from vidnas.datasets.readers.ucf101 import read_ucf101

FOLDER, INDEX = "folder", "index"

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
    INDEX: read_saved_index,
}
