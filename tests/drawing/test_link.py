"""Links: what goes in comes out, whatever else is refused in a sentence."""

import base64
import json
import string
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tpviz.drawing import Document, document_from_text, from_link, to_link
from tpviz.drawing.compact import from_code, to_code
from tpviz.drawing.document import MAX_BYTES
from tpviz.drawing.link import MAX_LINK
from tpviz.language import DocumentError, parse

from .programs import EXAMPLES

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def packed(data: bytes, version: str = "1") -> str:
    """The link of any bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    return f"#p={version}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_fits_into_a_short_link(name):
    document = Document.from_text(EXAMPLES[name])
    link = to_link(document, "http://localhost:5006/editor")
    assert link.startswith("http://localhost:5006/editor#p=1.")
    assert len(link) < 2_000
    assert set(link.split("#p=")[1]) <= set(string.ascii_letters + string.digits + "-_.")
    assert from_link(link) == document


NAMES = st.text(string.ascii_letters + string.digits + ":_ ψ⊤", min_size=1, max_size=8).filter(str.isprintable)
POINT = st.floats(-1e6, 1e6, allow_nan=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(-1e300, 1e300) | st.text(max_size=10).filter(lambda t: t.isascii()),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300),
    st.dictionaries(NAMES, st.tuples(POINT, POINT), max_size=5),
    st.dictionaries(NAMES, st.text(string.printable[:94], max_size=20), max_size=3),
    st.dictionaries(NAMES.map(lambda n: f"later:{n}"), VALUES, max_size=3),
    st.booleans(),
)
@QUICK
def test_what_goes_in_comes_out(source, layout, labels, marks, inputs):
    text = json.dumps({"format": "tpviz", "version": 1, "program": source, "layout": layout, "labels": labels, "marks": marks, "view": {"inputs": inputs}, "later": [1, {"a": "b"}]})  # fmt: skip
    document = document_from_text(text)
    assert from_link(to_link(document)) == document
    assert from_link(f"  {to_link(document, 'https://a.b/c?x=1#old')}\n") == document


@given(st.text(max_size=200) | st.text("1.abcXYZ-_=#p&", max_size=60))
@QUICK
def test_any_text_is_refused_in_a_sentence(text):
    with pytest.raises(DocumentError) as error:
        from_link(text)
    assert error.value.diagnostics[0].message.endswith(".")


@given(st.binary(max_size=300))
@QUICK
def test_any_bytes_are_refused_in_a_sentence(data):
    with pytest.raises(DocumentError):
        from_link(f"#p=1.{base64.urlsafe_b64encode(data).decode().rstrip('=')}")
    with pytest.raises(DocumentError):
        from_link(packed(data))


@given(st.integers(0, 10_000), st.sampled_from(string.ascii_letters + string.digits + "-_"))
@QUICK
def test_a_changed_or_shortened_link_is_a_document_or_refused(where, letter):
    link = to_link(Document.from_text(EXAMPLES["rnn"]))
    at = len("#p=1.") + where % (len(link) - len("#p=1."))
    with pytest.raises(DocumentError):
        from_link(link[:at])
    try:
        document = from_link(link[:at] + letter + link[at + 1 :])
    except DocumentError:
        return
    assert isinstance(document, Document)


def test_bombs_are_stopped_while_they_unpack():
    bomb = packed(b"\0" * 200_000_000)
    assert len(bomb) > MAX_LINK  # the link itself is refused
    with pytest.raises(DocumentError, match="limit is 100,000"):
        from_link(bomb)
    small = packed(b'{"format":"tpviz","version":1,"program":"' + b"x" * 20_000_000 + b'"}')
    assert len(small) < MAX_LINK
    with pytest.raises(DocumentError, match=f"unpacks to more than {MAX_BYTES:,} bytes"):
        from_link(small)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("", "holds no program"),
        ("#p=", "holds no program"),
        ("https://example.org/editor", "does not hold a program"),
        ("two words", "holds no program"),
        ("#p=1.", "does not hold a program"),
        ("#p=1.a", "is damaged"),
        (packed(b"{}", "2"), r"by a newer tpviz \(version 2 of the form; this one reads 1\)"),
        (packed(b"{}", "0"), "by no tpviz"),
        (packed(b"{}"), 'format is missing, not "tpviz"'),
        (packed(b"[" * 5000), "nested 5000 levels deep"),
        (packed(b"\xff\xfe"), "is damaged"),
        (packed(b'{"format":"tpviz","version":99,"program":""}'), "newer tpviz"),
        (packed(b'{"format":"tpviz","version":1,"program":3}'), "program is 3"),
        (packed(b'{"format":"tpviz","version":1,"program":"","layout":{"x":[1e999,0]}}'), "two numbers within"),
        (packed(b'{"format":"tpviz","version":1,"program":"","layout":{"x":[' + b"9" * 50 + b",0]}}"), "50 digits"),
        (packed(b'{"format":"tpviz","version":1,"program":"","view":{"inputs":1}}'), "true or false"),
        ("x" * 200_000, "limit is 100,000"),
    ],
)  # fmt: skip
def test_hostile_links(link, message):
    with pytest.raises(DocumentError, match=message):
        from_link(link)


def test_a_program_that_is_too_large_says_to_use_a_file():
    """Numbers without a pattern cannot be compressed."""
    digits = "".join(str(pow(7, k, 10**9 + 7)) for k in range(40_000))
    document = Document.from_text("".join(f"# {digits[k : k + 100]}\n" for k in range(0, len(digits), 100)))
    with pytest.raises(DocumentError, match="too large for a link") as error:
        to_link(document)
    assert ".tpviz file" in error.value.diagnostics[0].hint
    assert from_code(to_code(document)) == document  # a figure carries it


def test_a_program_is_linked_as_it_is():
    program = parse(EXAMPLES["rnn"])
    assert from_link(to_link(program)).program == program
