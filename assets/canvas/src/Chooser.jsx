// A drop-down list of vectors with typeset names: one of them, or several with check boxes.
import { useRef } from "react"
import { Formula } from "./Formula.jsx"
import { moveFocus, useDropDown } from "./Menu.jsx"
import { Icon } from "./icons.jsx"

export function Chooser({ options, chosen, several = false, choose, testid, className = "chip", children, label, align = "right" }) {
  const { open, setOpen, holder } = useDropDown(), list = useRef(null), trigger = useRef(null)
  const toggle = (name) => {
    if (!several) { setOpen(false); trigger.current.focus(); return choose(name) }
    const next = chosen.includes(name) ? chosen.filter((n) => n !== name) : options.map((o) => o.name).filter((n) => n === name || chosen.includes(n))
    return choose(next)
  }
  const onKeyDown = (event) => {
    if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); setOpen(false); trigger.current.focus() }
    else if (event.key === "Tab") setOpen(false)
    else if (event.key === "ArrowDown" && !open) { event.preventDefault(); setOpen(true); setTimeout(() => list.current?.querySelector("button")?.focus(), 0) }
    else if (open) moveFocus(event, list.current)
  }
  return (
    <div className="menu" ref={holder} onKeyDown={onKeyDown}>
      <button ref={trigger} className={className} aria-haspopup="menu" aria-expanded={open} aria-label={label} data-testid={testid} onClick={() => setOpen(!open)}>{children}<Icon name="caret" small /></button>
      {open && (
        <div className={`popup list ${align}`} role="menu" aria-label={label} ref={list}>
          {options.map(({ name, tex }) => {
            const on = several ? chosen.includes(name) : chosen === name
            return (
              <button key={name} role={several ? "menuitemcheckbox" : "menuitemradio"} aria-checked={on} data-option={name} onClick={() => toggle(name)}>
                <span className={several ? "box" : "mark"}>{on && <Icon name="check" small />}</span><Formula tex={tex} />
              </button>
            )
          })}
          {!options.length && <div className="none muted">No vectors yet</div>}
        </div>
      )}
    </div>
  )
}
