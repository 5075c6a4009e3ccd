"""A browser tab without a browser: Bokeh's protocol on a websocket, so that many of them fit into one process."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["ProtocolTab"]

PLOTS = ("kernel_limit", "kernel_width", "distribution")


class ProtocolTab:
    """One session of the server: what the window would send goes out, what it would be told comes in."""

    def __init__(self, socket: WebSocketClientConnection):
        self.socket = socket
        self.view = ""  # id of the window's model
        self.sources: dict[str, str] = {}  # id of a plot's data -> the plot's name
        self.state: dict[str, Any] = {}  # the window's parameters
        self.patches: list[dict] = []
        self.drawn: dict[str, float] = {}  # plot -> when its newest data came
        self.received = 0  # characters
        self._changed = asyncio.Condition()

    @classmethod
    async def open(cls, url: str, origin: str | None = None) -> ProtocolTab:
        """Load the page, then connect as its script does."""
        page = await AsyncHTTPClient().fetch(url, request_timeout=60)
        token = re.search(r'"token":"([^"]+)"', page.body.decode())
        assert token is not None, "the page has no session token"
        address = url.replace("http", "ws", 1) + "/ws"
        headers = {"Origin": origin or url.rsplit("/", 1)[0]}
        request = HTTPRequest(address, headers=headers, connect_timeout=60)
        socket = await websocket_connect(request, subprotocols=["bokeh", token[1]], max_message_size=2**27)
        tab = cls(socket)
        header, _ = await tab._message()
        assert header["msgtype"] == "ACK"
        await tab._send("PULL-DOC-REQ", {})
        while True:
            header, content = await tab._message()
            if header["msgtype"] == "PULL-DOC-REPLY":
                break
        tab._read_document(content["doc"])
        tab._listening = asyncio.create_task(tab._listen())
        await tab._event("document_ready", {})
        return tab

    async def send(self, **intent: Any) -> None:
        """An intent of the window."""
        await self._event("data_event", {"model": {"id": self.view}, "data": _encoded(intent)})

    async def _event(self, name: str, values: dict) -> None:
        event = {
            "type": "event",
            "name": name,
            "values": {"type": "map", "entries": [[k, v] for k, v in values.items()]},
        }
        change = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        await self._send("PATCH-DOC", {"events": [change]})

    async def until(self, true: Callable[[ProtocolTab], Any], seconds: float = 20) -> None:
        """Wait until what came makes it true."""
        try:
            async with self._changed:
                await asyncio.wait_for(self._changed.wait_for(lambda: self._listening.done() or true(self)), seconds)
        except TimeoutError:
            status = (self.state.get("results") or {}).get("status")
            raise AssertionError(f"not within {seconds} s: {status}, {self.drawn}, {self.notices}") from None
        if self._listening.done():
            self._listening.result()  # says what ended it

    async def edit_until_drawn(self, **intent: Any) -> float:
        """Send an edit; the seconds until new data of all three plots are here."""
        start = time.perf_counter()
        await self.send(**intent)
        await self.until(lambda tab: all(tab.drawn.get(p, 0) > start for p in PLOTS))
        return time.perf_counter() - start

    async def settled(self) -> None:
        """The newest numbers are here."""
        await self.until(
            lambda tab: (
                (tab.state.get("results") or {}).get("status", {}).get("simulation")
                and not tab.state["results"]["status"]["busy"]
            )
        )

    @property
    def source(self) -> str:
        return self.state["text"]["source"]

    @property
    def notices(self) -> list[str]:
        return [f"{p['message']} {p['hint']}" for p in self.patches if p.get("type") == "notice"]

    async def close(self) -> None:
        self._listening.cancel()
        self.socket.close()

    # the protocol

    async def _send(self, kind: str, content: dict) -> None:
        header = {"msgid": uuid.uuid4().hex, "msgtype": kind}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _message(self) -> tuple[dict, dict]:
        """Header and content; binary buffers are passed over."""
        header = json.loads(await self._fragment())
        await self._fragment()
        content = json.loads(await self._fragment())
        for _ in range(2 * header.get("num_buffers", 0)):
            await self._fragment()
        return header, content

    async def _fragment(self) -> str | bytes:
        part = await self.socket.read_message()
        if part is None:
            raise ConnectionError(f"the server closed the connection: {self.socket.close_reason}")
        self.received += len(part)
        return part

    async def _listen(self) -> None:
        try:
            await self._listen_on()
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _listen_on(self) -> None:
        while True:
            header, content = await self._message()
            if header["msgtype"] == "PATCH-DOC":
                for event in content["events"]:
                    self._take(event)
            elif header["msgtype"] == "ERROR":
                self.patches.append({"type": "error", **content})
            async with self._changed:
                self._changed.notify_all()

    def _take(self, event: dict) -> None:
        if event["kind"] == "ModelChanged" and event["model"]["id"] in (self.view, self._data):
            self._find_plots(event["new"], time.perf_counter())
            self.state[event["attr"]] = _decoded(event["new"])
        elif event["kind"] in ("ModelChanged", "ColumnDataChanged") and event["model"]["id"] in self.sources:
            self.drawn[self.sources[event["model"]["id"]]] = time.perf_counter()
        elif event["kind"] == "MessageSent":
            values = _decoded(event["msg_data"])
            if isinstance(values, dict) and "data" in str(values)[:10_000]:
                self.patches.append(_patch(values))

    def _read_document(self, doc: dict) -> None:
        for model in _models(doc):
            attributes = model.get("attributes", {})
            if "bundle" in attributes and "data" in attributes:
                self.view = model["id"]
                data = attributes["data"]
                self._data = data["id"]
                self.state = {k: _decoded(v) for k, v in data.get("attributes", {}).items()}
        self._find_plots(doc, None)

    def _find_plots(self, value: Any, drawn: float | None) -> None:
        """Remember the plots that come; a plot comes with its first data, which is then drawn."""
        for figure in _models(value):
            if figure.get("name") == "Figure":
                name = figure["attributes"].get("name")
                renderers = figure["attributes"].get("renderers", [])
                if name in PLOTS and renderers:
                    self.sources[renderers[0]["attributes"]["data_source"]["id"]] = name
                    if drawn is not None:
                        self.drawn[name] = drawn


def _patch(values: dict) -> dict:
    found = values.get("values", values)
    return found.get("data", found) if isinstance(found, dict) else {}


def _models(value: Any):
    """Every model written out in a document."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "id" in value:
            yield value
        for v in value.values():
            yield from _models(v)
    elif isinstance(value, list):
        for v in value:
            yield from _models(v)


def _encoded(value: Any) -> Any:
    """A value in Bokeh's JSON."""
    if isinstance(value, dict):
        return {"type": "map", "entries": [[k, _encoded(v)] for k, v in value.items()]}
    return [_encoded(v) for v in value] if isinstance(value, list | tuple) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("type") == "map":
            return {_decoded(k): _decoded(v) for k, v in value.get("entries", [])}
        return {k: _decoded(v) for k, v in value.items()}
    return [_decoded(v) for v in value] if isinstance(value, list) else value
