// Where the drawing stands in the canvas: fit, zoom, and moving just enough to show what Python selected.
import { useEffect, useRef } from "react"
import { bounds } from "./geometry.js"

const SIDE = 40, CHIPS = 44, LARGEST = 1.28, SMALLEST = 0.1

/** The viewport that shows `box` in a canvas of the given size below `top` (the height of what hangs from the upper edge). */
export function fitted(box, width, height, top = 0) {
  if (!box) return { x: width / 2, y: height / 2, zoom: 1 }
  const above = Math.max(CHIPS, top), room = height - above - CHIPS
  const zoom = Math.max(SMALLEST, Math.min(LARGEST, (width - 2 * SIDE) / (box.right - box.left), (room - 16) / (box.bottom - box.top)))
  const rounded = Math.round(zoom * 100) / 100
  return { x: width / 2 - (box.left + box.right) / 2 * rounded, y: above + room / 2 - (box.top + box.bottom) / 2 * rounded, zoom: rounded }
}

export function useViewport({ wrapper, scene, name, legend, flow, nodes }) {
  const state = useRef({ free: false, fitNext: 0, stillUntil: 0, name }).current
  const latest = useRef(scene)
  latest.current = scene

  const size = () => wrapper.current?.getBoundingClientRect()
  const fit = (duration = 200) => {
    const box = size()
    if (!box || box.width < 50) return
    const legend = wrapper.current.querySelector(".legend"), top = legend ? legend.offsetTop + legend.offsetHeight : 0
    const live = new Map(nodes().map((n) => [n.id, n.position]))
    const placed = { ...latest.current, nodes: latest.current.nodes.map((n) => ({ ...n, ...live.get(n.id) })) }
    flow.setViewport(fitted(bounds(placed), box.width, box.height, top), { duration })
    state.free = false
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
  Object.assign(calls, { look, fit, zoomBy, centreOn, reveal, touched: () => { state.free = true } })

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
  useEffect(() => { if (Date.now() < state.fitNext && Date.now() > state.stillUntil) calls.fit(0) }, [scene])   // eslint-disable-line
  return calls
}
