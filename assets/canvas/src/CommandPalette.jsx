// Search or run a command: every action, example, node and matrix by its name. A combobox over a list, worked by arrows, Enter and Escape.
import { useEffect, useMemo, useRef, useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"
import { entriesOf, find } from "./search.js"

const RECENT = "tpviz-recent", KEPT = 6
const recent = () => {
  try {
    const list = JSON.parse(localStorage.getItem(RECENT) || "[]")
    return Array.isArray(list) ? list.filter((id) => typeof id === "string").slice(0, KEPT) : []
  } catch { return [] }
}
const remember = (id) => { try { localStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((r) => r !== id)].slice(0, KEPT))) } catch { /* not kept, then */ } }

export function CommandPalette({ close, perform, api, query: given = "" }) {
  const actions = useParam("actions"), examples = useParam("examples"), scene = useParam("scene"), results = useParam("results"), send = useSend()
  const [query, setQuery] = useState(given), [at, setAt] = useState(0), list = useRef(null)
  const was = useMemo(recent, [])
  const entries = useMemo(() => entriesOf({ actions, examples, scene, results, perform, send, canvas: () => api.current.canvas }), [actions, examples, scene, results, perform, send, api])
  const shown = useMemo(() => find(entries, query, was), [entries, query, was])
  const runnable = shown.filter((entry) => !entry.off).length         // these come first
  const active = Math.min(at, Math.max(0, runnable - 1))
  useEffect(() => { list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }) }, [active, shown])

  const run = (entry) => {
    if (!entry || entry.off) return
    if (!entry.quiet) remember(entry.id)
    close()
    setTimeout(entry.run, 0)          // after the focus went back
  }
  const onKeyDown = (event) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: Math.min(active + 8, runnable - 1), PageUp: Math.max(0, active - 8) }[event.key]
    if (event.key === "Enter") { event.preventDefault(); run(shown[active]) }
    else if (to !== undefined && runnable) { event.preventDefault(); setAt((to + runnable) % runnable) }
  }
  return (
    <Dialog title="Search or run a command" close={close} className="commands" testid="command-palette" bare>
      <div className="ask">
        <Icon name="search" />
        <input data-autofocus data-testid="command-query" role="combobox" aria-expanded="true" aria-controls="tp-commands" aria-autocomplete="list" aria-label="Search or run a command"
          aria-activedescendant={runnable ? `tp-command-${active}` : undefined} placeholder="An action, an example, a node" spellCheck={false} autoComplete="off" value={query}
          onChange={(event) => { setQuery(event.target.value); setAt(0) }} onKeyDown={onKeyDown} />
        <kbd>Esc</kbd>
      </div>
      <div className="found" role="listbox" id="tp-commands" aria-label="Commands" ref={list} tabIndex={-1}>
        {shown.map((entry, i) => (
          <div key={entry.id} id={`tp-command-${i}`} className={entry.off ? "off" : i === active ? "on" : undefined} role="option" aria-selected={i === active && !entry.off} aria-disabled={!!entry.off || undefined}
            data-command={entry.id} onPointerMove={() => { if (!entry.off) setAt(i) }} onClick={() => run(entry)}>
            <span className="name">{entry.label}{entry.on && <Icon name="check" small />}</span>
            <span className="muted sm">{entry.off || (!query && was.includes(entry.id) ? `Recent, ${entry.group}` : entry.group)}</span>
            {entry.key && <kbd>{entry.key}</kbd>}
          </div>
        ))}
      </div>
      {!shown.length && <p className="muted hollow" role="status">Nothing is called like that. Try “kernel”, “theme” or the name of a vector.</p>}
    </Dialog>
  )
}
