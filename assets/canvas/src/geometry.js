// Shapes, ports, routes and heads in world units, a node's centre at its origin. Pure functions; the same rules as
// tpviz/drawing/geometry.py, which a test holds together with this file. Numbers: tokens.md of the look.

export const RADIUS = 18
const CIRCLE = "M18 0A18 18 0 1 1-18 0A18 18 0 1 1 18 0Z"
const SQUARE = "M-16-16H16V16H-16Z"
const PILL = "M-10-12H10A12 12 0 0 1 10 12H-10A12 12 0 0 1-10-12Z"
const GAP = 1.5          // from the end of a line to the shape; the head's tip ends 0.5 before it
const CORNER = 10

const GATES = new Set(["gate", "lincomb", "moment"])
export const isGate = (kind) => GATES.has(kind)

const round = (v) => Math.round(v * 100) / 100

/** Outline of a node; a gate's flat side moves left by `grow`. */
export function shapePath({ kind, grow = 0 }) {
  if (isGate(kind)) return `M${-16 - grow}-18H0A18 18 0 0 1 0 18H${-16 - grow}Z`
  if (kind === "scalar" || kind === "output") return SQUARE
  return kind === "input" ? PILL : CIRCLE
}

export const MOMENT_BAR = "M22-18V18"
export const OUTPUT_INNER = "M-12.5-12.5H12.5V12.5H-12.5Z"

export function outX({ kind }) {
  if (kind === "moment") return 24
  if (kind === "scalar" || kind === "output") return 16
  return kind === "input" ? 22 : 18
}

export function inX({ kind, grow = 0 }) {
  if (isGate(kind)) return -16 - grow
  if (kind === "scalar" || kind === "output") return -16
  return kind === "input" ? -22 : -18
}

export function halfHeight({ kind }) {
  if (kind === "scalar" || kind === "output") return 16
  return kind === "input" ? 12 : 18
}

/** Height of port `slot` (0-based) of a gate with `ports` inputs; 0 for every other node. */
export function portY({ kind, ports = 0 }, slot) {
  return isGate(kind) && ports > 0 ? -18 + 36 * (slot + 1) / (ports + 1) : 0
}

/** Centre of the label relative to the node. */
export function labelAt({ kind, label, grow = 0 }, highlighted = false) {
  const y = label === "below" ? (highlighted ? 39 : 33) : label === "above" ? -33 : 0
  return [(isGate(kind) ? -1.5 : 0) - grow / 2, y]
}

/** Where edges attach, for the diamonds on hover. */
export function anchors(node) {
  const out = [outX(node), 0], h = halfHeight(node)
  if (node.kind === "initial" || node.kind === "input") return [out]
  if (node.kind === "output") return [[inX(node), 0]]
  if (isGate(node.kind)) {
    const ports = Math.max(1, node.ports || 0)
    return [...Array.from({ length: ports }, (_, slot) => [inX(node), portY({ ...node, ports }, slot)]), out]
  }
  return [[inX(node), 0], out, [0, -h], [0, h]]
}

/**
 * The path of an edge from node `a` to node `b` (both with x, y): its `d`, the tip of the head, the head's direction and
 * the middle, over which the label stands.
 */
export function route({ route: kind = "direct", rail = 0, back = 22, slot = 0 }, a, b) {
  const x2 = b.x + inX(b), y2 = b.y + portY(b, slot), end = round(x2 - GAP)
  const tip = (y) => [x2 - GAP + 1, y]
  if (kind === "up") {
    const x1 = a.x, y1 = a.y - halfHeight(a)
    return {
      d: `M${round(x1)} ${round(y1)}V${round(rail + CORNER)}Q${round(x1)} ${round(rail)} ${round(x1 + CORNER)} ${round(rail)}H${end}`,
      tip: tip(rail), direction: [1, 0], middle: [(x1 + x2) / 2, rail],
    }
  }
  if (kind === "under" || kind === "over") {
    const s = kind === "under" ? 1 : -1, side = Math.sign(rail - y2), x1 = a.x, y1 = a.y + s * halfHeight(a), rise = x2 - back
    return {
      d: `M${round(x1)} ${round(y1)}V${round(rail - s * CORNER)}Q${round(x1)} ${round(rail)} ${round(x1 + CORNER)} ${round(rail)}`
        + `H${round(rise - CORNER)}Q${round(rise)} ${round(rail)} ${round(rise)} ${round(rail - side * CORNER)}`
        + `V${round(y2 + side * 8)}Q${round(rise)} ${round(y2)} ${round(rise + 8)} ${round(y2)}H${end}`,
      tip: tip(y2), direction: [1, 0], middle: [(x1 + x2) / 2, rail],
    }
  }
  const x1 = a.x + outX(a), y1 = a.y, rise = Math.abs(y1 - y2)
  const start = `M${round(x1)} ${round(y1)}`
  const curve = (reach) => `${start}C${round(x1 + reach)} ${round(y1)} ${round(x2 - reach)} ${round(y2)} ${end} ${round(y2)}`
  if (rise <= 0.1) return { d: `${start}H${end}`, tip: tip(y2), direction: [1, 0], middle: [(x1 + x2) / 2, y1] }
  if (rise < 7) return { d: curve((x2 - x1) / 2.2), tip: tip(y2), direction: [1, 0], middle: [(x1 + x2) / 2, y1] }
  return { d: curve(Math.max(18, (x2 - x1) * 0.52)), tip: tip(y2), direction: [1, 0], middle: [(x1 + x2) / 2, (y1 + y2) / 2] }
}

/** A filled, notched head with its tip at `tip`. */
export function arrow([x, y], [dx, dy], highlighted = false) {
  const length = highlighted ? 10 : 8, half = highlighted ? 4.2 : 3.2, notch = 0.78 * length
  return `M${round(x)} ${round(y)}L${round(x - length * dx - half * dy)} ${round(y - length * dy + half * dx)}`
    + `L${round(x - notch * dx)} ${round(y - notch * dy)}L${round(x - length * dx + half * dy)} ${round(y - length * dy - half * dx)}Z`
}

/** Where the coefficient of a LinComb port stands. */
export function coefficientAt(edge, b) {
  const y = portY(b, edge.slot)
  return [b.x + inX(b) - 15, b.y + y + (y > 0 ? 9.5 : -6.5)]
}

/** The box of a scene: shapes, labels and rails; null when it is empty. */
export function bounds({ nodes, edges }) {
  if (!nodes.length) return null
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity }
  const grow = (x, y) => {
    box.left = Math.min(box.left, x); box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y); box.bottom = Math.max(box.bottom, y)
  }
  for (const node of nodes) {
    grow(node.x + Math.min(-RADIUS, inX(node)), node.y - RADIUS)
    grow(node.x + Math.max(RADIUS, outX(node)), node.y + RADIUS)
    if (node.tex && node.label === "below") grow(node.x, node.y + 42)
    if (node.tex && node.label === "above") grow(node.x, node.y - 42)
    if (node.note) grow(node.x, node.y + 56)
  }
  for (const edge of edges) if (edge.route && edge.route !== "direct") grow(box.left, edge.rail - (edge.tex ? 24 : 0))
  return box
}
