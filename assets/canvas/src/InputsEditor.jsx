// The batch of network inputs: turned, at an angle, random, typed, or from a file. Python makes it; this only says which.
import { useEffect, useRef, useState } from "react"
import { Icon } from "./icons.jsx"
import { pickBatch } from "./files.js"
import { useSend } from "./link.jsx"
import { useThrottle } from "./useThrottle.js"

export function InputsEditor({ batch }) {
  const send = useSend(), change = (values) => send({ type: "batch", ...values })
  const { kind } = batch
  const read = () => pickBatch((name, base64) => send({ type: "batch-file", name, base64 }))
  return (
    <div className="inputs" data-testid="inputs" data-kind={kind}>
      <div className="row">
        <label className="sr" htmlFor="tp-batch-kind">Inputs</label>
        <select id="tp-batch-kind" className="field small" data-testid="batch-kind" value={kind} onChange={(event) => { change({ kind: event.target.value }); if (event.target.value === "file" && !batch.name) read() }}>
          {batch.options.map(({ name, label }) => <option key={name} value={name}>{label}</option>)}
        </select>
        {(kind === "turned" || kind === "sphere") && <Count label="N" value={batch.count} least={1} most={64} testid="batch-count" set={(count) => change({ count })} />}
        {batch.free && kind !== "typed" && kind !== "file" && <Count label="d" value={batch.dimension} least={1} most={10000} testid="batch-dimension" set={(dimension) => change({ dimension })} />}
        {kind === "sphere" && <Count label="seed" value={batch.seed} least={0} most={999999} testid="batch-seed" set={(seed) => change({ seed })} />}
        {kind === "angle" && <Angle angle={batch.angle} intent={(angle) => ({ type: "batch", angle })} testid="batch-angle" />}
        {kind === "file" && <button className="chip" data-testid="batch-file" onClick={read}><Icon name="open" small />{batch.name || ".npy, .csv …"}</button>}
        <span className="muted sm what" data-testid="batch-what" title={batch.what}>{batch.what}</span>
      </div>
      {kind === "typed" && <Typed text={batch.text} set={(text) => change({ text })} />}
    </div>
  )
}

function Typed({ text, set }) {
  const [draft, setDraft] = useState(null)
  useEffect(() => setDraft(null), [text])
  const commit = () => { if (draft !== null && draft !== text) set(draft) }
  return (
    <textarea className="field rows" rows={3} spellCheck={false} aria-label="Rows of numbers, one for each input" placeholder={"a row for each input, such as\n1, -0.5, 0.5\n0, 1, 1"} data-testid="batch-text"
      value={draft ?? text} onChange={(event) => setDraft(event.target.value)} onBlur={commit}
      onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); commit() } else if (event.key === "Escape") { setDraft(null); event.target.blur() } }} />
  )
}

/** A small whole number: Enter or leaving sends, the arrow keys step. */
export function Count({ label, value, least, most, testid, set }) {
  const [draft, setDraft] = useState(null)
  useEffect(() => setDraft(null), [value])
  const commit = (text) => {
    const next = Math.min(most, Math.max(least, Math.round(Number(text))))
    setDraft(null)
    if (text.trim() !== "" && Number.isFinite(next) && next !== value) set(next)
  }
  const onKeyDown = (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (by) { event.preventDefault(); commit(String((Number(event.target.value) || 0) + by)) }
    else if (event.key === "Enter") commit(event.target.value)
    else if (event.key === "Escape") { setDraft(null); event.target.blur() }
  }
  const shown = draft ?? String(value)
  return (
    <label className="count sm muted">{label}
      <input className="field small" inputMode="numeric" data-testid={testid} value={shown} style={{ width: `${Math.max(2, shown.length) + 2.4}ch` }}
        onChange={(event) => setDraft(event.target.value.replace(/[^\d]/g, "").slice(0, 6))} onBlur={(event) => { if (draft !== null) commit(event.target.value) }} onKeyDown={onKeyDown} />
    </label>
  )
}

const ANSWER = 800      // ms

/** An angle from 0 to 180 degrees: a slider, and its number to type. */
export function Angle({ angle, intent, testid }) {
  const send = useSend(), tell = useThrottle((value) => send(intent(value)))
  const [mine, setMine] = useState(null), [draft, setDraft] = useState(null), dragging = useRef(false)
  useEffect(() => {               // ours until Python has it; an answer in between may belong to an earlier value
    if (mine === null || dragging.current) return undefined
    const later = setTimeout(() => setMine(null), Math.abs(angle - mine) < 1e-9 ? 0 : ANSWER)
    return () => clearTimeout(later)
  }, [angle, mine])
  const set = (value, last) => { setMine(value); tell(value, last) }
  const commit = (text) => {
    const value = Number(text)
    setDraft(null)
    if (text.trim() !== "" && Number.isFinite(value)) set(Math.min(180, Math.max(0, value)), true)
  }
  const shown = mine ?? angle
  return (
    <span className="angle">
      <input type="range" min="0" max="180" step="1" value={shown} aria-label="Angle in degrees" data-testid={`${testid}-slider`} onPointerDown={() => { dragging.current = true }}
        onPointerUp={(event) => { dragging.current = false; set(Number(event.target.value), true) }} onChange={(event) => set(Number(event.target.value), false)} />
      <input className="field small degrees" inputMode="decimal" data-testid={testid} aria-label="Angle in degrees" value={draft ?? String(Math.round(shown * 100) / 100)} onChange={(event) => setDraft(event.target.value.replace(/[^\d.]/g, "").slice(0, 7))}
        onBlur={(event) => { if (draft !== null) commit(event.target.value) }} onKeyDown={(event) => { if (event.key === "Enter") commit(event.target.value); else if (event.key === "Escape") { setDraft(null); event.target.blur() } }} /><span className="unit">°</span>
    </span>
  )
}
