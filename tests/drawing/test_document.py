import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tpviz.drawing import Document, document_from_text, document_to_text, load, load_document, save
from tpviz.drawing.migrations import migrate
from tpviz.language import DocumentError, InputError, ProgramError, parse

from .programs import BROKEN, EXAMPLES

DATA = Path(__file__).parents[1] / "data"
GOOD = {
    "format": "tpviz",
    "version": 1,
    "program": "vector x ~ N(0, 1)\n",
    "layout": {"x": [1, 2.5]},
    "labels": {"x": "a"},
    "view": {},
}


def changed(**fields):
    return json.dumps({**GOOD, **fields})


@pytest.mark.parametrize("file", sorted(DATA.glob("v*.tpviz")), ids=lambda p: p.stem)
def test_every_version_opens(file):
    document = load_document(file)
    assert document.program.vectors == ("x", "y", "z")
    assert document.layout["z"] == (176.5, 24.0)
    assert document.labels == {"W": r"\Omega"}
    assert load(file) == document.program


def test_unknown_fields_are_kept(tmp_path):
    document = load_document(DATA / "v1.tpviz")
    save(document, tmp_path / "a.tpviz")
    assert json.loads((tmp_path / "a.tpviz").read_text(encoding="utf-8"))["author"].startswith("a field")
    assert load_document(tmp_path / "a.tpviz") == document
    assert document_to_text(document) == (DATA / "v1.tpviz").read_text(encoding="utf-8").replace(
        '"x": [0, 0]', '"x": [\n   0,\n   0\n  ]'
    ).replace('"y": [88, 0]', '"y": [\n   88,\n   0\n  ]').replace('"z": [176.5, 24]', '"z": [\n   176.5,\n   24\n  ]')


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_text_keeps_its_comments(tmp_path, text):
    document = Document.from_text(text)
    save(document, tmp_path / "a.tp")
    assert (tmp_path / "a.tp").read_text(encoding="utf-8") == text
    assert load_document(tmp_path / "a.tp") == document
    assert load(tmp_path / "a.tp") == parse(text)


def test_a_program_can_be_saved(tmp_path):
    program = parse(EXAMPLES["rnn"])
    for name in ("a.tp", "a.tpviz"):
        save(program, tmp_path / name)
        assert load(tmp_path / name) == program
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".part"]
    with pytest.raises(InputError, match="can be saved"):
        save(3, tmp_path / "a.tp")


def test_a_program_with_errors_opens_but_is_no_program(tmp_path):
    save(Document.from_text(BROKEN), tmp_path / "a.tpviz")
    document = load_document(tmp_path / "a.tpviz")
    assert document.source == BROKEN
    assert "x3" in document.program.vectors
    assert document.parsed.diagnostics
    with pytest.raises(ProgramError, match="cannot stand inside a Nonlin"):
        load(tmp_path / "a.tpviz")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(format="draw"), "not a tpviz document"),
        (changed(version=2), "newer tpviz"),
        (changed(version=True), "version is true"),
        (changed(version="1"), "whole number"),
        (changed(version=0), "whole number"),
        (changed(program=None), "program is missing"),
        (changed(program=[1]), "program is a list"),
        (changed(layout=[1]), "layout is a list"),
        (changed(layout={"x": [1]}), r"layout\['x'\]"),
        (changed(layout={"x": [1, "2"]}), "two numbers"),
        (changed(layout={"x": [1, 1e7]}), "two numbers"),
        (changed(layout={"x": [True, 1]}), "two numbers"),
        (changed(layout={"x": [1, 2]}).replace("[1, 2]", "[1, 1e999]"), "two numbers"),
        (changed(layout={str(k): [0, 0] for k in range(20_001)}), "20,001 entries"),
        (changed(labels={"x": 3}), "labels"),
        (changed(labels={"x": "a" * 201}), "at most 200"),
        (changed(labels={"x": "a\nb"}), "one line"),
        (changed(view={"inputs": "yes"}), "view.inputs"),
        (changed(view=3), "view is a number"),
        (changed().replace("2.5", "NaN"), "NaN is not a number"),
        (changed().replace("2.5", "-Infinity"), "not a number of JSON"),
        (changed().replace("2.5", "9" * 5000), "5000 digits"),
        (changed().replace('"view"', '"labels"'), "occurs twice"),
        (changed()[:-20], "cut off"),
        (changed().replace(",", ";"), "not JSON"),
        ("[" * 100_000, "nested"),
        ("3", "a JSON object is needed"),
        ("", "cut off"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    with pytest.raises(DocumentError, match=message) as error:
        document_from_text(text, "a.tpviz")
    assert error.value.diagnostics[0].hint


def test_files_that_are_no_documents(tmp_path):
    (tmp_path / "big.tpviz").write_bytes(b" " * 1_000_001)
    (tmp_path / "bytes.tp").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.tp").mkdir()
    for name, message in [
        ("big.tpviz", "1,000,001 bytes"),
        ("bytes.tp", "not UTF-8"),
        ("folder.tp", "is a folder"),
        ("no.tp", "does not exist"),
        ("a.txt", "not a .tp or .tpviz"),
    ]:
        with pytest.raises(DocumentError, match=message):
            load_document(tmp_path / name)
    with pytest.raises(DocumentError, match="cannot be written"):
        save(parse(""), tmp_path / "no" / "a.tp")


def test_saving_replaces_the_whole_file(tmp_path):
    path = tmp_path / "a.tpviz"
    save(parse(EXAMPLES["rnn"]), path)
    path.chmod(0o640)
    save(parse(EXAMPLES["mlp"]), path)
    assert load(path) == parse(EXAMPLES["mlp"])
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.tpviz"]


def test_migrations_run_one_after_the_other():
    steps = {1: lambda f: {**f, "view": {"old": f["look"]}}, 2: lambda f: {**f, "program": f["program"].upper()}}
    fields = {"version": 1, "program": "a", "look": 7}
    assert migrate(fields, 1, steps, current=3) == {"version": 3, "program": "A", "look": 7, "view": {"old": 7}}
    assert fields["program"] == "a"
    with pytest.raises(DocumentError, match="never written"):
        migrate(fields, 1, {}, current=2)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["format", "version", "program", "layout", "labels", "view", "more"]), values))
def test_hostile_fields_are_read_or_refused(fields):
    try:
        document = document_from_text(json.dumps({**GOOD, **fields}))
    except DocumentError:
        return
    again = document_from_text(document_to_text(document))
    assert again == document


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_hostile_text_is_read_or_refused(text):
    with contextlib.suppress(DocumentError):
        document_from_text(text)


@given(st.integers(0, len(json.dumps(GOOD)) - 1))
def test_a_file_that_is_cut_off_is_refused(length):
    with pytest.raises(DocumentError, match=r"cut off|not JSON"):
        document_from_text(json.dumps(GOOD)[:length])
