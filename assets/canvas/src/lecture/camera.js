// Which part of the drawing a step shows: the whole where it fits, else what the step is about. As tpviz/drawing/lecture/camera.py.
import { RADIUS, inX, outX } from "../geometry.js"

const MARGIN = 40, SCALE = 1.4, SMALLEST = 1, LEAST = 0.5, CAPTION = 42

const box = (node, margin) => ({
  left: node.x + Math.min(-RADIUS, inX(node), outX(node)) - margin, right: node.x + Math.max(RADIUS, inX(node), outX(node)) + margin,
  top: node.y - RADIUS - margin, bottom: node.y + RADIUS + margin,
})

export function focusOf(scene, step, state) {
  const nodes = new Set([...step.nodes, ...Object.values(step.highlight).flatMap((g) => g.nodes)]), edges = new Set(step.edges)
  const near = new Set(scene.edges.filter((e) => edges.has(e.id)).flatMap((e) => [e.source, e.target]))
  let found = scene.nodes.filter((n) => nodes.has(n.id) || near.has(n.id))
  if (!found.length) found = scene.nodes.filter((n) => state(n.id) !== "later")
  if (!found.length) found = scene.nodes
  if (!found.length) return { left: 0, top: 0, right: 0, bottom: 0 }
  const boxes = found.flatMap((n) => step.full?.node === n.id ? [box(n, 24), box(n, CAPTION)] : [box(n, 24)])
  return {
    left: Math.min(...boxes.map((b) => b.left)), right: Math.max(...boxes.map((b) => b.right)),
    top: Math.min(...boxes.map((b) => b.top)), bottom: Math.max(...boxes.map((b) => b.bottom)),
  }
}

/** `{scale, x, y}`: a point p of the drawing stands at scale·p + (x, y). */
export function viewOf(bounds, focus, width, height) {
  const room = width - 2 * MARGIN, tall = height - 24
  const fit = (box) => Math.min(room / Math.max(1, box.right - box.left), tall / Math.max(1, box.bottom - box.top))
  const scale = Math.min(SCALE * Math.max(1, Math.min(width / 1280, height / 296)), Math.max(SMALLEST, fit(bounds)), Math.max(LEAST, fit(bounds), fit(focus)))
  return {
    scale,
    x: along(bounds.left * scale, bounds.right * scale, (focus.left + focus.right) / 2 * scale, MARGIN, width - MARGIN),
    y: along(bounds.top * scale, bounds.bottom * scale, (focus.top + focus.bottom) / 2 * scale, 12, height - 12),
  }
}

function along(low, high, middle, start, end) {
  const spare = end - start - (high - low)
  if (spare >= 0) return start + spare / 2 - low
  return Math.min(start - low, Math.max(end - high, (start + end) / 2 - middle))
}
