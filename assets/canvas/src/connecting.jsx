// Drawing an edge with the mouse: from an anchor, or from anywhere on a node while a tool is armed, to a node or to the empty canvas.
import { ViewportPortal } from "@xyflow/react"
import { useCallback, useEffect, useRef, useState } from "react"
import { arrow, facing, isGate, outX, port, route } from "./geometry.js"

const REACH = 26        // how near to a centre the mouse must be for the node to be the target
const START = 4         // pixels before a press becomes a drag

export function nodeAt(nodes, { x, y }, except) {
  let best = null, distance = REACH
  for (const node of nodes) {
    const d = Math.hypot(node.position.x - x, node.position.y - y)
    if (node.id !== except && d < distance) { best = node; distance = d }
  }
  return best
}

/** The place among a gate's inputs where a new one dropped at height `y` belongs: how many of its ports lie above. */
export function slotAt(target, y) {
  const gate = target.data
  if (!isGate(gate.kind)) return 0
  let above = 0
  for (let slot = 0; slot < (gate.ports || 0); slot++) if (target.position.y + port(gate, slot)[1] < y + 6) above++
  return above
}

/** `start(event)` begins an edge if the press is on one; `line` is what to preview; `swallowClick` keeps the drop from being a click. */
export function useConnecting({ tool, nodes, toWorld, send }) {
  const [line, setLine] = useState(null)
  const latest = useRef({}), stop = useRef(null), dropped = useRef(false)
  latest.current = { tool, nodes, toWorld }

  const start = useCallback((event) => {
    const node = event.target.closest?.(".tp-node")
    if (event.button !== 0 || event.shiftKey || !node) return
    if (latest.current.tool === "select" && !event.target.closest(".tp-anchor")) return
    const source = node.dataset.id, from = [event.clientX, event.clientY]
    let drawn = null
    const move = (e) => {
      if (!drawn && Math.hypot(e.clientX - from[0], e.clientY - from[1]) < START) return
      const point = latest.current.toWorld({ x: e.clientX, y: e.clientY })
      drawn = { source, ...point, target: nodeAt(latest.current.nodes(), point, source)?.id || null }
      setLine(drawn)
    }
    const end = (e) => {
      stop.current()
      if (!drawn) return
      dropped.current = true
      setTimeout(() => { dropped.current = false }, 0)
      const { tool, nodes } = latest.current, point = latest.current.toWorld({ x: e.clientX, y: e.clientY })
      const target = nodeAt(nodes(), point, source), back = nodes().find((n) => n.id === source)
      if (target) send({ type: "connect", tool, source, target: target.id, slot: slotAt(target, point.y) })
      else if (back && Math.hypot(back.position.x - point.x, back.position.y - point.y) > 30)
        send({ type: "connect", tool, source, x: Math.round(point.x), y: Math.round(point.y) })
    }
    stop.current = () => {
      window.removeEventListener("pointermove", move)
      window.removeEventListener("pointerup", end)
      window.removeEventListener("pointercancel", stop.current)
      stop.current = null
      setLine(null)
    }
    window.addEventListener("pointermove", move)
    window.addEventListener("pointerup", end)
    window.addEventListener("pointercancel", stop.current)
  }, [send])

  useEffect(() => () => stop.current?.(), [])
  const cancel = useCallback(() => { if (!stop.current) return false; stop.current(); return true }, [])
  const swallowClick = useCallback((event) => { if (dropped.current) event.stopPropagation() }, [])
  return { line, start, cancel, swallowClick }
}

export function ConnectionLine({ line, tool, nodes }) {
  const source = line && nodes.find((n) => n.id === line.source)
  if (!source) return null
  const a = { ...source.data, ...source.position }, target = line.target && nodes.find((n) => n.id === line.target)
  const b = target ? { ...target.data, ...target.position, above: [] } : { kind: "point", x: line.x + 18 * facing(a), y: line.y, flip: a.flip }
  const slot = target && b.ports ? Math.min(b.ports - 1, slotAt(target, line.y)) : 0
  const forward = facing(a) * (b.x - a.x - outX(a)) > 18
  const { d, tip, direction } = forward ? route({ slot }, a, b) : straight(a, b)
  return (
    <ViewportPortal>
      <svg className="over" width="1" height="1" aria-hidden="true" data-testid="connection-line">
        <g className={`edge sel ${tool === "matmul" ? "matmul" : "wire"}`}><path className="line" d={d} /><path className="head" d={arrow(tip, direction)} /></g>
        {target && <rect className="selbox" x={b.x - 27 - (b.flip ? 0 : b.grow || 0)} y={b.y - 27} width={54 + (b.grow || 0)} height="54" rx="6" />}
      </svg>
    </ViewportPortal>
  )
}

function straight(a, b) {
  const x = b.kind === "point" ? b.x - 18 * facing(b) : b.x, dx = x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy) || 1, u = [dx / length, dy / length]
  const stop = b.kind === "point" ? 0 : 19, tip = [x - u[0] * stop, b.y - u[1] * stop]
  return { d: `M${a.x + 18 * u[0]} ${a.y + 18 * u[1]}L${tip[0] - u[0]} ${tip[1] - u[1]}`, tip, direction: u }
}
