// Highlights live outside React's state: when they change only the parts whose style changes render again, and the viewport stays.
// What is not lit is dimmed by the style sheet, for the canvas as a whole.
import { createContext, useCallback, useContext, useSyncExternalStore } from "react"

export class HighlightStore {
  constructor() {
    this.styles = new Map()      // "nodes:x1" -> "1", "12"
    this.listeners = new Map()
    this.whole = { nodes: [], edges: [] }
    this.active = false
  }

  get(key) { return this.styles.get(key) || "" }

  subscribe(key, listener) {
    if (!this.listeners.has(key)) this.listeners.set(key, new Set())
    this.listeners.get(key).add(listener)
    return () => {
      const set = this.listeners.get(key)
      set.delete(listener)
      if (!set.size) this.listeners.delete(key)
    }
  }

  set(highlight) {
    const before = new Map([...this.listeners.keys()].map((key) => [key, this.get(key)]))
    const styles = new Map()
    for (const style of Object.keys(highlight || {}).sort())
      for (const part of ["nodes", "edges"])
        for (const id of highlight[style][part] || []) styles.set(`${part}:${id}`, (styles.get(`${part}:${id}`) || "") + style)
    this.styles = styles
    this.active = styles.size > 0
    const list = (part) => [...styles].filter(([key]) => key.startsWith(part)).map(([key, style]) => ({ id: key.slice(part.length + 1), style }))
    this.whole = { nodes: list("nodes"), edges: list("edges") }
    for (const [key, listeners] of [...this.listeners])
      if (key === "*" || before.get(key) !== this.get(key)) for (const listener of [...listeners]) listener()
  }
}

export const HighlightContext = createContext(null)

/** The styles of this part such as "1" or "12", or "". */
export function useHighlight(part, id) {
  const store = useContext(HighlightContext), key = `${part}:${id}`
  return useSyncExternalStore(useCallback((f) => store.subscribe(key, f), [store, key]), () => store.get(key))
}

export function useHighlighted() {
  const store = useContext(HighlightContext)
  return useSyncExternalStore(useCallback((f) => store.subscribe("*", f), [store]), () => store.whole)
}

/** The colour of a part's line: an error's, its highlight's, ink where two paths meet. */
export function lineColour(highlight, error) {
  if (error !== null && error !== undefined) return "var(--error)"
  if (!highlight) return null
  return highlight.length > 1 ? "var(--ink)" : `var(--h${highlight})`
}
