// The newest short message, at the bottom of the canvas. Errors stay until they are dismissed, at most eight seconds; the rest four.
import { useCallback, useEffect, useRef, useState } from "react"
import { Icon } from "./icons.jsx"

export function useNotices() {
  const [items, setItems] = useState([]), next = useRef(1), timers = useRef(new Set())
  const dismiss = useCallback((id) => setItems((all) => all.filter((item) => item.id !== id)), [])
  const add = useCallback(({ severity = "info", message, hint = "" }) => {
    const id = next.current++
    setItems((all) => [{ id, severity, message, hint }])
    const timer = setTimeout(() => { timers.current.delete(timer); dismiss(id) }, severity === "error" ? 8000 : 4000)
    timers.current.add(timer)
  }, [dismiss])
  useEffect(() => () => timers.current.forEach(clearTimeout), [])
  return { items, add, dismiss }
}

export function Notices({ items, dismiss }) {
  return (
    <div className="notices" aria-live="polite" data-testid="notices">
      {items.map(({ id, severity, message, hint }) => (
        <div key={id} className={severity === "error" ? "notice bad" : "notice"} data-severity={severity} role={severity === "error" ? "alert" : "status"}>
          <Icon name={severity === "error" ? "error" : "check"} />
          <span>{message}{hint && <span className="muted"> {hint}</span>}</span>
          <button aria-label="Dismiss" onClick={() => dismiss(id)}><Icon name="close" small /></button>
        </div>
      ))}
    </div>
  )
}
