// Keys and mouse: the whole table of actions by group, and what the mouse does. A search brings the sentence of help with each.
import { useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { Icon } from "./icons.jsx"
import { keyName } from "./keyboard.js"
import { useParam } from "./link.jsx"
import { score } from "./search.js"

const ORDER = ["Draw", "Edit", "File", "View", "Results", "Look", "Export"]
const hint = (label, ...keys) => ({ name: label, label, shown: keys })
const WALK = [
  hint("Walk along the edges", "←", "→"), hint("Walk up and down", "↑", "↓"), hint("Add the next node to the selection", "Shift ←", "Shift →"), hint("First and last node", "Home", "End"),
  hint("Go through bar, shapes, drawing, text, results", "Tab"), hint("Change a number or the width", "↑", "↓"),
]
const MOUSE = [
  hint("Select, move", "click, drag"), hint("Select several", "Shift click"), hint("Select in a box", "drag on the canvas"), hint("Edit a node", "double click"),
  hint("Connect", "drag from a diamond"), hint("Place a shape", "choose it, click"), hint("Change a number", "drag its name"),
  hint("Move the view", "wheel, middle button"), hint("Zoom", "Ctrl wheel"), hint("Open a file", "drop it here"),
]

export function HelpSheet({ close, perform }) {
  const actions = useParam("actions"), [query, setQuery] = useState("")
  const names = [...ORDER, ...new Set(actions.map((a) => a.group).filter((g) => g && !ORDER.includes(g)))]
  const rows = (group) => actions.filter((a) => a.group === group).map((a) => ({ ...a, shown: (a.keys || []).slice(0, 2).map(keyName) }))
    .sort((a, b) => (a.shown.length ? 0 : 1) - (b.shown.length ? 0 : 1))
  const sections = [...names.map((name) => [name, rows(name)]), ["Walk the drawing", WALK], ["Mouse", MOUSE]]
    .map(([name, list]) => [name, list.filter((row) => !query.trim() || score(query, { label: row.label, keywords: `${name} ${row.keywords || ""} ${row.help || ""} ${row.shown.join(" ")}` }))])
    .filter(([, list]) => list.length)
  return (
    <Dialog title="Keys and mouse" close={close} className="help" testid="help">
      <div className="row help-find">
        <label className="find"><Icon name="search" /><input data-autofocus data-testid="help-query" aria-label="Search the keys" placeholder="Search" value={query} spellCheck={false} onChange={(event) => setQuery(event.target.value)} /></label>
        <span className="grow" />
        <button className="tb" data-action="overlay:tour" onClick={() => { close(); setTimeout(() => perform("overlay:tour"), 0) }}><Icon name="book" />Five-step tour</button>
        <button className="tb" data-action="print-keys" onClick={() => window.print()}><Icon name="print" />Print</button>
      </div>
      <div className="sheet-of-keys" tabIndex={0} role="region" aria-label="Keys" data-testid="keys">
        {sections.map(([name, list]) => (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <dl>
              {list.map((row) => (
                <div key={row.name} data-row={row.name} title={row.help || undefined}>
                  <dt>{row.label}{row.help && query.trim() && <span className="muted sm">{row.help}</span>}</dt>
                  <dd>{row.shown.map((key, i) => <kbd key={i}>{key}</kbd>)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        {!sections.length && <p className="muted hollow" role="status">No key is called like that.</p>}
      </div>
    </Dialog>
  )
}
