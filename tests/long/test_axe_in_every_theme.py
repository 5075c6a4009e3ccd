"""Axe on every pane in the dark and in the projector's theme: colours and sizes. The light theme is in the suite."""

import pytest

from tests.browser.conftest import app_url, browser, editor, page, size, start_server, strict_page  # noqa: F401
from tests.browser.test_accessible import walk_with_axe


@pytest.mark.parametrize("theme", ["dark", "projector"])
def test_axe_finds_nothing_serious(editor, theme):  # noqa: F811
    walk_with_axe(editor, theme)
