"""Programs in a notebook: as a figure by themselves, as the editor by `tp.view`."""

import asyncio
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

import pytest
from bokeh.document import Document as BokehDocument
from panel.io.resources import set_resource_mode
from pyviz_comms import Comm

import tpviz as tp
from tests.tools import in_a_thread
from tpviz.drawing import Document
from tpviz.language import InputError, parse_partial

TEXT = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W @ x\n"


def test_programs_documents_and_texts_show_their_drawing():
    for thing in (tp.parse(TEXT), Document.from_text(TEXT), parse_partial(TEXT + "z = W @ ?\n")):
        assert ET.fromstring(thing._repr_svg_()).tag.endswith("svg")
    assert tp.parse("")._repr_svg_() is None
    large = "vector x0 ~ N(0, 1)\n" + "".join(f"x{k + 1} = tanh(x{k})\n" for k in range(200))
    assert tp.parse(large)._repr_svg_() is None


def test_the_library_does_not_import_the_editor():
    code = "import sys, tpviz; assert not {'panel', 'bokeh', 'matplotlib'} & set(sys.modules), 'slow'"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_view_is_the_editor_in_a_frame():
    view = tp.view(tp.parse(TEXT), height=500)
    assert (view.height, view.sizing_mode) == (500, "stretch_width")
    assert "height" not in view.styles
    assert view.frame["keeps"] is False
    assert view.document.program == tp.parse(TEXT)
    with set_resource_mode("inline"):
        model = view._render_model(BokehDocument(), Comm())
    assert ".tp-root" in "".join(s for s in model.stylesheets if isinstance(s, str))  # a notebook loads no style sheet
    assert len(model.esm) > 100_000
    view._on_intent({"type": "select", "nodes": ["y"], "edges": []})
    view._on_intent({"type": "action", "name": "tool:matmul"})
    assert len(view.document.program) == 4


def test_numbers_come_in_through_the_loop_of_the_kernel():
    async def run() -> tuple[list[threading.Thread], threading.Thread]:
        view = tp.view(TEXT)
        session = view._on_intent.__self__
        came, done = [], asyncio.Event()
        worker = threading.Thread(
            target=lambda: session.post(lambda: (came.append(threading.current_thread()), done.set()))
        )
        worker.start()
        worker.join()
        await asyncio.sleep(0.1)
        assert not came  # what is sent before the window is there would be lost
        view._on_intent({"type": "room", "width": 900, "height": 600, "column": 400})
        await asyncio.wait_for(done.wait(), 30)
        again = asyncio.Event()
        session.post(again.set)
        await asyncio.wait_for(again.wait(), 30)
        session.close()
        return came, threading.current_thread()

    came, loops = in_a_thread(run())
    assert came == [loops]


def test_arguments_are_checked():
    with pytest.raises(InputError, match="height is 10"):
        tp.view(TEXT, height=10)
    with pytest.raises(InputError, match="Program or a Document"):
        tp.view(3)
