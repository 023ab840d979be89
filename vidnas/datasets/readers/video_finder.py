"""Which file does a line of an annotation mean? By path, or by its name anywhere."""

import os
from collections.abc import Sequence
from pathlib import Path

from vidnas.datasets.readers.reader import Findings, composed
from vidnas.datasets.readers.video_files import (
    EMPTY,
    FoundVideo,
    is_video_name,
    videos_below,
)

MISSING = "missing file"


class VideoFinder:
    """Finds the videos of a dataset; every folder is read once.

    Composed and decomposed letters are the same letters, and a name without a suffix is
    the video of that name with any.

    Args:
        roots: Folders that paths are relative to, the first one first.
        findings: Findings that the folders are watched for.
    """

    def __init__(self, roots: Sequence[Path], findings: Findings) -> None:
        self._roots = roots
        self._findings = findings
        self._names: dict[Path, dict[str, str]] = {}
        self._by_stem: dict[str, list[FoundVideo]] | None = None

    def by_path(self, name: str) -> Path | None:
        """The video at a path relative to a root; None where there is none."""
        parts = [part for part in name.replace("\\", "/").split("/") if part != "."]
        roots = [Path("/")] if name.startswith("/") else self._roots
        for root in roots:
            found = self._descend(root, parts)
            if found is not None:
                return found
        return None

    def take(self, name: str) -> Path | None:
        """The video at a path, or None; then it is noted as missing or empty."""
        found = self.by_path(name)
        if found is None:
            self._findings.leave_out(MISSING, name)
            return None
        return self.unless_empty(found)

    def unless_empty(self, path: Path) -> Path | None:
        """The path, or None where it is an empty file; then that is noted."""
        if path.is_file() and not path.stat().st_size:
            self._findings.watch(path)
            self._findings.leave_out(EMPTY, path)
            return None
        return path

    def by_stem(self, stem: str, *near: str) -> Path | None:
        """The video of that name, without its suffix, anywhere below the roots.

        Args:
            stem: Name of the file without its suffix, or of the folder of frames.
            near: Names of folders that it should rather lie in, the best first.
        """
        if self._by_stem is None:
            self._by_stem = self._all_by_stem()
        found = self._by_stem.get(composed(stem), [])
        if not found:
            return None
        wanted = [_plain(name) for name in near]
        return min(found, key=lambda video: _distance(video, wanted)).path

    def _all_by_stem(self) -> dict[str, list[FoundVideo]]:
        found: dict[str, list[FoundVideo]] = {}
        unlisted = Findings(watched=self._findings.watched)
        for root in self._roots:
            for video in videos_below(root, unlisted):
                name = video.name.rpartition("/")[2]
                stem = os.path.splitext(name)[0] if is_video_name(name) else name  # noqa: PTH122
                found.setdefault(stem, []).append(video)
        return found

    def _descend(self, root: Path, parts: list[str]) -> Path | None:
        path = root
        for n, part in enumerate(parts):
            if part in ("", ".."):
                path = path.parent if part else path
                continue
            name = self._match(path, part, is_last=n == len(parts) - 1)
            if name is None:
                return None
            path = path / name
        return path

    def _match(self, folder: Path, part: str, *, is_last: bool) -> str | None:
        """The name in a folder that is meant."""
        names = self._names_in(folder)
        found = names.get(composed(part))
        if found is None and is_last:
            return names.get(f"{composed(part)}\0")  # with a suffix of a video
        return found

    def _names_in(self, folder: Path) -> dict[str, str]:
        """Names in a folder by what they look like, and by it without a suffix."""
        if folder not in self._names:
            self._findings.watch(folder)
            names: dict[str, str] = {}
            try:
                with os.scandir(folder) as entries:
                    for name in sorted(entry.name for entry in entries):
                        names.setdefault(composed(name), name)
                        if is_video_name(name):
                            stem = os.path.splitext(composed(name))[0]  # noqa: PTH122
                            names.setdefault(f"{stem}\0", name)
            except OSError:
                names = {}
            self._names[folder] = names
        return self._names[folder]


def _distance(video: FoundVideo, wanted: list[str]) -> tuple[int, str]:
    """How far a video lies from where it should; the path decides between equals."""
    above = [_plain(part) for part in video.name.split("/")[:-1]]
    missed = next((n for n, name in enumerate(wanted) if name in above), len(wanted))
    return missed, video.name


def _plain(name: str) -> str:
    """A folder's name as annotations of Kinetics spell it: `_` is a blank."""
    return composed(name).casefold().replace("_", " ").strip()
