// From Python's scene to React Flow's nodes and edges. What did not change keeps its identity, so that it is not drawn again.
import { nodeName } from "./nodes.jsx"

const FIELDS = {
  node: ["kind", "x", "y", "tex", "label", "size", "grow", "ports", "flip", "above", "note", "error", "pinned"],
  edge: ["source", "target", "kind", "tex", "slot", "coefficient", "route", "rail", "back", "d", "head", "error", "leave"],
}
const equal = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => v === b[i]))
const same = (a, b, fields) => fields.every((field) => equal(a[field], b[field]))

export function mergeNodes(old, nodes, selection) {
  const before = new Map(old.map((node) => [node.id, node])), chosen = new Set(selection.nodes)
  return nodes.map((node) => {
    const had = before.get(node.id), selected = chosen.has(node.id)
    const position = had?.dragging ? had.position : { x: node.x, y: node.y }
    if (had && same(had.data, node, FIELDS.node) && had.position.x === position.x && had.position.y === position.y && had.selected === selected) return had
    return { ...had, id: node.id, type: "program", position, data: had && same(had.data, node, FIELDS.node) ? had.data : node, selected, ariaLabel: nodeName(node) }
  })
}

export function mergeEdges(old, edges, selection) {
  const before = new Map(old.map((edge) => [edge.id, edge])), chosen = new Set(selection.edges)
  return edges.map((edge) => {
    const had = before.get(edge.id), selected = chosen.has(edge.id), kept = had && same(had.data, edge, FIELDS.edge)
    if (kept && had.selected === selected) return had
    return { ...had, id: edge.id, type: "program", source: edge.source, target: edge.target, data: kept ? had.data : edge, selected, ariaLabel: `${edge.kind} ${edge.source} to ${edge.target}` }
  })
}

export function withSelection(parts, ids) {
  const chosen = new Set(ids)
  let changed = false
  const next = parts.map((part) => {
    if (!!part.selected === chosen.has(part.id)) return part
    changed = true
    return { ...part, selected: chosen.has(part.id) }
  })
  return changed ? next : parts
}

/** What is selected; of the edges that a box swept up, only those with both ends in it. */
export function selectionOf(nodes, edges) {
  const ids = nodes.filter((n) => n.selected).map((n) => n.id), chosen = new Set(ids)
  const inside = edges.filter((e) => e.selected && (!ids.length || (chosen.has(e.source) && chosen.has(e.target))))
  return { nodes: ids, edges: inside.map((e) => e.id) }
}

const sameIds = (a, b) => a.length === b.length && a.every((id) => b.includes(id))
export const sameSelection = (a, b) => sameIds(a.nodes, b.nodes) && sameIds(a.edges, b.edges)
