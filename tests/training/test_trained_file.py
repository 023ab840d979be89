"""The file of a trained network: its parts, and what a search had found before."""

from pathlib import Path

import pytest

from vidnas.architecture import ARCHITECTURE_SCHEMA
from vidnas.architecture.published import published
from vidnas.budgets import Pricing
from vidnas.errors import JournalError
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.training.trained_file import (
    measured_over,
    require_told,
    require_whole_epochs,
    trained_document,
)
from vidnas.trials.chance import Chance

EPOCHS = [
    {"loss": 2.0, "train_top1": 20.0, "val_loss": 2.5, "top1": 10.0, "top5": 50.0},
    {"loss": 1.0, "train_top1": 60.0, "val_loss": 1.5, "top1": 50.0, "top5": 90.0},
]
REPORTS = [report | {"seconds": 2.0} for report in EPOCHS]


def test_the_last_epoch_counts_and_all_of_them_took_time():
    measured = measured_over(
        REPORTS, {"val_clips": 100.0, "peak_bytes": 7.0}, Chance(2, (90, 10))
    )
    # Wilson's interval of 50 of 100.
    assert measured.pop("top1_interval") == pytest.approx([40.38, 59.62], abs=0.01)
    assert measured == {
        "top1": 50.0,
        "chance": 90.0,
        "above_chance": False,
        "top5": 90.0,
        "loss": 1.5,
        "train_loss": 1.0,
        "train_top1": 60.0,
        "seconds": 4.0,
        "epochs": 2,
        "val_clips": 100,
        "peak_bytes": 7,
    }


def test_the_file_rebuilds_the_network_and_says_where_it_was_found(tmp_path):
    architecture = published("movinet-t0").at(4, 32)
    source = tmp_path / "a2.yaml"
    found = {"study": "quickstart", "trial": 3}
    source.write_text(
        dump_document(
            {
                "schema": ARCHITECTURE_SCHEMA,
                **architecture.to_document(),
                "found": found,
            }
        )
    )
    document = trained_document(
        architecture,
        classes=["left", "right"],
        pricing=Pricing(classes=2, batch=4),
        measured=measured_over(REPORTS, {"val_clips": 100.0}, Chance(8)),
        training={"architecture": str(source), "weights": None},
    )
    path = tmp_path / "architecture.yaml"
    path.write_text(dump_document(document))
    assert load_architecture(str(path)) == architecture
    told = load_document(path).value
    assert told["arch_id"] == architecture.arch_id
    assert told["cost"]["batch"] == 4
    assert told["measured"]["top1_interval"] == [40.38, 59.62]
    assert told["measured"]["above_chance"] is True
    assert told["measured"]["chance"] == 12.5
    assert told["found"]["searched"] == found
    assert told["found"]["class_names"] == ["left", "right"]
    assert told["found"]["classes"] == 2


def test_what_a_damaged_record_no_longer_tells_is_named():
    epoch = {"top1": 1.0, "top5": 1.0, "val_loss": 1.0, "loss": 1.0}
    epoch |= {"train_top1": 1.0, "seconds": 1.0}
    measured = measured_over([epoch], {"val_clips": 2.0}, Chance(2))
    path = Path("runs/a/training.jsonl")
    require_told(measured, path)
    require_whole_epochs([epoch], path)
    del measured["top1_interval"], epoch["seconds"]
    says = (
        r"^runs/a/training\.jsonl: the record `done` must have the key `top1_interval`"
    )
    with pytest.raises(JournalError, match=says):
        require_told(measured, path)
    with pytest.raises(JournalError, match="`epoch` must have the key `seconds`"):
        require_whole_epochs([epoch], path)
