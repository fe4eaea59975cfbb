"""The same question gives the same bytes in every process: no order of a set, and no thread, changes a figure."""

import os
import subprocess
import sys

import pytest

QUESTIONS = (  # one a kind of calculation; the first once moved in its last digit with the order of a set
    ["shock", "USA", "--ban", "CHN:gallium,germanium"],
    ["exposure", "IND"],
    ["run", "yale-supply-risk", "--focus", "IND,USA", "--year", "2023"],
)
PROCESSES = ({"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"}, {"PYTHONHASHSEED": "5", "POLARS_MAX_THREADS": "4"})


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_another_process_answers_in_the_same_bytes(question, tmp_path):
    answers = []
    for process in PROCESSES:
        command = [sys.executable, "-m", "khanij", *question, "--format", "json"]
        done = subprocess.run(command, env=os.environ | process, cwd=tmp_path, capture_output=True, check=True)
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert answers[0].startswith(b"{")
