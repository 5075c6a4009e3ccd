"""A session without a browser: intents in, state of the window out."""

from tpviz.editor.session import Session

__all__ = ["Window"]


class Window:
    """A session with its patches recorded, and a way to wait for its numbers."""

    def __init__(self, session: Session):
        self.session = session
        self.patches: list[dict] = []
        session.view.patch = self.patches.append

    def send(self, **intent) -> None:
        self.session.receive(intent)

    def act(self, *names: str) -> None:
        for name in names:
            self.send(type="action", name=name)

    def settle(self) -> None:
        """Wait until the worker has nothing left to do."""
        self.session.column.worker.wait(60)

    @property
    def source(self) -> str:
        return self.session.state.source

    @property
    def notices(self) -> list[str]:
        return [f"{p['message']} {p['hint']}" for p in self.patches if p["type"] == "notice"]

    @property
    def errors(self) -> list[str]:
        return [
            f"{p['message']} {p['hint']}" for p in self.patches if p["type"] == "notice" and p["severity"] == "error"
        ]
