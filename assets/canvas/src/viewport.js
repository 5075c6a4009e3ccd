// Where the drawing stands in the canvas: fit, zoom, and moving just enough to show what Python selected.
import { useEffect, useRef } from "react"
import { bounds } from "./geometry.js"

const SIDE = 40, CHIPS = 44, LARGEST = 1.28, SMALLEST = 0.1

/** The viewport that shows `box` in a canvas of the given size, below `top` and left of `side` (what hangs in its upper right corner). */
export function fitted(box, width, height, { top = 0, side = 0 } = {}) {
  if (!box) return { x: width / 2, y: height / 2, zoom: 1 }
  const above = Math.max(CHIPS, top), room = height - above - CHIPS, wide = width - side
  const zoom = Math.max(SMALLEST, Math.min(LARGEST, (wide - 2 * SIDE) / (box.right - box.left), (room - 16) / (box.bottom - box.top)))
  const rounded = Math.round(zoom * 100) / 100
  return { x: wide / 2 - (box.left + box.right) / 2 * rounded, y: above + room / 2 - (box.top + box.bottom) / 2 * rounded, zoom: rounded }
}

/** Whether a node or an edge of the scene, shown like this, would lie under `rect`. */
function covers(rect, scene, { x, y, zoom }) {
  const left = (rect.left - x) / zoom - 8, right = (rect.right - x) / zoom + 8, top = (rect.top - y) / zoom - 8, bottom = (rect.bottom - y) / zoom + 8
  const place = new Map(scene.nodes.map((n) => [n.id, n]))
  const meets = (a, b, c, d) => a < right && c > left && b < bottom && d > top
  return scene.nodes.some((n) => meets(n.x - 48, n.y - (n.label === "above" ? 46 : 24), n.x + 48, n.y + (n.label === "below" || n.note ? 58 : 24)))
    || scene.edges.some((e) => {
      const a = place.get(e.source), b = place.get(e.target)
      if (!a || !b) return false
      const ys = e.route && e.route !== "direct" ? [a.y, b.y, e.rail] : [a.y, b.y]
      return meets(Math.min(a.x, b.x), Math.min(...ys) - 26, Math.max(a.x, b.x), Math.max(...ys) + 4)
    })
}

/** The largest view of the scene that leaves the legend free: over the whole canvas where that does, else below it or beside it. */
export function fittedBeside(legend, scene, width, height) {
  const box = bounds(scene), whole = fitted(box, width, height)
  if (!legend || !box || !covers(legend, scene, whole)) return whole
  const below = fitted(box, width, height, { top: legend.bottom }), beside = fitted(box, width, height, { side: width - legend.left })
  const least = Math.max(below.zoom, beside.zoom)
  for (let zoom = whole.zoom - 0.02; zoom > least; zoom -= 0.02) {       // smaller, and out of the corner, may do with less
    for (const [ax, ay] of [[0, 1], [0, 0.5], [0.5, 1]]) {
      const free = [(width - 2 * SIDE) - (box.right - box.left) * zoom, (height - 2 * CHIPS) - (box.bottom - box.top) * zoom]
      const view = { x: SIDE + free[0] * ax - box.left * zoom, y: CHIPS + free[1] * ay - box.top * zoom, zoom: Math.round(zoom * 100) / 100 }
      if (!covers(legend, scene, view)) return view
    }
  }
  return beside.zoom > below.zoom ? beside : below
}

export function useViewport({ wrapper, scene, name, legend, flow, nodes }) {
  const state = useRef({ free: false, fitNext: 0, stillUntil: 0, name }).current
  const latest = useRef(scene)
  latest.current = scene

  const size = () => wrapper.current?.getBoundingClientRect()
  const fit = (duration = 200) => {
    const box = size()
    if (!box || box.width < 50) return
    const shown = wrapper.current.querySelector(".legend")
    const legend = shown && { left: shown.offsetLeft, top: shown.offsetTop, right: shown.offsetLeft + shown.offsetWidth, bottom: shown.offsetTop + shown.offsetHeight }
    const live = new Map(nodes().map((n) => [n.id, n.position]))
    const placed = { ...latest.current, nodes: latest.current.nodes.map((n) => ({ ...n, ...live.get(n.id) })) }
    flow.setViewport(fittedBeside(legend, placed, box.width, box.height), { duration })
    state.free = false
  }
  const fitNodes = (ids) => {
    const box = size(), chosen = new Set(ids), shown = nodes().filter((n) => chosen.has(n.id)).map((n) => ({ ...n.data, ...n.position }))
    if (!box || !shown.length) return fit()
    flow.setViewport(fitted(bounds({ nodes: shown, edges: [] }), box.width, box.height), { duration: 200 })
    state.free = true
  }
  const zoomBy = (factor, exact) => {
    const box = size(), { x, y, zoom } = flow.getViewport()
    const next = Math.min(4, Math.max(0.1, exact ?? zoom * factor)), k = next / zoom
    flow.setViewport({ x: box.width / 2 - (box.width / 2 - x) * k, y: box.height / 2 - (box.height / 2 - y) * k, zoom: next }, { duration: 120 })
    state.free = true
  }
  const centreOn = (wx, wy) => {
    const box = size(), { zoom } = flow.getViewport()
    flow.setViewport({ x: box.width / 2 - wx * zoom, y: box.height / 2 - wy * zoom, zoom })
    state.free = true
  }
  const reveal = (ids) => {
    const box = size(), chosen = nodes().filter((n) => ids.includes(n.id))
    if (!box || !chosen.length) return
    const { x, y, zoom } = flow.getViewport(), margin = 48
    const at = (n) => [n.position.x * zoom + x, n.position.y * zoom + y]
    const last = at(chosen.at(-1))
    const shift = (v, size) => v < margin ? margin - v : v > size - margin ? size - margin - v : 0
    const dx = shift(last[0], box.width), dy = shift(last[1], box.height)
    if (dx || dy) { flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 120 }); state.free = true }
  }

  /** Shows `viewport` as it was. With `points` only if none of them is in sight now: nothing jumps without need. */
  const look = ({ viewport, points }) => {
    const box = size()
    if (!box) return
    const shows = ({ x, y, zoom }) => points.some(([px, py]) => {
      const sx = px * zoom + x, sy = py * zoom + y
      return sx > 12 && sy > 12 && sx < box.width - 12 && sy < box.height - 12
    })
    const then = viewport && { x: viewport[0], y: viewport[1], zoom: viewport[2] }
    if (points) {
      if (!points.length || shows(flow.getViewport())) return
      if (!then || !shows(then)) {
        const n = points.length
        return centreOn(points.reduce((sum, p) => sum + p[0], 0) / n, points.reduce((sum, p) => sum + p[1], 0) / n)
      }
    }
    if (then) flow.setViewport(then, { duration: points ? 120 : 0 })
    state.free = true
    state.stillUntil = Date.now() + (points ? 0 : 1500)     // the scene that belongs to it may come a moment later
  }
  const calls = useRef({}).current
  Object.assign(calls, { look, fit, fitNodes, zoomBy, centreOn, reveal, touched: () => { state.free = true } })

  useEffect(() => {                 // first show and every change of size, until the user moves the drawing
    const watch = new ResizeObserver(() => { if (!state.free) calls.fit(0) })
    watch.observe(wrapper.current)
    return () => watch.disconnect()
  }, [])                            // eslint-disable-line
  useEffect(() => { if (!state.free) calls.fit() }, [legend])                 // eslint-disable-line -- it must not cover the drawing
  useEffect(() => {                 // another document: its scene may come a moment after its name
    if (state.name === name) return
    state.name = name
    if (Date.now() < state.stillUntil) return
    state.fitNext = Date.now() + 1000
    calls.fit(0)
  }, [name])                        // eslint-disable-line
  useEffect(() => {                 // what is typed comes into sight, unless the user has chosen what the view shows
    const box = size(), { x, y, zoom } = flow.getViewport()
    const out = (n) => n.x * zoom + x < 24 || n.y * zoom + y < 24 || n.x * zoom + x > box.width - 24 || n.y * zoom + y > box.height - 24
    if (!state.free && box?.width && wrapper.current.getRootNode().activeElement?.closest(".bottom") && scene.nodes.some(out)) calls.fit()
  }, [scene])                       // eslint-disable-line
  useEffect(() => { if (Date.now() < state.fitNext && Date.now() > state.stillUntil) calls.fit(0) }, [scene])   // eslint-disable-line
  return calls
}
