"""The table of actions: names and keys are unique, every row says what it needs, what is enabled works."""

from collections import Counter

from tpviz.editor.actions import ACTIONS, find

#: keys that belong to the fields and menus of every browser window
RESERVED = {"Tab", "Shift+Tab", "F5", "F11", "F12", "Control+t", "Control+w", "Control+n", "Control+r"}


def test_no_name_and_no_key_is_used_twice():
    names, keys = Counter(a.name for a in ACTIONS), Counter(k for a in ACTIONS for k in a.keys)
    assert [n for n, count in names.items() if count > 1] == []
    assert [k for k, count in keys.items() if count > 1] == []
    assert not RESERVED & set(keys)


def test_every_row_can_be_found_and_read():
    for a in ACTIONS:
        assert find(a.name) is a
        assert a.label
        assert a.label[0].isupper(), a.label
        assert a.heading != "More", f"{a.name} stands in no menu and has no group"
        assert len(a.help) <= 100
        assert not a.help or a.help.endswith("."), a.help


def test_what_is_not_possible_says_what_it_needs(window):
    rows = {r["name"]: r for r in window.session.view.actions}
    assert rows["undo"]["needs"] == "Nothing to undo"
    assert rows["transpose"]["needs"].startswith("Select a MatMul")
    assert rows["network:angle"]["needs"] == "Needs a readout: press R"
    assert all(r["needs"] != "Not possible now" for r in rows.values() if not r["enabled"])
    window.act("tool:vector")
    rows = {r["name"]: r for r in window.session.view.actions}
    assert rows["undo"]["enabled"]
    assert "needs" not in rows["undo"]


def test_actions_of_the_column_show_what_they_say(window):
    window.send(type="example", id="rnn")
    window.act("network:angle")
    window.settle()
    results = window.session.view.results
    assert (results["tab"], results["kind"], results["network"]["view"]) == ("kernel", "network", "angle")
    window.act("kernel:correlation", "width:3", "new-seed")
    window.settle()
    results = window.session.view.results
    assert (results["kind"], results["kernel"]["mode"]) == ("vectors", "correlation")
    assert (results["width"]["log10"], results["width"]["seed"]) == (3, 1)
    window.act("tab:distribution")
    rows = {r["name"]: r for r in window.session.view.actions}
    assert rows["tab:distribution"]["checked"]
    assert not rows["tab:kernel"]["checked"]
