// A drop-down menu for mouse and keyboard: arrows, Home, End, Enter, Escape.
import { useEffect, useRef, useState } from "react"
import { Icon } from "./icons.jsx"

/** Opens and closes a drop-down; a press outside closes it. */
export function useDropDown() {
  const [open, setOpen] = useState(false), holder = useRef(null)
  useEffect(() => {
    if (!open) return undefined
    const outside = (event) => { if (!event.composedPath().includes(holder.current)) setOpen(false) }
    document.addEventListener("pointerdown", outside, true)
    return () => document.removeEventListener("pointerdown", outside, true)
  }, [open])
  return { open, setOpen, holder }
}

/** Moves the focus among the enabled items of `list` by an arrow key; true when it did. */
export function moveFocus(event, list) {
  const items = [...list.querySelectorAll("[role^=menuitem]:not(:disabled)")], at = items.indexOf(event.target.closest("[role^=menuitem]"))
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key]
  if (to === undefined || !items.length) return false
  event.preventDefault()
  items[(to + items.length) % items.length].focus()
  return true
}

/** `items`: `{id, label, hint, key, enabled, needs, checked, separator, data}`; `choose(id)`. A `bare` one shows its icon alone. */
export function Menu({ label, icon, items, choose, testid, align = "left", bare = false }) {
  const { open, setOpen, holder } = useDropDown(), list = useRef(null), trigger = useRef(null)
  const first = (last = false) => setTimeout(() => {
    const all = list.current?.querySelectorAll("[role^=menuitem]:not(:disabled)")
    all?.[last ? all.length - 1 : 0]?.focus()
  }, 0)
  const ticked = items.some((item) => item.checked !== undefined)
  const close = () => { setOpen(false); trigger.current?.focus() }
  const onKeyDown = (event) => {
    if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); close() }
    else if (event.key === "Tab") setOpen(false)
    else if (!open && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); setOpen(true); first(event.key === "ArrowUp") }
    else if (open) moveFocus(event, list.current)
  }
  return (
    <div className="menu" ref={holder} onKeyDown={onKeyDown}>
      <button ref={trigger} className={open ? "tb open" : "tb"} aria-label={label} title={bare ? label : undefined} aria-haspopup="menu" aria-expanded={open} data-menu={testid}
        onClick={(event) => { setOpen(!open); if (!open && event.detail === 0) first() }}>
        {icon && <Icon name={icon} />}{!bare && (icon ? <span className="says">{label}</span> : label)}{!icon && <Icon name="caret" small />}
      </button>
      {open && (
        <div className={`popup ${align}`} role="menu" aria-label={label} ref={list}>
          {items.map((item) => [
            item.separator && <div key={`${item.id} rule`} className="rule" role="separator" />,
            <button key={item.id} role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"} aria-checked={item.checked} title={item.enabled === false ? item.needs : undefined} disabled={item.enabled === false} {...item.data} onClick={() => { close(); choose(item.id) }}>
              <span className="says-what">{ticked && <span className="mark">{item.checked && <Icon name="check" small />}</span>}<span>{item.label}{item.hint && <span className="muted sm"> {item.hint}</span>}</span></span>{item.key && <kbd>{item.key}</kbd>}
            </button>,
          ])}
          {!items.length && <div className="none muted">Nothing here yet</div>}
        </div>
      )}
    </div>
  )
}
