"""What a person put on the drawing beside positions and labels, as JSON values by key, and what happens to it when nodes
are renamed or go.

`pin:<node>` is true: the node stays where it is when the layout is tidied. `group:<id>` is
`{"name": "step 2", "members": [node, …], "closed": true}`: closed groups are drawn as one node. No node is in two
groups. All other keys belong to others and are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tpviz.language import DocumentError

__all__ = [
    "MAX_GROUP_NAME", "NodeGroup", "base_name", "checked", "fresh_group_id", "group_key", "group_name_fault",
    "groups_of", "pin_key", "pinned", "pruned", "renamed", "renamed_node", "ungrouped",
]  # fmt: skip

PIN, GROUP = "pin:", "group:"
MAX_GROUP_NAME = 40
_MAX_ID = 300
_GROUP_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
Marks = Mapping[str, Any]


@dataclass(frozen=True)
class NodeGroup:
    """A group of nodes; its node, while it is closed, has the id `group:<id>`."""

    id: str
    name: str
    members: tuple[str, ...]
    closed: bool = False

    @property
    def node(self) -> str:
        return group_key(self.id)

    @property
    def mark(self) -> dict[str, Any]:
        return {"name": self.name, "members": list(self.members), "closed": self.closed}


def pin_key(node: str) -> str:
    return f"{PIN}{node}"


def group_key(id: str) -> str:
    return f"{GROUP}{id}"


def pinned(marks: Marks) -> frozenset[str]:
    """The nodes that are pinned."""
    return frozenset(key.removeprefix(PIN) for key, value in marks.items() if key.startswith(PIN) and value is True)


def groups_of(marks: Marks) -> tuple[NodeGroup, ...]:
    """The groups, in the order in which they were made."""
    return tuple(
        NodeGroup(key.removeprefix(GROUP), v["name"], tuple(v["members"]), v["closed"])
        for key, v in marks.items()
        if key.startswith(GROUP) and _group_fault(key, v) is None
    )


def fresh_group_id(marks: Marks) -> str:
    """An id that no group has."""
    k = 1
    while group_key(str(k)) in marks:
        k += 1
    return str(k)


def base_name(node: str) -> str:
    """The name that a node belongs to: gate:y → y, ghost:h:0 → h."""
    if node.startswith("ghost:"):
        return node.split(":")[1]
    return node.removeprefix("gate:")


def renamed_node(node: str, name: str, new: str) -> str:
    """The node's id once the name `name` is `new`."""
    if node.startswith(GROUP) or base_name(node) != name:
        return node
    if node.startswith("ghost:"):
        return f"ghost:{new}:{node.split(':', 2)[2]}"
    return f"gate:{new}" if node.startswith("gate:") else new


def renamed(marks: Marks, name: str, new: str) -> dict[str, Any]:
    """The marks once the name `name` is `new`."""
    out: dict[str, Any] = {}
    for key, value in marks.items():
        if key.startswith(PIN):
            out[pin_key(renamed_node(key.removeprefix(PIN), name, new))] = value
        elif key.startswith(GROUP) and _group_fault(key, value) is None:
            out[key] = {**value, "members": [renamed_node(m, name, new) for m in value["members"]]}
        else:
            out[key] = value
    return out


def pruned(marks: Marks, exists: Callable[[str], bool]) -> dict[str, Any]:
    """The marks without those of nodes that are gone; a group of which nothing is left goes, too."""
    out: dict[str, Any] = {}
    for key, value in marks.items():
        if key.startswith(PIN):
            node = key.removeprefix(PIN)
            if not (exists(node) or (node.startswith(GROUP) and node in marks)):
                continue
        elif key.startswith(GROUP) and _group_fault(key, value) is None:
            members = [m for m in value["members"] if exists(m)]
            if not members:
                continue
            value = value if len(members) == len(value["members"]) else {**value, "members": members}
        out[key] = value
    return out


# documents


def checked(marks: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The marks of a document, pins and groups checked; raises `DocumentError` saying which is wrong."""
    owner: dict[str, str] = {}
    for key, value in marks.items():
        fault = None
        if key.startswith(PIN) and value is not True:
            fault = "a pin is true"
        elif key.startswith(GROUP):
            fault = _group_fault(key, value)
            for member in value["members"] if fault is None else ():
                if owner.setdefault(member, key) != key:
                    fault = f"{member[:60]} is in the group {owner[member]!r} already"
                    break
        if fault is not None:
            raise DocumentError(
                f"{name}: marks[{key[:60]!r}] is not right: {fault}.",
                hint="Correct or remove the entry.",
                code="document",
            )
    return dict(marks)


def _group_fault(key: str, value: Any) -> str | None:
    """What is wrong with the mark of a group, or None."""
    if not _GROUP_ID.fullmatch(key.removeprefix(GROUP)):
        return "the name of the entry after group: has letters, digits, - and _ only"
    if not isinstance(value, dict) or not {"name", "members", "closed"} <= value.keys():
        return "a group has name, members and closed"
    if group_name_fault(value["name"]):
        return f"its name is {group_name_fault(value['name'])}"
    if not isinstance(value["closed"], bool):
        return "closed is true or false"
    members = value["members"]
    if not isinstance(members, list) or not all(isinstance(m, str) and 0 < len(m) <= _MAX_ID for m in members):
        return "members is a list of node ids"
    if len(set(members)) < len(members) or any(m.startswith(GROUP) for m in members):
        return "a node is a member once, and no group is a member"
    return None


def group_name_fault(name: object) -> str | None:
    """Why this cannot be the name of a group, or None."""
    if not isinstance(name, str):
        return "no text"
    if not name.strip() or not name.isprintable():
        return "not one line of text"
    return f"longer than {MAX_GROUP_NAME} characters" if len(name) > MAX_GROUP_NAME else None


def ungrouped(nodes: Iterable[str], groups: Iterable[NodeGroup]) -> tuple[str, ...]:
    """The nodes, those of groups replaced by their members."""
    members = {g.node: g.members for g in groups}
    return tuple(dict.fromkeys(m for n in nodes for m in members.get(n, (n,))))
