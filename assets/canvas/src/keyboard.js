// One listener for the document turns keys into actions. What is typed into a field belongs to the field.
import { useEffect, useRef } from "react"

const STEPS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" }
const NAMES = { Control: "Ctrl", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del" }
const OF_BROWSER = new Set(["copy", "cut", "paste", "paste-untied"])      // the browser makes events of these keys
const OF_FIELDS = new Set(["a", "c", "v", "x", "z", "y", "Delete", "Backspace", "Enter"])

/** "Control+Shift+z" as a user reads it: "Ctrl Shift Z". */
export const keyName = (key) => key === "+" ? "+" : key.split("+").map((part) => NAMES[part] || (part.length === 1 ? part.toUpperCase() : part)).join(" ")

/** The key of an event in the spelling of the action table. */
export function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/.test(key))
  return [(event.ctrlKey || event.metaKey) && "Control", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join("+")
}

const normal = (key) => key === "+" ? key : key.split("+").map((part) => part === "Meta" ? "Control" : part.length === 1 ? part.toLowerCase() : part).join("+")
export const isField = (element) => /^(input|textarea|select)$/i.test(element?.tagName || "") || element?.isContentEditable

/** `inside`: in a cell of a notebook only keys pressed within the window count; the notebook has keys of its own. */
export function useKeyboard({ root, actions, perform, walk, digit, hold, inside = false }) {
  const latest = useRef({})
  latest.current = { actions, perform, walk, digit, hold }
  useEffect(() => {
    const press = (event) => {
      const from = event.composedPath()[0]
      if (event.defaultPrevented || event.isComposing || (inside && !event.composedPath().includes(root.current))) return undefined
      const key = keyOf(event)
      if (!isField(from) && latest.current.hold(event)) return event.preventDefault()
      if (isField(from)) {             // only Ctrl with a key that means nothing to a field, such as Ctrl S
        if (!key.startsWith("Control+") || event.altKey || OF_FIELDS.has(event.key.length === 1 ? event.key.toLowerCase() : event.key) || key.includes("Arrow")) return undefined
      } else if (from?.closest?.("[role=menu],[role=slider],[role=tab],[role=separator]") && key !== "Escape" && !key.includes("Control")) return undefined
      if (/^[1-9]$/.test(key) && latest.current.digit(Number(key) - 1)) return event.preventDefault()
      // An arrow belongs to an action only while that is enabled; else it walks the graph.
      const bare = key.replace(/^Shift\+/, "")
      const action = latest.current.actions.find((a) => (a.keys || []).some((k) => normal(k) === key) && (a.enabled !== false || !STEPS[bare]))
      if (OF_BROWSER.has(action?.name)) return undefined
      if (action) {
        if (key === "Enter" && from?.closest?.("button,a")) return undefined
        event.preventDefault()
        latest.current.perform(action.name)
      } else if (STEPS[bare] && root.current) {
        event.preventDefault()
        latest.current.walk(STEPS[bare], bare !== key)
      }
      return undefined
    }
    document.addEventListener("keydown", press)
    if (inside) root.current.getRootNode().host?.setAttribute("data-lm-suppress-shortcuts", "true")      // asks JupyterLab to leave our keys to us
    return () => document.removeEventListener("keydown", press)
  }, [root, inside])
}
