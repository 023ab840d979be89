"""What a study writes stays in its folder."""

import pytest

from vidnas.errors import StudyError
from vidnas.files.no_link import require_no_link


def test_a_folder_that_leads_elsewhere_is_refused(tmp_path):
    (tmp_path / "family").symlink_to(tmp_path)
    with pytest.raises(StudyError, match=r"family must be a folder of the study's own"):
        require_no_link(tmp_path / "family")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StudyError, match="it is a symbolic link"):
        require_no_link(tmp_path / "dangling")


def test_a_folder_of_its_own_is_fine_and_so_is_none_yet(tmp_path):
    require_no_link(tmp_path)
    require_no_link(tmp_path / "none yet")
