from dataclasses import replace

import numpy as np
import pytest

from vidnas.budgets.price import Pricing
from vidnas.documents.quantity import parse_quantity
from vidnas.files.yaml_file import load_document
from vidnas.study import load_experiment
from vidnas.study.experiment.proposal import STEPS, ClipsSeen, Machine, propose

LAPTOP = Machine(cores=2, memory=16 * 2.0**30, gpus=0)
SERVER = Machine(cores=64, memory=512 * 2.0**30, gpus=8)
CLIPS = ClipsSeen("my_clips", classes=10, train=1000, frames=250, side=240, rate=25.0)
MACHINES = [LAPTOP, replace(LAPTOP, memory=2.0**30), replace(SERVER, gpus=0), SERVER]
SEEN = [
    CLIPS,
    ClipsSeen("tiny", classes=2, train=4, frames=1, side=8, rate=1.0),
    ClipsSeen("huge", classes=400, train=2_000_000, frames=9000, side=2160, rate=60.0),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.folder)
def test_what_is_proposed_is_read_back_and_fits(write, seen, machine):
    proposal = propose("mine", seen, machine)
    write(proposal.space_text(), "mine_space.yaml")
    path = write(proposal.experiment_text("mine_space.yaml"), "mine.yaml")
    experiment = load_experiment(path)
    assert experiment.space == proposal.space
    assert experiment.clips.place == path.parent / seen.folder
    (budget,) = experiment.budgets
    assert budget.maximum == parse_quantity(
        proposal.experiment_text("").split("flops: ")[1].split("}")[0]
    )
    # At least half of the candidates fit.
    rows = proposal.space.many.sample(np.random.default_rng(1), 300)
    flops = Pricing(seen.classes).rows(proposal.space, rows)["flops"]
    assert np.mean(flops <= budget.maximum) > 0.45
    workers = experiment.workers
    (group,) = workers.groups
    assert 1 <= group.count * group.cpus <= machine.cores
    assert group.gpus == (None if machine.gpus else 0.0)
    # Enough steps to learn, as far as 30 epochs go.
    steps = experiment.fidelity.epochs * seen.train / experiment.recipe.batch
    assert steps >= STEPS or experiment.fidelity.epochs == 30


def test_clips_are_never_enlarged_nor_read_beyond_their_end(write):
    for machine in MACHINES:
        clip = propose("mine", CLIPS, machine).space.to_document()["clip"]
        assert max(clip["resolution"]) <= CLIPS.side
        assert max(clip["frames"]) * clip["frame_stride"] <= CLIPS.frames
        # At 25 frames a second, every fifth, as MoViNets see.
        assert clip["frame_stride"] == 5


def test_more_machine_means_larger_networks_and_more_clips_smaller_ones():
    def most(seen, machine):
        return propose("mine", seen, machine).flops

    assert most(CLIPS, LAPTOP) < most(CLIPS, SERVER)
    assert most(replace(CLIPS, train=20_000), LAPTOP) < most(CLIPS, LAPTOP)


def test_little_memory_means_fewer_workers():
    roomy, narrow = (
        replace(SERVER, gpus=0),
        replace(SERVER, gpus=0, memory=16 * 2.0**30),
    )
    assert propose("mine", CLIPS, roomy).workers == 64
    assert propose("mine", CLIPS, narrow).workers == 6  # of 2 GiB in 12


def test_a_folder_of_any_name_is_quoted(write):
    seen = replace(CLIPS, folder='a: "b" #\n- c')
    path = write(propose("mine", seen, LAPTOP).experiment_text("movinet_a0"))
    assert load_document(path).need("clips").need("folder").value == seen.folder
