"""Batches of inputs: typed, random, turned, from files that may be anything."""

import io
import pickle

import numpy as np
import pytest

from tpviz.editor.batches import MAX_ROWS, BatchSpec, make_batch, parse_rows, read_array, turned
from tpviz.language import InputError, parse

ONE = parse("input xi = [1.0, -0.5, 0.5]\nembedding U ~ N(0, 1/d)\nh = U @ xi\n")
TWO = parse("input a\ninput b = [1, 2]\nembedding U ~ N(0, 1/d)\nembedding A ~ N(0, 1/d)\nx = A @ a\ny = U @ b\n")
SHARED = parse("input a\ninput b = [1, 2]\nembedding U ~ N(0, 1/d)\nx = U @ a\ny = U @ b\n")
FREE = parse("input xi\nembedding U ~ N(0, 1/d)\nh = U @ xi\n")


def npy(array, **how) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **how)
    return stream.getvalue()


def angle(x, y) -> float:
    return float(np.degrees(np.arccos(np.clip(x @ y / np.linalg.norm(x) / np.linalg.norm(y), -1, 1))))


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 135, 180])
def test_turning_keeps_the_length_and_makes_the_angle(degrees):
    x = np.array([1.0, -0.5, 0.5, 2.0])
    (y,) = turned({"xi": x}, np.array([float(degrees)]))["xi"]
    assert np.linalg.norm(y) == pytest.approx(np.linalg.norm(x), rel=1e-14)
    assert angle(x, y) == pytest.approx(degrees, abs=1e-6)


def test_turning_by_nothing_and_by_half_is_exact():
    x = np.array([0.1, 0.2, 0.3])
    same, other = turned({"xi": x}, np.array([0.0, 180.0]))["xi"]
    assert (same == x).all()
    assert (other == -x).all()


def test_one_number_has_two_angles_only():
    assert turned({"xi": np.array([2.0])}, np.array([0.0, 180.0]))["xi"].tolist() == [[2.0], [-2.0]]
    with pytest.raises(InputError, match="one number"):
        turned({"xi": np.array([2.0])}, np.array([60.0]))
    program = parse("input xi = [2]\nembedding U ~ N(0, 1/d)\nh = U @ xi\n")
    assert make_batch(program, BatchSpec(count=5)).inputs["xi"].tolist() == [[2.0], [-2.0]]


def test_the_programs_own_input_comes_first():
    batch = make_batch(ONE, BatchSpec("turned", count=3))
    assert batch.inputs["xi"].shape == (3, 3)
    assert batch.row(0)["xi"].tolist() == [1.0, -0.5, 0.5]
    assert batch.angles == (0.0, 90.0, 180.0)
    pair = make_batch(ONE, BatchSpec("angle", angle=40.0)).inputs["xi"]
    assert angle(*pair) == pytest.approx(40)


def test_the_sphere_has_radius_root_d_and_its_seed():
    one, again, other = (make_batch(FREE, BatchSpec("sphere", count=7, dimension=5, seed=s)).inputs["xi"] for s in (0, 0, 1))  # fmt: skip
    assert one.shape == (7, 5)
    assert (one**2).sum(1) == pytest.approx(np.full(7, 5.0))
    assert (one == again).all()
    assert not (one == other).any()


def test_typed_rows_hold_all_inputs_of_the_program():
    spec = BatchSpec("typed", text="1 2 3 4 5\n6, 7, 8, 9, 10\n")
    batch = make_batch(TWO, spec).inputs
    assert batch["a"].tolist() == [[1, 2, 3], [6, 7, 8]]
    assert batch["b"].tolist() == [[4, 5], [9, 10]]
    shared = make_batch(SHARED, BatchSpec("typed", text="1 2 3 4")).inputs
    assert shared["a"].tolist() == [[1, 2]]
    assert make_batch(FREE, BatchSpec("typed", text="1 2 3 4")).inputs["xi"].shape == (1, 4)


@pytest.mark.parametrize(
    ("program", "text", "reason"),
    [
        (ONE, "1 2", "A row has 2 numbers, the program takes 3 for xi"),
        (SHARED, "1 2 3", "2 for a"),
        (ONE, "", "empty"),
        (ONE, "1 2 3\n1 2", "Line 2 of the batch has 2 numbers"),
        (ONE, "1 2 3\n1 x 3", "'x' is not a number"),
        (ONE, "1 2 nan", "not finite"),
        (ONE, "1 2 1e400", "not finite"),
        (ONE, "1 2 3\n" * (MAX_ROWS + 1), "up to"),
    ],
)
def test_rows_that_do_not_fit_are_refused(program, text, reason):
    with pytest.raises(InputError, match=reason):
        make_batch(program, BatchSpec("typed", text=text))


def test_text_in_the_forms_that_people_paste():
    assert parse_rows("a, b\n[1, -2],\n[3;\t4]  # the last\n\n") == ((1.0, -2.0), (3.0, 4.0))
    assert read_array("x.csv", b"\xef\xbb\xbfx;y\n1;2\n") == ((1.0, 2.0),)


def test_npy_files():
    assert read_array("x.npy", npy(np.array([[1, 2], [3, 4]]))) == ((1.0, 2.0), (3.0, 4.0))
    assert read_array("x.NPY", npy(np.array([1.5, 2]))) == ((1.5, 2.0),)
    assert read_array("x.npy", npy(np.ones((2, 3), np.float32, order="F"))) == ((1.0,) * 3,) * 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.npy", b"", "not a .npy file"),
        ("x.npy", b"\x93NUMPY\x01\x00", "not a .npy file"),
        ("x.npy", pickle.dumps([1, 2]), "not a .npy file"),
        ("x.npy", npy(np.array([object()]), allow_pickle=True), "of object"),
        ("x.npy", npy(np.array(["a", "b"])), "real numbers|of <U1"),
        ("x.npy", npy(np.ones((2, 2), complex)), "complex128"),
        ("x.npy", npy(np.ones((2, 2, 2))), r"\(2, 2, 2\)"),
        ("x.npy", npy(np.ones((MAX_ROWS + 1, 2))), "up to"),
        ("x.npy", npy(np.ones((4, 4)))[:-8], "ends before"),
        ("x.npy", npy(np.array([[np.inf]])), "not finite"),
        ("x.npy", npy(np.ones((2, 2))).replace(b"(2, 2), }", b"(2, 9**9)")[:200], "not a .npy file"),
        ("x.csv", b"\xff\xfe\x00\x01", "not text"),
        ("x.csv", b"1,2\n3\n", "Line 2"),
    ],
)
def test_files_that_are_none_are_refused(name, content, reason):
    with pytest.raises(InputError, match=reason):
        read_array(name, content)


def test_a_header_that_promises_too_much_allocates_nothing():
    content = npy(np.ones((2, 1000)))
    padded = content.replace(b"(2, 1000), }   ", b"(2, 9999999), }")
    assert padded != content
    with pytest.raises(InputError, match="up to"):
        read_array("x.npy", padded)
