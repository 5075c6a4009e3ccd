// The keys of lecture mode. While it is open no other part of the window hears a key.
import { useEffect, useRef } from "react"

export const KEYS = [
  ["→  Space  Page Down", "next step"], ["←  Page Up", "step before"], ["Home  End", "first and last step"], ["7  Enter", "go to step 7"],
  ["K", "distribution or kernel"], ["D", "dark or projector colours"], ["B", "blank the screen"], ["F", "full screen"],
  ["E", "name the step, add, move, hide steps"], ["N", "add a step of your own"], ["H", "light what is picked, selected or lit"], ["Ctrl Z", "undo"],
  ["Esc  P", "leave"], ["?", "this list"],
]
const MOVES = { ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next", ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back", Home: "first", End: "last" }
const DEEDS = { k: "kernel", d: "dark", b: "blank", ".": "blank", f: "full", e: "edit", n: "add", h: "light", p: "leave", Escape: "leave", "?": "help" }

/** Calls `perform(deed, number)`; digits and then Enter go to a step. `busy()` while a dialog has the keys. */
export function useLectureKeys(perform, busy) {
  const latest = useRef({ perform, busy })
  latest.current = { perform, busy }
  useEffect(() => {
    let digits = ""
    const press = (event) => {
      if (latest.current.busy() || event.isComposing) return
      if (/^F\d+$/.test(event.key) || event.key === "Tab" || event.altKey) return
      event.stopPropagation()
      event.stopImmediatePropagation()
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (event.ctrlKey || event.metaKey) {
        if (key === "z" || key === "y") { event.preventDefault(); latest.current.perform(key === "y" || event.shiftKey ? "redo" : "undo") }
        return
      }
      if (/^\d$/.test(key)) { digits = (digits + key).slice(-4); event.preventDefault(); latest.current.perform("typed", digits); return }
      const typed = digits
      digits = ""
      latest.current.perform("typed", "")
      if (key === "Enter" && typed) { event.preventDefault(); latest.current.perform("goto", Number(typed)); return }
      if (key === "Escape" && typed) { event.preventDefault(); return }
      const deed = MOVES[key] || DEEDS[key]
      if (!deed) return
      event.preventDefault()
      latest.current.perform(deed)
    }
    window.addEventListener("keydown", press, true)
    return () => window.removeEventListener("keydown", press, true)
  }, [])
}
