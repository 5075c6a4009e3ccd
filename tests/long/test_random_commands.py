"""Two hundred random commands, many times over."""

import os
import random

import pytest

from tests.editor.random_commands import User

SEQUENCES = int(os.environ.get("TPVIZ_SEQUENCES", "100"))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_two_hundred_random_commands(seed):
    user = User(random.Random(seed).choice)
    try:
        user.live(200)
    finally:
        user.session.close()
