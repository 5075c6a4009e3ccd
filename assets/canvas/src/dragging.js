// While nodes are dragged: they line up with others (guides), or snap to the grid; Alt leaves both off.
import { useMemo } from "react"

export const GRID = 8
const NEAR = 5            // pixels within which a node lines up with another

/** How far to shift what is dragged so that `at` lines up: with another node in each direction, else with the grid. */
export function shiftOf(at, others, zoom, grid) {
  const reach = NEAR / zoom, out = { dx: 0, dy: 0, x: null, y: null }
  let bestX = reach, bestY = reach
  for (const { x, y } of others) {
    const dx = Math.abs(x - at.x), dy = Math.abs(y - at.y)
    if (dx < bestX || (dx === bestX && out.x === null)) { bestX = dx; out.dx = x - at.x; out.x = x }
    if (dy < bestY || (dy === bestY && out.y === null)) { bestY = dy; out.dy = y - at.y; out.y = y }
  }
  if (grid && out.x === null) out.dx = Math.round(at.x / GRID) * GRID - at.x
  if (grid && out.y === null) out.dy = Math.round(at.y / GRID) * GRID - at.y
  return out
}

/** The guides that are shown, outside React's state: only they are drawn again while a node is dragged. */
class Guides {
  constructor() { this.shown = null; this.listeners = new Set() }
  subscribe = (listener) => { this.listeners.add(listener); return () => this.listeners.delete(listener) }
  get = () => this.shown
  set(next) {
    const old = this.shown
    if (old === next || (old && next && old.x === next.x && old.y === next.y)) return
    this.shown = next
    for (const listener of [...this.listeners]) listener()
  }
}

/** `adjust(changes)` corrects the positions that React Flow proposes; `begin(id)` says which node the mouse holds. */
export function useDragging() {
  return useMemo(() => {
    const state = { held: null, alt: false, shift: null }, guides = new Guides()
    return {
      guides,
      begin: (id) => { state.held = id; state.shift = null },
      alt: (on) => { state.alt = on },
      adjust(changes, nodes, zoom, grid) {
        const moves = changes.filter((c) => c.type === "position" && c.position)
        if (!moves.length || !state.held) return changes
        const moved = new Set(moves.map((c) => c.id)), at = (moves.find((c) => c.id === state.held) || moves[0]).position
        if (moves[0].dragging) {
          const others = nodes.filter((n) => !moved.has(n.id)).map((n) => n.position)
          state.shift = state.alt ? { dx: 0, dy: 0, x: null, y: null } : shiftOf(at, others, zoom, grid)
          guides.set(state.shift.x === null && state.shift.y === null ? null : { x: state.shift.x, y: state.shift.y })
        } else guides.set(null)
        const { dx, dy } = state.shift || { dx: 0, dy: 0 }
        if (!moves[0].dragging) state.held = null
        return dx || dy ? changes.map((c) => moved.has(c.id) && c.position ? { ...c, position: { x: c.position.x + dx, y: c.position.y + dy } } : c) : changes
      },
    }
  }, [])
}
