import pytest

from tests.editor.session_window import Window
from tpviz.editor.examples import find_examples
from tpviz.editor.session import Session


@pytest.fixture
def window():
    session = Session(find_examples())
    yield Window(session)
    session.close()
