"""The HTML page: one file that loads nothing, shows every node and number, and escapes everything that people wrote."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import tpviz as tp
from tpviz.drawing import Document, document_from_text, html_page
from tpviz.drawing.carry import from_figure
from tpviz.language import InputError

from .programs import BROKEN, EXAMPLES

EVIL = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'


class Page(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [a for t, a in self.tags if t == tag]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_a_page(tmp_path, name):
    path = tmp_path / "page.html"
    document = Document.from_text(EXAMPLES[name])
    tp.save_html(document, path)
    text = path.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert tp.load_document(path).source == document.source
    assert html_page(document) == text
    page = Page(text)
    assert {t for t, _ in page.tags} <= set(["html", "head", "meta", "title", "style", "body", "header", "h1", "p", "main", "div", "svg", "g", "path", "use", "button", "aside", "h2", "code", "dl", "dt", "dd", "section", "ol", "li", "span", "sup", "table", "thead", "tbody", "tr", "td", "th", "footer", "script", "defs"])  # fmt: skip
    assert [a.get("src") for a in page.all("script")] == [None, None]
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)|url\(|@import", text)
    shown = {a["data-fact"] for a in page.all("g") if "data-fact" in a}
    assert len(shown) >= len([v for v in document.program.vectors if v in document.program.definitions]) // 2
    assert {f"fact{k}" for k in shown} <= {a.get("id") for a in page.all("div")}


def test_numbers_and_formulas_are_there():
    text = html_page(
        Document.from_text("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W.T @ x\na = relu(y)\nh = W @ a\n")
    )
    assert re.search(r"<dt>E Z²</dt><dd>0\.75</dd>", text)
    assert "by ZDot" in text
    assert "<td>0.5</td>" in text  # the kernel of x and h
    network = html_page(Document.from_text(EXAMPLES["rnn"]))
    assert "<td>3.37964</td><td>7.03615</td>" in network


def test_half_drawn_and_empty_programs_have_a_page():
    text = html_page(Document.from_text(BROKEN))
    assert 'class="problem"' in text
    assert 'class="bad"' in text
    assert "An empty program" in html_page(Document.from_text(""))
    divergent = html_page(Document.from_text("vector x ~ N(0, 1)\ny = exp(exp(x))\n"))
    assert 'class="problem"' in divergent


def test_what_people_wrote_is_escaped():
    label = r"\href{javascript:alert(1)}{x}"
    document = document_from_text(
        tp.drawing.document_to_text(
            Document.from_text(f"# {EVIL}\nvector x ~ N(0, 1)\nvector y ~ N(0, 1)\nz = x + {EVIL}\n")
        )
    )
    document = Document(
        document.program,
        document.source,
        {},
        {"x": label, "y": "</svg><script>alert(2)</script>"},
        marks={"note:<b>": EVIL},
    )
    text = html_page(document, title=EVIL, link='https://a.b/"><script>alert(3)</script>#p=1.a')
    page = Page(text)
    assert [a.get("type") for a in page.all("script")] == ["application/x-tpviz", None]
    assert not page.all("img")
    assert not any(k.startswith("on") for _, a in page.tags for k in a)
    assert [a["href"] for a in page.all("a")] == ['https://a.b/"><script>alert(3)</script>#p=1.a']
    assert html_page(document, link="javascript:alert(1)").count("<a ") == 0
    assert from_figure(text.encode()).labels == document.labels


def test_the_policy_allows_only_its_own_script_and_style():
    text = html_page(Document.from_text(EXAMPLES["rnn"]))
    (policy,) = [a["content"] for a in Page(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert " style=" not in text.split("</style>")[1]


def test_suffix_and_argument():
    with pytest.raises(InputError, match=r"not an \.html file"):
        tp.save_html(EXAMPLES["rnn"], "a.svg")
    with pytest.raises(InputError, match="Program or a Document"):
        tp.save_html(3, "a.html")


def test_groups_are_drawn():
    group = {"name": "Step 2 <b>", "members": ["h2", "gate:x2", "x2"], "closed": False}
    document = Document.from_text(EXAMPLES["rnn"])
    for closed, mark in ((False, 'class="frame"'), (True, 'class="node group')):
        text = html_page(replace(document, marks={"group:g1": {**group, "closed": closed}}))
        assert mark in text
        assert "<b>" not in text
