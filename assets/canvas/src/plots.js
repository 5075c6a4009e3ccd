// What Bokeh's plots need from the window around them.
// Bokeh makes every plot a stop of the Tab key, without a name. Ours have no keys, and what they show is said in words: they are no stops.
import { useEffect } from "react"

const LATER = [100, 800, 2500]           // ms: a plot is drawn a moment after its place

function* layers(root) {
  for (const element of root.querySelectorAll("*")) {
    if (element.classList.contains("bk-events")) yield element
    if (element.shadowRoot) yield* layers(element.shadowRoot)
  }
}

export function useQuietPlots(root, when) {
  useEffect(() => {
    const timers = LATER.map((ms) => setTimeout(() => {
      for (const wrapper of root.current?.querySelectorAll(".child-wrapper") || []) for (const layer of layers(wrapper)) layer.tabIndex = -1
    }, ms))
    return () => timers.forEach(clearTimeout)
  }, [root, when])
}

/** A plot comes when it has something to show. Bokeh lays out all plots of the window at once, and fails on one that is built but was not rendered: it has to wait. */
export function layOutOnlyRendered(view) {
  if (!Object.hasOwn(view, "layoutable_views"))
    Object.defineProperty(view, "layoutable_views", { configurable: true, get() { return this.child_views.filter((child) => child.layout != null) } })
}
