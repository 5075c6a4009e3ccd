// One field of the inspector. A change is sent on Enter and when the field is left; Escape restores. A number's label can be dragged.
import { useEffect, useId, useRef, useState } from "react"
import { Rich } from "./Formula.jsx"
import { useSend } from "./link.jsx"
import { useThrottle } from "./useThrottle.js"

const ANSWER = 600       // ms

export function Field({ field, owner }) {
  const send = useSend(), id = useId()
  const edit = (value) => send({ type: "edit", key: owner, field: field.id, value })
  const shared = { field, id, edit, describe: field.error || field.help ? `${id}-note` : undefined }
  const Kind = field.kind === "choice" ? Choice : Input
  return (
    <>
      <Kind {...shared} />
      {field.error ? <span className="field-note bad" id={`${id}-note`} role="alert" data-testid={`error-${field.id}`}>{field.error}</span>
        : field.help && <span className="field-note muted" id={`${id}-note`}>{field.help}</span>}
    </>
  )
}

function Choice({ field, id, edit, describe }) {
  return (
    <>
      <label htmlFor={id}><Rich parts={field.label} /></label>
      <select id={id} className="field" data-field={field.id} value={field.value} aria-invalid={!!field.error} aria-describedby={describe} onChange={(event) => edit(event.target.value)}>
        {(field.options || []).map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
      </select>
    </>
  )
}

function Input({ field, id, edit, describe }) {
  const given = String(field.value ?? "")
  const [draft, setDraft] = useState(null), committed = useRef(null)
  const now = useRef({}).current
  Object.assign(now, { draft, edit, given })

  useEffect(() => {           // Python answered: take its value, but leave a refused text in the field
    if (draft === null || (field.error && draft === committed.current)) return undefined
    const settle = () => { committed.current = null; setDraft(null) }
    if (draft === given || (draft === committed.current && field.kind !== "number")) { settle(); return undefined }
    if (draft !== committed.current) return undefined
    const later = setTimeout(settle, ANSWER)      // of a dragged number it may be an answer to an earlier value
    return () => clearTimeout(later)
  }, [field, draft])          // eslint-disable-line
  useEffect(() => () => { if (now.draft !== null && now.draft !== now.given && now.draft !== committed.current) now.edit(now.draft) }, [now])

  const commit = () => {
    const text = now.draft           // newer than `draft` when Escape has just restored the field
    if (text === null || text === committed.current) return undefined
    if (text === given) return setDraft(null)
    committed.current = text
    edit(text)
    return undefined
  }
  const onKeyDown = (event) => {
    if (event.key === "Enter") commit()
    else if (event.key === "Escape") { event.stopPropagation(); now.draft = null; committed.current = null; setDraft(null); event.target.blur() }
  }
  const scrub = useScrub({ enabled: field.kind === "number", text: draft ?? given, least: field.min, edit: (text) => { committed.current = text; edit(text) }, show: setDraft })
  return (
    <>
      <label htmlFor={id} className={scrub ? (scrub.active ? "scrub active" : "scrub") : undefined} data-scrub={scrub ? field.id : undefined} {...scrub?.handlers}><Rich parts={field.label} /></label>
      <input id={id} className={`field ${field.kind}`} data-field={field.id} value={draft ?? given} inputMode={field.kind === "number" ? "decimal" : undefined}
        aria-invalid={!!field.error} aria-describedby={describe} spellCheck={false} autoComplete="off"
        onChange={(event) => { now.draft = event.target.value; setDraft(event.target.value) }} onBlur={commit} onKeyDown={onKeyDown} />
    </>
  )
}

const tidy = (value) => String(Number(value.toPrecision(6)))

/** Dragging a number's label sideways: a pixel is 1 % of the value it had, or 0.01. Null when the text is no number. */
function useScrub({ enabled, text, least, edit, show }) {
  const drag = useRef(null), dragged = useRef(false), [active, setActive] = useState(false)
  const tell = useThrottle(edit)
  const value = Number(text)
  if (!enabled || (!active && (text.trim() === "" || !Number.isFinite(value)))) return null
  const at = (event) => {
    const { x, from, step } = drag.current
    const next = Math.round((from + (event.clientX - x) * step) / step * 100) / 100 * step
    return tidy(least == null ? next : Math.max(least, next))
  }
  const moved = (event, last) => {
    const next = at(event)
    drag.current.moved = drag.current.moved || event.clientX !== drag.current.x
    if (!drag.current.moved) return
    show(next)
    tell(next, last)
  }
  const handlers = {
    onPointerDown: (event) => {
      if (event.button) return
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = { x: event.clientX, from: value, step: Math.abs(value) > 1e-9 ? Number((Math.abs(value) * 0.01).toPrecision(1)) : 0.01, moved: false }
      setActive(true)
    },
    onPointerMove: (event) => { if (drag.current) moved(event, false) },
    onPointerUp: (event) => {
      if (!drag.current) return
      moved(event, true)
      dragged.current = drag.current.moved
      drag.current = null
      setActive(false)
    },
    onPointerCancel: () => { drag.current = null; setActive(false) },
    onClick: (event) => { if (dragged.current) event.preventDefault(); dragged.current = false },
  }
  return { handlers, active }
}
