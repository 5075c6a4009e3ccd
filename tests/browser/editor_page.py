"""What a person does in the editor, in words."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

__all__ = ["EditorPage"]


class EditorPage:
    def __init__(self, page: Page):
        self.page = page

    def wait_ready(self) -> None:
        expect(self.page.locator("[data-tool='vector']")).to_be_visible(timeout=20_000)
        expect(self.page.locator("[data-testid='editor'][data-ready]")).to_be_visible(timeout=20_000)
        self.page.wait_for_timeout(300)

    def open_example(self, name: str) -> None:
        self.page.locator(f"[data-example='{name}']").first.click()
        expect(self.page.locator(".tp-node").first).to_be_visible()
        self.settled()

    def theme(self, name: str) -> None:
        """Choose a theme in the bar's menu."""
        self.page.locator("[data-menu='Look']").click()
        self.page.locator(f"[role='menu'] [data-action='theme:{name}']").click()
        expect(self.page.locator(f".tp-root[data-theme='{name}']")).to_be_visible()

    def command(self, query: str, name: str) -> None:
        """Run a command by the palette; `name` is the entry that must come first."""
        self.page.keyboard.press("Control+k")
        self.page.locator("[data-testid='command-query']").fill(query)
        expect(self.page.locator("[data-testid='command-palette'] [aria-selected='true']")).to_have_attribute(
            "data-command", name
        )
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[data-testid='command-palette']")).to_have_count(0)

    def node(self, id: str) -> Locator:
        return self.page.locator(f".tp-node[data-id='{id}']")

    def nodes(self) -> Locator:
        return self.page.locator(".tp-node")

    def edge(self, id: str) -> Locator:
        return self.page.locator(f".tp-edge[data-id='{id}']")

    def tool(self, name: str) -> None:
        self.page.locator(f"[data-tool='{name}']").click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(250)

    def draw(self, **steps: str) -> str:
        """Press keys one after the other, each once its mark stands in the program text."""
        text = ""
        for key, mark in steps.items():
            self.press(key.replace("_", "+").rstrip("+0123456789"))
            text = self.wait_source(mark)
        return text

    def source(self) -> str:
        """The program text as it stands in the editor."""
        return self.page.locator("[data-testid='text']").evaluate("element => element.programText()")

    def set_text(self, text: str) -> None:
        """Replace the whole program text, as by a paste."""
        self.page.locator("[data-testid='text']").focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def caret(self, line: int, column: int = 1) -> None:
        """Put the caret into the program text, by keys: line and column count from 1."""
        self.page.locator("[data-testid='text']").focus()
        keyboard = self.page.keyboard
        keyboard.press("ControlOrMeta+Home")
        for key, times in (("ArrowDown", line - 1), ("ArrowRight", column - 1)):
            for _ in range(times):
                keyboard.press(key)

    def expect_source(self, *lines: str) -> None:
        """The program text has these lines, in this order, apart from comments and blanks."""
        for _ in range(40):
            found = [re.sub(r"\s*#.*", "", line).strip() for line in self.source().splitlines()]
            if [x for x in found if x] == list(lines):
                return
            self.page.wait_for_timeout(100)
        assert [x for x in found if x] == list(lines)

    def wait_source(self, *pieces: str, without: tuple[str, ...] = ()) -> str:
        """The program text, once it holds every piece."""
        text = ""
        for _ in range(100):
            text = self.source() if self.page.locator("[data-testid='text']").count() else ""
            if all(p in text for p in pieces) and not any(p in text for p in without):
                return text
            self.page.wait_for_timeout(100)
        raise AssertionError(f"expected {pieces} without {without} in\n{text}")

    def settled(self) -> None:
        """The newest numbers are on the screen."""
        expect(self.page.locator("[data-testid='status']")).to_contain_text("Simulated", timeout=10_000)
        expect(self.page.locator("[data-testid='status'][data-busy='true']")).to_have_count(0, timeout=10_000)
        self.page.wait_for_timeout(150)

    def centre(self, id: str) -> tuple[float, float]:
        box = self.node(id).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def canvas_point(self, fx: float, fy: float) -> tuple[float, float]:
        box = self.page.locator("[data-testid='canvas']").bounding_box()
        assert box is not None
        return box["x"] + fx * box["width"], box["y"] + fy * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()
        self.page.wait_for_timeout(300)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"[data-field='{name}']").first

    def inspected(self) -> None:
        """The inspector shows what is selected on the canvas, as a person sees before typing into it."""
        shown = self.page.locator("[data-testid='inspector']")
        for _ in range(100):
            nodes = self.page.locator(".tp-node[data-selected]").evaluate_all("found => found.map(n => n.dataset.id)")
            if len(nodes) != 1 or (shown.count() and shown.get_attribute("data-key") in nodes):
                return
            self.page.wait_for_timeout(50)

    def fill(self, name: str, value: str) -> None:
        self.inspected()
        box = self.field(name)
        box.fill(value)
        expect(box).to_have_value(value)
        box.press("Enter")
        self.page.wait_for_timeout(250)

    def heatmap(self, which: str = "kernel_limit") -> tuple[list[str], list[list[float]]]:
        """Names and numbers of a heatmap, read from the plot itself."""
        data = self.page.evaluate(
            """name => {
                for (const doc of Bokeh.documents)
                    for (const model of doc.all_models)
                        if (model.type === 'Figure' && model.name === name) {
                            const data = model.renderers[0].data_source.data
                            return [[...data.column], [...data.value]]
                        }
            }""",
            which,
        )
        k = int(len(data[0]) ** 0.5)
        numbers = [float(v.split(" ")[0]) for v in data[1]]
        return data[0][:k], [numbers[i * k : (i + 1) * k] for i in range(k)]
