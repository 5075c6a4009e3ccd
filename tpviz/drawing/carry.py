"""Exported files carry their document: in the metadata of an SVG, the keywords of a PDF, a text chunk of a PNG, the last
comment of a TikZ file, a data block of a page. Whatever wrote it, the mark is `tpviz-source` and the word of `compact`.

Reading is a search for the mark, never a parse of the whole file: nothing of the file is executed, resolved or fetched,
and every step is capped.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from tpviz.language import DocumentError

from .compact import MAX_CODE, from_code
from .document import Document

__all__ = ["MARK", "MAX_FIGURE", "from_figure", "in_png", "in_svg", "in_tex", "pdf_keywords"]

MARK = "tpviz-source"
NAMESPACE = "urn:tpviz"
MAX_FIGURE = 8_000_000  # bytes of a file that is searched
_MAX_STREAMS, _MAX_UNPACKED = 2_000, 32_000_000  # of a PDF
_PNG = b"\x89PNG\r\n\x1a\n"
_CODE = rb"(\d{1,6}\.[A-Za-z0-9_-]+)"
_WIDTH = 76

# in XML and HTML: an element of any prefix, its text alone or as CDATA
_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,60}:)?tpviz-source(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?\s*" + _CODE + rb"\s*(?:\]\]>)?\s*</"
)
_BLOCK = re.compile(rb"<script type=\"application/x-tpviz\"[^<>]*>\s*" + _CODE + rb"\s*</script>")
_COMMENT = re.compile(
    rb"^[ \t]*%[ \t]*tpviz-source:[ \t]*([^\r\n]*(?:\r?\n[ \t]*%[ \t]*[\w.-]+[ \t]*(?=\r?\n|\Z))*)", re.M
)
_STRING = re.compile(rb"(?<=/Keywords \()tpviz-source:" + _CODE + rb"|tpviz-source:" + _CODE)
_UTF16 = re.compile("\0".join("tpviz-source:").encode() + rb"((?:\x00[\w.-])+)")  # of either byte order
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{40,})>")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


# writing


def in_svg(svg: bytes, code: str) -> bytes:
    """The SVG with the word in its metadata, in an element of a namespace of its own, which editors keep."""
    element = f' <{MARK} xmlns="{NAMESPACE}">{code}</{MARK}>\n '
    at = svg.find(b"</metadata>")
    if at < 0:
        at = svg.find(b">", svg.find(b"<svg")) + 1
        element = f"\n <metadata>\n {element}</metadata>"
    return svg[:at] + element.encode() + svg[at:]


def in_png(png: bytes, code: str) -> bytes:
    """The PNG with the word in a text chunk before its end."""
    end = png.rfind(b"IEND") - 4
    body = b"tEXt" + MARK.encode() + b"\0" + code.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:end] + chunk + png[end:]


def in_tex(tex: str, code: str) -> str:
    """The TeX with the word in comments behind its last line."""
    text, step = f"{MARK}: {code}", _WIDTH - 2
    lines = [text[k : k + step] for k in range(0, len(text), step)]
    return tex + "".join(f"% {line}\n" for line in [*lines, f"end of {MARK}"])


def pdf_keywords(code: str) -> str:
    """The keywords of a PDF that carries the word."""
    return f"{MARK}:{code}"


# reading


def from_figure(data: bytes, name: str = "The file") -> Document:
    """The document in the bytes of an SVG, PDF, PNG, TikZ or HTML file that tpviz wrote.

    Raises `DocumentError` for a file without one, or with one that is cut off or damaged.
    """
    if len(data) > MAX_FIGURE:
        raise DocumentError(
            f"{name} has {len(data):,} bytes; the limit for a figure is {MAX_FIGURE:,}.",
            hint="Open the .tpviz file instead.",
        )
    if data.startswith(_PNG):
        code = _of_png(data)
    elif data.lstrip()[:5] == b"%PDF-":
        code = _of_pdf(data)
    else:
        code = _of_text(data)
    if code is None:
        raise DocumentError(
            f"{name} does not carry a program.",
            hint="Files that tpviz exported carry theirs, unless another program took it out. Open a .tpviz or .tp file.",
        )
    return from_code(code, f"The program in {name}")


def _of_text(data: bytes) -> str | None:
    """Of SVG, HTML or TeX."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", errors="replace").encode(errors="replace")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        found = _ELEMENT.search(data) or _BLOCK.search(data)
        return found[1].decode() if found else None
    comments = _COMMENT.findall(data)  # the last is ours: a title may say anything
    if not comments:
        return None
    return b"".join(line.strip(b" \t%\r") for line in comments[-1].split(b"\n")).decode("ascii", errors="replace")


def _of_png(data: bytes) -> str | None:
    at = len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if len(body) < length:
            return None
        keyword, _, rest = body[: MAX_CODE + 1_000].partition(b"\0")
        if keyword == MARK.encode():
            text = _chunk_text(kind, rest)
            if text is not None:
                return text.decode("ascii", errors="replace")
        at += 12 + length
    return None


def _chunk_text(kind: bytes, rest: bytes) -> bytes | None:
    """The text of a tEXt, zTXt or iTXt chunk behind its keyword: other programs rewrite one as another."""
    match kind:
        case b"tEXt":
            return rest
        case b"zTXt":
            return _inflated(rest[1:], MAX_CODE)
        case b"iTXt" if len(rest) > 2:
            text = rest[2:].split(b"\0", 2)[-1]
            return _inflated(text, MAX_CODE) if rest[0] else text
    return None


def _of_pdf(data: bytes) -> str | None:
    """From the keywords as tpviz writes them, or as another program rewrote them: in hexadecimal, UTF-16, or packed."""
    for part in _pdf_parts(data):
        found = _STRING.findall(part)
        if found:
            return next((own for own, _ in found if own), found[-1][1]).decode()  # a title may say anything
        if wide := _UTF16.findall(part):
            return wide[-1].replace(b"\0", b"").decode()
    return None


def _pdf_parts(data: bytes) -> Iterator[bytes]:
    yield data
    for found in _HEXADECIMAL.finditer(data):
        digits = b"".join(found[1].split())
        yield bytes.fromhex((digits if len(digits) % 2 == 0 else digits + b"0").decode())
    left, whole = _MAX_UNPACKED, memoryview(data)
    for k, start in enumerate(_STREAM.finditer(data)):
        end = data.find(b"endstream", start.end())
        if k >= _MAX_STREAMS or left <= 0 or end < 0:
            return
        part = _inflated(whole[start.end() : end], min(left, 2 * MAX_CODE))
        if part is not None:
            left -= len(part)
            yield part


def _inflated(data: bytes | memoryview, limit: int) -> bytes | None:
    """What zlib unpacks, up to the limit, or None where it is not packed."""
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error:
        return None
