// Shapes, ports, routes and heads in world units, a node's centre at its origin. Pure functions; the same rules as
// tpviz/drawing/geometry.py, which a test holds together with this file. Numbers: tokens.md of the look.

export const RADIUS = 18
const CIRCLE = "M18 0A18 18 0 1 1-18 0A18 18 0 1 1 18 0Z"
const SQUARE = "M-16-16H16V16H-16Z"
const PILL = "M-10-12H10A12 12 0 0 1 10 12H-10A12 12 0 0 1-10-12Z"
const ROUNDED = "M-36-24H36Q44-24 44-16V16Q44 24 36 24H-36Q-44 24-44 16V-16Q-44-24-36-24Z"
export const SHEET = 4   // how far the second sheet of a group stands behind the first
const PAD = 16, TITLE = 20
const GAP = 1.5          // from the end of a line to the shape; the head's tip ends 0.5 before it
const CORNER = 10
const LABEL = 14         // from a line to the middle of its label

const GATES = new Set(["gate", "lincomb", "moment"])
export const isGate = (kind) => GATES.has(kind)

const round = (v) => Math.round(v * 100) / 100

/** 1 for a node that is read from left to right, -1 for a flipped one (a backward pass). */
export const facing = ({ flip }) => flip ? -1 : 1

/** Outline of a node; a gate's flat side moves away from its nose by `grow`. Flipped, the nose points left. */
export function shapePath({ kind, grow = 0, flip = false }) {
  if (isGate(kind) && flip) return `M${16 + grow} 18H0A18 18 0 0 1 0-18H${16 + grow}Z`
  if (isGate(kind)) return `M${-16 - grow}-18H0A18 18 0 0 1 0 18H${-16 - grow}Z`
  if (kind === "scalar" || kind === "output") return SQUARE
  if (kind === "group") return ROUNDED
  return kind === "input" ? PILL : CIRCLE
}

export const momentBar = ({ flip }) => flip ? "M-22-18V18" : "M22-18V18"
export const OUTPUT_INNER = "M-12.5-12.5H12.5V12.5H-12.5Z"

const OUT = { moment: 24, scalar: 16, output: 16, input: 22, group: 44 }, IN = { scalar: -16, output: -16, input: -22, group: -44 }

/** Where edges leave and arrive, beside the centre. */
export const outX = (node) => facing(node) * (OUT[node.kind] ?? 18)
export const inX = (node) => facing(node) * (isGate(node.kind) ? -16 - (node.grow || 0) : IN[node.kind] ?? -18)

export function halfHeight({ kind }) {
  if (kind === "scalar" || kind === "output") return 16
  return kind === "input" ? 12 : kind === "group" ? 24 : 18
}

/** Height of port `slot` (0-based) of a gate or group with `ports` inputs; 0 for every other node. */
export function portY({ kind, ports = 0 }, slot) {
  const h = halfHeight({ kind })
  return (isGate(kind) || kind === "group") && ports > 0 ? -h + 2 * h * (slot + 1) / (ports + 1) : 0
}

/** Where the edge into port `slot` arrives: on the flat side of a gate, or on top for the ports in `above`. */
export function port(node, slot) {
  const { grow = 0, ports = 0, above = [] } = node, top = above.indexOf(slot)
  if (top >= 0) return [facing(node) * ((top + 1) / (above.length + 1) - 1) * (16 + grow), -halfHeight(node)]
  const level = Array.from({ length: ports }, (_, s) => s).filter((s) => !above.includes(s)), at = level.indexOf(slot)
  return [inX(node), at < 0 ? 0 : portY({ kind: node.kind, ports: level.length }, at)]
}

/** Centre of the label relative to the node. */
export function labelAt(node, highlighted = false) {
  const { kind, label, grow = 0 } = node, low = kind === "group" ? 8 : 0
  const y = label === "below" ? (highlighted ? 39 : 33) + low : label === "above" ? -33 - low / 2 : 0
  return [facing(node) * ((isGate(kind) ? -1.5 : 0) - grow / 2), y]
}

/** Where edges attach, for the diamonds on hover. */
export function anchors(node) {
  const out = [outX(node), 0], h = halfHeight(node)
  if (node.kind === "group") return []
  if (node.kind === "initial" || node.kind === "input") return [out]
  if (node.kind === "output") return [[inX(node), 0]]
  if (isGate(node.kind)) return [...Array.from({ length: Math.max(1, node.ports || 0) }, (_, slot) => port(node, slot)), out]
  return [[inX(node), 0], out, [0, -h], [0, h]]
}

const point = (x, y) => `${round(x)} ${round(y)}`

/**
 * The path of an edge from node `a` to node `b` (both with x, y): its `d`, the tip of the head, the head's direction and
 * the middle, over which the label stands.
 */
export function route({ route: kind = "direct", rail = 0, back = 22, slot = 0, leave = 0 }, a, b) {
  const [px, py] = port(b, slot), x2 = b.x + px, y2 = b.y + py, w = facing(b)
  if (kind === "down" || kind === "drop") return fromAbove(a, x2, y2, kind, rail, back)
  const end = round(x2 - w * GAP), ahead = [w, 0], tip = (y) => [x2 - w * (GAP - 1), y]
  if (kind === "up") {
    const x1 = a.x, y1 = a.y - halfHeight(a)
    return {
      d: `M${point(x1, y1)}V${round(rail + CORNER)}Q${point(x1, rail)} ${point(x1 + w * CORNER, rail)}H${end}`,
      tip: tip(rail), direction: ahead, middle: [(x1 + x2) / 2, rail],
    }
  }
  if (kind === "under" || kind === "over") {
    const s = kind === "under" ? 1 : -1, side = Math.sign(rail - y2), x1 = a.x, y1 = a.y + s * halfHeight(a), rise = x2 - w * back
    const t = rise >= x1 ? 1 : -1
    return {
      d: `M${point(x1, y1)}V${round(rail - s * CORNER)}Q${point(x1, rail)} ${point(x1 + t * CORNER, rail)}`
        + `H${round(rise - t * CORNER)}Q${point(rise, rail)} ${point(rise, rail - side * CORNER)}`
        + `V${round(y2 + side * 8)}Q${point(rise, y2)} ${point(rise + w * 8, y2)}H${end}`,
      tip: tip(y2), direction: ahead, middle: [(x1 + x2) / 2, rail],
    }
  }
  const x1 = a.x + outX(a), y1 = a.y + leave, v = facing(a), distance = Math.abs(y1 - y2), forth = (x2 - x1) * w
  if (distance <= 0.1 && v === w) return { d: `M${point(x1, y1)}H${end}`, tip: tip(y2), direction: ahead, middle: [(x1 + x2) / 2, y1] }
  const level = distance < 7 && v === w
  const reach = level ? forth / 2.2 : v === w ? Math.max(18, forth * 0.52) : Math.max(44, distance * 0.5)
  return {
    d: `M${point(x1, y1)}C${point(x1 + v * reach, y1)} ${point(x2 - w * reach, y2)} ${end} ${round(y2)}`,
    tip: tip(y2), direction: ahead,
    middle: level ? [(x1 + x2) / 2, y1] : beside([(x1 + x2) / 2, (y1 + y2) / 2], x2 - x1 - (v + w) / 2 * reach, y2 - y1),
  }
}

/** The middle of a slanted edge with this direction, moved so that what stands over it stands beside the line. */
function beside([x, y], dx, dy) {
  const s = (dx < 0 ? -1 : 1) * LABEL / (Math.hypot(dx, dy) || 1)
  return [x + s * dy, y - s * dx + LABEL]
}

/** The path of an edge that arrives from above. */
function fromAbove(a, x2, y2, kind, rail, back) {
  const y1 = a.y + halfHeight(a), tip = [x2, y2 - GAP + 1], stop = round(y2 - GAP), direction = [0, 1]
  let x1 = a.x
  const middle = [(x1 + x2) / 2, (y1 + y2) / 2]
  if (kind === "down") {
    const curved = y1 + 20 < rail && rail < y2 - 10 ? rail : y2 - GAP, reach = Math.max(18, (curved - y1 + GAP) * 0.52)
    const d = Math.abs(x1 - x2) <= 0.1 ? `M${point(x1, y1)}V${stop}`
      : `M${point(x1, y1)}C${point(x1, y1 + reach)} ${point(x2, curved + GAP - reach)} ${point(x2, curved)}` + (curved === rail ? `V${stop}` : "")
    return { d, tip, direction, middle }
  }
  let start = `M${point(x1, y1)}`
  if (back) {
    const v = facing(a)
    x1 = a.x + outX(a) + v * back
    start = `M${point(a.x + outX(a), a.y)}H${round(x1 - v * 8)}Q${point(x1, a.y)} ${point(x1, a.y + 8)}`
  }
  const t = x2 >= x1 ? 1 : -1
  return {
    d: `${start}V${round(rail - CORNER)}Q${point(x1, rail)} ${point(x1 + t * CORNER, rail)}`
      + `H${round(x2 - t * CORNER)}Q${point(x2, rail)} ${point(x2, rail + CORNER)}V${stop}`,
    tip, direction, middle: [middle[0], rail],
  }
}

/** A filled, notched head with its tip at `tip`. */
export function arrow([x, y], [dx, dy], highlighted = false) {
  const length = highlighted ? 10 : 8, half = highlighted ? 4.2 : 3.2, notch = 0.78 * length
  return `M${round(x)} ${round(y)}L${round(x - length * dx - half * dy)} ${round(y - length * dy + half * dx)}`
    + `L${round(x - notch * dx)} ${round(y - notch * dy)}L${round(x - length * dx + half * dy)} ${round(y - length * dy - half * dx)}Z`
}

/** Where the coefficient of a LinComb port stands. */
export function coefficientAt(edge, b) {
  const [x, y] = port(b, edge.slot)
  if (b.above?.includes(edge.slot)) return [b.x + x - 13, b.y + y - 14]
  return [b.x + x - facing(b) * 15, b.y + y + (y > 0 ? 9.5 : -6.5)]
}

/** Left, top, right, bottom of the frame round the members of an open group, with room for their labels. */
export function frameBox(nodes) {
  const boxes = nodes.map((n) => {
    const ends = [inX(n), outX(n)], h = halfHeight(n)
    return [n.x + Math.min(...ends), n.y - h - (n.label === "above" ? 24 : 0), n.x + Math.max(...ends), n.y + h + (n.label === "below" ? 24 : 0)]
  })
  const ends = (k, pick) => pick(...boxes.map((b) => b[k]))
  return [ends(0, Math.min) - PAD, ends(1, Math.min) - TITLE, ends(2, Math.max) + PAD, ends(3, Math.max) + PAD]
}

/** The box of a scene: shapes, labels and rails; null when it is empty. */
export function bounds({ nodes, edges, frames = [] }) {
  if (!nodes.length) return null
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity }
  const grow = (x, y) => {
    box.left = Math.min(box.left, x); box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y); box.bottom = Math.max(box.bottom, y)
  }
  for (const node of nodes) {
    grow(node.x + Math.min(-RADIUS, inX(node), outX(node)), node.y - Math.max(RADIUS, halfHeight(node)))
    grow(node.x + Math.max(RADIUS, inX(node), outX(node)), node.y + Math.max(RADIUS, halfHeight(node)))
    if (node.tex && node.label === "below") grow(node.x, node.y + 42)
    if (node.tex && node.label === "above") grow(node.x, node.y - 42)
    if (node.note) grow(node.x, node.y + 56)
  }
  const place = frames.length && new Map(nodes.map((n) => [n.id, n]))
  for (const { members } of frames) {
    const there = members.map((m) => place.get(m)).filter(Boolean)
    if (!there.length) continue
    const [left, top, right, bottom] = frameBox(there)
    grow(left, top - 24)
    grow(right, bottom)
  }
  for (const edge of edges) if (edge.route && edge.route !== "direct") grow(box.left, edge.rail - (edge.tex ? 24 : 0))
  return box
}
