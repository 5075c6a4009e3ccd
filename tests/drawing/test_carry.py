"""Exports carry their source: every format opens again, also after other programs had it; hostile files are refused."""

import base64
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tpviz as tp
from tpviz.drawing import Document, document_from_bytes, figure
from tpviz.drawing.carry import MAX_FIGURE, from_figure, in_png, in_svg, in_tex, pdf_keywords
from tpviz.drawing.compact import to_code
from tpviz.language import DocumentError, parse

from .programs import BROKEN, EXAMPLES

FORMATS = [".svg", ".pdf", ".png", ".tex"]
RNN = Document(
    parse(EXAMPLES["rnn"]),
    EXAMPLES["rnn"],
    {"x3": (900.0, 40.5)},
    {"W": r"\Omega"},
    {"inputs": True},
    {"later": [1, "two"]},
    {"pin:x3": True, "group:a": {"name": "a", "members": ["x1", "x2"], "closed": False}},
)
FILES = {suffix: figure(RNN).to_bytes(suffix) for suffix in FORMATS}
QUICK = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_brings_everything_back(tmp_path, suffix):
    path = tmp_path / f"figure{suffix}"
    figure(RNN, path)
    found = tp.load_document(path)
    assert (found.program, found.source, found.labels, found.view) == (RNN.program, RNN.source, RNN.labels, RNN.view)
    assert (found.extra, found.marks) == (RNN.extra, RNN.marks)
    assert found.layout["x3"] == (900.0, 40.5)
    assert figure(found).scene == figure(RNN).scene  # every node stands where it was drawn
    assert tp.load(path) == RNN.program
    assert figure(found).to_bytes(suffix) == path.read_bytes()


@pytest.mark.parametrize("suffix", FORMATS)
def test_half_drawn_work_is_carried(suffix):
    assert document_from_bytes(figure(BROKEN).to_bytes(suffix), f"a{suffix}").source == BROKEN


def test_arguments_of_the_figure_are_carried():
    found = from_figure(figure(RNN.program, labels={"W": "V"}, layout={"x1": (7, 8)}, inputs=True).svg().encode())
    assert (found.labels, found.layout["x1"], found.view) == ({"W": "V"}, (7, 8), {"inputs": True})


def test_the_picture_alone_is_carried():
    snippet = figure(RNN).tikz(standalone=False)
    assert from_figure(snippet.encode()).source == RNN.source
    assert max(len(line) for line in snippet.splitlines() if line.startswith("% tpviz") or "_" in line[:3]) <= 76


# what other programs do to the files


def test_an_svg_that_another_program_wrote_anew():
    root = ET.fromstring(FILES[".svg"])
    ET.SubElement(root, "{http://www.w3.org/2000/svg}rect", width="5")
    again = ET.tostring(root)
    assert b":tpviz-source" in again  # with a prefix
    assert from_figure(again).labels == RNN.labels
    code = to_code(RNN)
    inkscape = f'<svg><metadata id="m1"><tpviz-source\n   xmlns="urn:tpviz"\n   id="t2">\n {code}\n </tpviz-source></metadata></svg>'
    assert from_figure(inkscape.encode()) == RNN
    assert from_figure(inkscape.replace(code, f"<![CDATA[{code}]]>").encode()) == RNN
    assert from_figure(inkscape.encode("utf-16")) == from_figure(b"\xef\xbb\xbf" + inkscape.encode()) == RNN
    assert from_figure(in_svg(b"<?xml version='1.0'?><svg width='3'><g/></svg>", code)) == RNN


def test_a_pdf_that_another_program_wrote_anew():
    keywords = pdf_keywords(to_code(RNN))
    wide = ("\ufeff" + keywords).encode("utf-16-be")
    packed = zlib.compress(b"<< /Keywords (" + keywords.encode() + b") >>")
    for body in (
        b"<< /Keywords (" + keywords.encode() + b") >>",
        b"<< /Keywords (" + wide + b") >>",
        b"<< /Keywords (" + ("\ufeff" + keywords).encode("utf-16-le") + b") >>",
        b"<< /Keywords <" + wide.hex().encode() + b"> >>",
        b"<< /Keywords <" + keywords.encode().hex().upper().encode() + b"> >>",
        b"<< /Length 9 >>\nstream\r\n" + packed + b"\nendstream",
    ):
        assert from_figure(b"%PDF-1.7\n1 0 obj\n" + body + b"\nendobj\n%%EOF") == RNN


def test_a_png_that_another_program_wrote_anew():
    import io

    from PIL import Image, PngImagePlugin

    with Image.open(io.BytesIO(FILES[".png"])) as image:
        code = image.text["tpviz-source"]
        for international, packed in ((False, False), (False, True), (True, False), (True, True)):
            about = PngImagePlugin.PngInfo()
            about.add_text("tpviz", "1.another")
            add = about.add_itxt if international else about.add_text
            add("tpviz-source", code, zip=packed)
            out = io.BytesIO()
            image.save(out, "png", pnginfo=about)
            assert from_figure(out.getvalue()).labels == RNN.labels


def test_tikz_that_was_edited():
    text = FILES[".tex"].decode().replace("\n", "\r\n")
    assert from_figure(text.encode()).labels == RNN.labels
    assert from_figure((text + "% my own comment\r\n% word\r\n").encode()).labels == RNN.labels
    indented = re.sub("(?m)^%", "    %", FILES[".tex"].decode())
    assert from_figure(indented.encode()).labels == RNN.labels


def test_a_title_that_looks_like_a_program_changes_nothing():
    other = to_code(Document.from_text("vector evil ~ N(0, 1)\n"))
    for title in (f"tpviz-source: {other}", f"tpviz-source:{other}", f"<tpviz-source>{other}</tpviz-source>"):
        for suffix in FORMATS:
            assert from_figure(figure(RNN, title=title).to_bytes(suffix)).source == RNN.source


# hostile files


@pytest.mark.parametrize("suffix", [*FORMATS, ".html"])
@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"<svg><metadata></metadata></svg>", b"% tpviz-source: ", b"\xff\xfe", b"\xff\xfe<",
     b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**32 - 1) + b"tEXttpviz-source\x001.a", b"<tpviz-source>1.a", b"% tpviz-source"],
)  # fmt: skip
def test_a_file_without_a_program_says_so(data, suffix):
    with pytest.raises(DocumentError, match=r"does not (carry|hold) a program"):
        document_from_bytes(data, f"a{suffix}")


@pytest.mark.parametrize("suffix", FORMATS)
@given(st.data())
@QUICK
def test_truncated_and_changed_files_are_read_or_refused(suffix, data):
    whole = FILES[suffix]
    cut = data.draw(st.integers(0, len(whole)))
    flips = data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=4))
    changed = bytearray(whole)
    for at, value in flips:
        changed[at] = value
    for hostile in (whole[:cut], bytes(changed)):
        try:
            found = from_figure(hostile)
        except DocumentError:
            continue
        assert isinstance(found, Document)


def test_bombs_and_large_files():
    bomb = zlib.compress(b"\0" * 50_000_000)
    parts = b"".join(b"stream\n" + bomb + b"\nendstream\n" for _ in range(100))
    with pytest.raises(DocumentError, match="does not carry"):
        from_figure(b"%PDF-1.7\n" + parts)
    with pytest.raises(DocumentError, match="does not carry"):
        from_figure(b"%PDF-1.7\n" + b"stream\n" * 500_000)
    body = b"zTXttpviz-source\0\0" + bomb
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with pytest.raises(DocumentError):
        from_figure(b"\x89PNG\r\n\x1a\n" + chunk)
    code = base64.urlsafe_b64encode(zlib.compress(b"x" * 30_000_000, 9)[2:-4]).decode().rstrip("=")
    for data in (in_tex("", f"1.{code}").encode(), f"<tpviz-source>1.{code}</tpviz-source>".encode()):
        with pytest.raises(DocumentError, match="unpacks to more than"):
            from_figure(data)
    with pytest.raises(DocumentError, match=f"limit for a figure is {MAX_FIGURE:,}"):
        from_figure(b" " * (MAX_FIGURE + 1))


def test_entities_of_an_svg_are_not_resolved():
    svg = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg><tpviz-source>&a;</tpviz-source></svg>'
    with pytest.raises(DocumentError, match="does not carry"):
        from_figure(svg)


def test_suffixes(tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(b"GIF")
    with pytest.raises(DocumentError, match=r"not a \.tp or \.tpviz file") as error:
        tp.load_document(path)
    assert ".svg" in error.value.diagnostics[0].hint


def test_png_keeps_its_picture():
    import io

    from PIL import Image

    plain = figure(RNN)
    with_code = Image.open(io.BytesIO(FILES[".png"]))
    with_code.load()
    assert with_code.size == Image.open(io.BytesIO(in_png(plain.to_bytes(".png"), "1.a"))).size
