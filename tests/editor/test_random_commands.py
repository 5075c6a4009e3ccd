"""Random sequences of commands: nothing breaks, undo goes back to the start, redo to the end. The long form is in tests/long."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.editor.random_commands import INTENTS, User
from tpviz.editor.intents import _PROTOCOL


def test_every_intent_is_made():
    """A new intent of the protocol joins the random user."""
    assert set(INTENTS) | {"restore"} == set(_PROTOCOL)  # restore is sent once, before anything else; test_keeping


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
@given(st.data())
def test_forty_random_commands(data):
    user = User(lambda options: data.draw(st.sampled_from(list(options))))
    try:
        user.live(40)
    finally:
        user.session.close()
