"""Which videos lie below a folder? Files that FFmpeg reads, and folders of frames."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vidnas.datasets.readers.reader import Findings, composed

# Suffixes that demuxers of PyAV's wheels claim, where the name is a video's.
_SUFFIXES = """
    264 265 3g2 3gp 3gpp amv apng asf avc avi dav divx dv evo f4v flv gif gxf h261
    h263 h264 h265 h266 hevc insv ismv ivf lrv m1v m2p m2t m2ts m2v m4v mj2 mjpeg
    mjpg mk3d mkv mod mov mp2v mp4 mp4v mpe mpeg mpg mpg4 mpv mts mxf nut obu ogg
    ogm ogv qt rm rmvb roq swf tod trp ts ty viv vob vro vvc webm wmv wtv y4m
"""
SUFFIXES = frozenset(_SUFFIXES.split())
PICTURES = frozenset({"bmp", "jpeg", "jpg", "png", "ppm", "tif", "tiff", "webp"})
VIDEO, FRAMES, EMPTY = "video", "frames", "empty file"
_OURS = ".vidnas-"  # begins the names of caches and of unfinished files
_LONGEST_SUFFIX = 8  # characters; what is longer is no suffix but a part of the name
_FEWEST_PICTURES = 2  # that are a video


@dataclass(frozen=True, slots=True)
class FoundVideo:
    """A video below a folder.

    Args:
        path: Path of the file, or of the folder of frames.
        name: Path from the folder that was searched, marks composed.
        kind: What it is: `video`, `frames` or `empty file`.
    """

    path: Path
    name: str
    kind: str = VIDEO


def suffix_of(name: str) -> str:
    """The suffix of a file name in small letters, without its point."""
    return os.path.splitext(name)[1].lower().lstrip(".")  # noqa: PTH122


def is_video_name(name: str) -> bool:
    """Whether a file of that name should be a video."""
    return suffix_of(name) in SUFFIXES


def folders_in(folder: Path, findings: Findings) -> list[Path]:
    """Folders in a folder by name, hidden ones left out."""
    return [
        Path(entry.path) for entry in entries_of(folder, findings) if _is_folder(entry)
    ]


def entries_of(folder: Path, findings: Findings) -> list[os.DirEntry[str]]:
    """What a folder holds by name, hidden names left out."""
    findings.watch(folder)
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: composed(entry.name))
    except OSError:
        findings.leave_out("folder that cannot be read", folder)
        return []
    entries = [entry for entry in entries if not entry.name.startswith(_OURS)]
    for entry in entries:
        if entry.name.startswith("."):
            findings.leave_out("hidden", entry.path)
    return [entry for entry in entries if not entry.name.startswith(".")]


def videos_below(folder: Path, findings: Findings) -> list[FoundVideo]:
    """Every video below a folder, at any depth, by name.

    Args:
        folder: Folder to search; pictures right in it are no video.
        findings: Findings that get what is left out.
    """
    # A link that leads to a folder above would bring all of it, other classes too.
    above = list(Path(os.path.abspath(folder)).parents)  # noqa: PTH100
    seen = {(one.st_dev, one.st_ino) for one in map(os.stat, above)}
    return list(_below(folder, "", findings, seen))


def _below(
    folder: Path, above: str, findings: Findings, seen: set[tuple[int, int]]
) -> Iterator[FoundVideo]:
    status = folder.stat()
    if (status.st_dev, status.st_ino) in seen:
        findings.leave_out("folder that was read already, by a link", folder)
        return
    seen.add((status.st_dev, status.st_ino))
    entries = entries_of(folder, findings)
    folders = [entry for entry in entries if _is_folder(entry)]
    files = [entry for entry in entries if not _is_folder(entry)]
    videos = [entry for entry in files if is_video_name(entry.name)]
    pictures = [entry for entry in files if suffix_of(entry.name) in PICTURES]
    if above and not videos and len(pictures) >= _FEWEST_PICTURES:
        yield FoundVideo(folder, above, FRAMES)
        files = [entry for entry in files if entry not in pictures]
    for entry in files:
        found = _video(entry, above, findings)
        if found is not None:
            yield found
    for entry in folders:
        name = _joined(above, entry.name)
        yield from _below(Path(entry.path), name, findings, seen)


def _joined(above: str, name: str) -> str:
    return f"{above}/{composed(name)}" if above else composed(name)


def _video(
    entry: "os.DirEntry[str]", above: str, findings: Findings
) -> FoundVideo | None:
    """The video that a file is; None where it is left out."""
    if not _exists(entry):
        findings.leave_out("dangling link", entry.path)
        findings.watch(Path(entry.path))
    elif not is_video_name(entry.name):
        findings.leave_out(no_video(entry.name), entry.path)
    elif not entry.is_file():
        findings.leave_out("no regular file", entry.path)
    else:
        path = Path(entry.path)
        kind = VIDEO
        if not entry.stat().st_size:
            findings.watch(path)
            kind = EMPTY
        return FoundVideo(path, _joined(above, entry.name), kind)
    return None


def no_video(name: str) -> str:
    """The reason for leaving out a file whose name is no video's: `no video: .txt`."""
    suffix = suffix_of(name)
    if not suffix or len(suffix) > _LONGEST_SUFFIX or not suffix.isalnum():
        return "no video: no suffix"
    return f"no video: .{suffix}"


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _exists(entry: "os.DirEntry[str]") -> bool:
    try:
        entry.stat()
    except OSError:
        return False
    return True
