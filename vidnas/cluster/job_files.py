"""What travels to a cluster? The experiment and the files it names; no data, no runs.

The experiment is written anew with every path resolved: files that travel lie beside it
under plain names, clips and studies keep the place where the cluster sees them.
"""

import copy
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from vidnas.architecture.published.catalogue import published_names
from vidnas.errors import InputError
from vidnas.files.shipped import SPACES, shipped_file
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study.experiment.baselines import listed_networks
from vidnas.study.experiment.defaults import SEED
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.named_clips import CACHE, FOLDER, FORMS

EXPERIMENT_FILE = "experiment.yaml"
_SLUG = 24  # characters of a label, which Kubernetes adds to


@dataclass(frozen=True, slots=True)
class JobFiles:
    """What a job of a study takes along.

    Args:
        name: Name of the experiment.
        label: Name of the job for machines: letters of ASCII, digits and `-`.
        study: Study folder as the cluster sees it, a path or an address.
        files: Contents of the files by their plain names.
        places: Paths and addresses of clips and earlier studies, as the cluster sees
            them.
    """

    name: str
    label: str
    study: str
    files: Mapping[str, bytes]
    places: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Eight letters that change with the files."""
        whole = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{name} {len(content)} ".encode() + content)
        return whole.hexdigest()[:8]

    def search(self, folder: str, options: tuple[str, ...] = ()) -> list[str]:
        """The words of the command that runs the study, or goes on with it.

        Args:
            folder: Folder of the files where the command runs; empty for this one.
            options: Further words of the command.
        """
        file = f"{folder}/{EXPERIMENT_FILE}" if folder else EXPERIMENT_FILE
        return [
            *("vidnas", "search", file, "--study", self.study),
            *("--resume", "auto", "--address", "auto", *options),
        ]


@dataclass(frozen=True, slots=True)
class Moves:
    """Folders here, and where the cluster's machines see them.

    Args:
        moves: Path there by absolute path here.
    """

    moves: Mapping[str, str]

    def there(self, text: str) -> str:
        """A path as the cluster sees it; an address stays as it is."""
        if "://" in text:
            return text
        path = PurePosixPath(text)
        for here, there in sorted(self.moves.items(), key=lambda m: -len(m[0])):
            if path.is_relative_to(here):
                rest = path.relative_to(here)
                if "://" in there:
                    return f"{there.rstrip('/')}/{rest}" if rest.parts else there
                return str(PurePosixPath(there) / rest)
        return text


def job_label(name: str, study: str) -> str:
    """`vidnas-NAME-1a2b3c4d`: one name for all jobs of a study.

    Args:
        name: Name of the experiment, of any characters.
        study: Study folder as the cluster sees it.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_SLUG].strip("-")
    digest = hashlib.sha256(study.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"vidnas-{slug or 'study'}-{digest}"


def job_files(
    experiment: Experiment, file: Path, folder: Path, study: str, moves: Moves
) -> JobFiles:
    """The files of a job.

    Args:
        experiment: Experiment as it was read.
        file: Its file.
        folder: Folder that its relative paths begin at.
        study: Study folder as the cluster sees it.
        moves: Folders here, and where the cluster sees them.

    Raises:
        InputError: a file that travels cannot be read, or nothing is trained.
    """
    if experiment.score is not None:
        raise InputError(
            f"{file} must train to need a cluster, it searches by `score: "
            f"{experiment.score.name}`: `vidnas search` does that in a minute."
        )
    document = copy.deepcopy(load_document(file).value)
    carried = _Carried(folder)
    document["name"] = experiment.name
    if experiment.seed != document.get("seed", SEED):
        document["seed"] = experiment.seed
    document["space"] = carried.space(document["space"])
    source = {
        key: value if key not in _placed(document["clips"]) else _there(value, moves)
        for key, value in experiment.clips.source.items()
    }
    motion = document["clips"].get("motion")
    document["clips"] = {**source, **({"motion": motion} if motion else {})}
    for key in ("baselines", "seeds"):
        if document.get(key):
            listed = listed_networks(load_document(file).need(key), folder)
            named = [item.value for item in listed]
            document[key] = _networks(named, key, experiment, carried)
    known = [moves.there(str(one.folder)) for one in experiment.earlier_studies]
    if "known" in document:
        document["known"] = known
    if experiment.latency_file is not None:
        document["latency"] = carried.add(experiment.latency_file)
    for name, stated in document.get("budgets", {}).items():
        document["budgets"][name] = _budget(stated, carried)
    files = {EXPERIMENT_FILE: dump_document(document).encode(), **carried.files}
    places = [one for key in _placed(source) for one in _texts(source[key])]
    return JobFiles(
        experiment.name,
        job_label(experiment.name, study),
        study,
        files,
        (*places, *known),
    )


class _Carried:
    """Files that travel, under names that no shell and no system can mistake."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[Path, str] = {}
        self.files: dict[str, bytes] = {}

    def add(self, path: Path) -> str:
        """Takes a file along; gives the name that it has there."""
        if path in self._names:
            return self._names[path]
        try:
            content = path.read_bytes()
        except OSError as wrong:
            raise InputError(f"{path} cannot be read: {wrong.strerror}.") from wrong
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", path.stem).strip("-") or "file"
        suffix = path.suffix if path.suffix in (".yaml", ".yml", ".json") else ".yaml"
        name, number = f"{stem}{suffix}", 2
        while name in self.files or name == EXPERIMENT_FILE:
            name, number = f"{stem}-{number}{suffix}", number + 1
        self._names[path] = name
        self.files[name] = content
        return name

    def space(self, named: str) -> str:
        """A space travels as a file even where it is shipped: both ends mean one."""
        stated = self._folder / named
        found = stated if stated.is_file() else shipped_file(SPACES, named)
        assert found is not None, "the experiment was read"
        return self.add(found)

    def network(self, named: Any) -> Any:
        """A network's name, or that of its file there."""
        is_file = isinstance(named, str) and named not in published_names()
        path = self._folder / str(named)
        return self.add(path) if is_file and path.is_file() else named


def _placed(clips: Mapping[str, Any]) -> list[str]:
    """Keys of a dataset whose values are paths."""
    kind = next((key for key in clips if key in FORMS), FOLDER)
    keys = (kind, *FORMS[kind].paths, CACHE)
    return [key for key in keys if isinstance(clips.get(key), str | list)]


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _there(value: Any, moves: Moves) -> Any:
    if isinstance(value, str):
        return moves.there(value)
    return [moves.there(one) for one in value]


def _networks(
    listed: list[Any], key: str, experiment: Experiment, carried: _Carried
) -> list[Any]:
    """The networks of a list; one of a file keeps the name that it has here."""
    read = (
        experiment.baselines
        if key == "baselines"
        else [one.network for one in experiment.starting_networks]
    )
    found: list[Any] = []
    for item, network in zip(listed, read, strict=True):
        named = item["network"] if isinstance(item, dict) else item
        carried_as = carried.network(named)
        if carried_as == named and not isinstance(item, dict):
            found.append(item)
            continue
        rest = item if isinstance(item, dict) else {}
        found.append({**rest, "network": carried_as, "name": network.name})
    return found


def _budget(stated: Any, carried: _Carried) -> Any:
    if isinstance(stated, dict):
        return {**stated, "max": carried.network(stated["max"])}
    return carried.network(stated)
