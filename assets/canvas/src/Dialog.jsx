// A window over the window: the focus goes in, stays in, and goes back to where it was. Escape and a press outside close it.
import { useEffect, useId, useRef } from "react"
import { Icon } from "./icons.jsx"

const FOCUSABLE = "button:not(:disabled),input:not(:disabled),select:not(:disabled),textarea:not(:disabled),a[href],[tabindex]:not([tabindex='-1']),[contenteditable=true]"

export function Dialog({ title, close, children, className = "", testid, bare = false }) {
  const box = useRef(null), id = useId()
  useEffect(() => {
    const root = box.current.getRootNode(), before = root.activeElement
    const first = box.current.querySelector("[data-autofocus]") || box.current.querySelector(FOCUSABLE)
    ;(first || box.current).focus()
    return () => before?.isConnected && before.focus?.()
  }, [])
  const onKeyDown = (event) => {
    event.stopPropagation()
    event.nativeEvent.stopImmediatePropagation?.()
    if (event.key === "Escape") { event.preventDefault(); close() }
    if (event.key !== "Tab") return
    const all = [...box.current.querySelectorAll(FOCUSABLE)], at = all.indexOf(box.current.getRootNode().activeElement)
    const leaves = event.shiftKey ? at <= 0 : at === all.length - 1
    if (leaves) { event.preventDefault(); all[event.shiftKey ? all.length - 1 : 0]?.focus() }
  }
  return (
    <div className="veil" onPointerDown={(event) => { if (event.target === event.currentTarget) close() }}>
      <div className={`dialog ${className}`} role="dialog" aria-modal="true" aria-labelledby={bare ? undefined : id} aria-label={bare ? title : undefined} ref={box} tabIndex={-1} data-testid={testid} onKeyDown={onKeyDown}>
        {!bare && <div className="row dialog-head"><h2 id={id}>{title}</h2><span className="grow" /><button className="ib" aria-label="Close" onClick={close}><Icon name="close" /></button></div>}
        {children}
      </div>
    </div>
  )
}
