// One field of the inspector. A change is sent on Enter and when the field is left; Escape restores. A number's label can be dragged,
// and so can every number in a field that is not being typed into.
import { useEffect, useId, useRef, useState } from "react"
import { Rich } from "./Formula.jsx"
import { useSend } from "./link.jsx"
import { numbersOf, perPixel, written } from "./text/numbers.js"
import { useThrottle } from "./useThrottle.js"

const ANSWER = 600       // ms

export function Field({ field, owner }) {
  const send = useSend(), id = useId()
  const edit = (value, drag = null) => send({ type: "edit", key: owner, field: field.id, value, drag })
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
  const [draft, setDraft] = useState(null), [typing, setTyping] = useState(false), committed = useRef(null), dragged = useRef(false), box = useRef(null)
  const now = useRef({}).current
  Object.assign(now, { draft, edit, given })

  useEffect(() => {           // Python answered: take its value, but leave a refused text in the field
    if (draft === null || (field.error && draft === committed.current)) return undefined
    const settle = () => { committed.current = null; dragged.current = false; setDraft(null) }
    if (draft === given || (draft === committed.current && field.kind !== "number" && !dragged.current)) { settle(); return undefined }
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
  const scrub = useScrub({ enabled: field.kind === "number", text: draft ?? given, least: field.min, edit: (text, drag) => { committed.current = text; edit(text, drag) }, show: setDraft })
  const text = draft ?? given
  const pull = useNumberDrag({ text, least: field.min, edit: (next, drag) => { committed.current = next; dragged.current = true; edit(next, drag) }, show: setDraft, click: (at) => { box.current.focus(); box.current.setSelectionRange(at, at) } })
  return (
    <>
      <label htmlFor={id} className={scrub ? (scrub.active ? "scrub active" : "scrub") : undefined} data-scrub={scrub ? field.id : undefined} {...scrub?.handlers}><Rich parts={field.label} /></label>
      <span className="field-box">
        <input id={id} ref={box} className={`field ${field.kind}`} data-field={field.id} value={text} inputMode={field.kind === "number" ? "decimal" : undefined}
          aria-invalid={!!field.error} aria-describedby={describe} spellCheck={false} autoComplete="off" onFocus={() => setTyping(true)}
          onChange={(event) => { now.draft = event.target.value; setDraft(event.target.value) }} onBlur={() => { setTyping(false); commit() }} onKeyDown={onKeyDown} />
        {!typing && (field.kind === "code" || field.kind === "number") && <Numbers text={text} pull={pull} />}
      </span>
    </>
  )
}

/** Lies over the text of a field: its numbers can be seen and taken hold of, the rest lets everything through. */
function Numbers({ text, pull }) {
  const parts = []
  let last = 0
  for (const [i, number] of numbersOf(text).entries()) {
    parts.push(text.slice(last, number.from), <span key={i} className={pull.active === i ? "digit active" : "digit"} data-digit={i} {...pull.handlers(number, i)}>{text.slice(number.from, number.to)}</span>)
    last = number.to
  }
  return <span className="digits" aria-hidden="true">{parts}{text.slice(last)}</span>
}

/** Dragging a number inside a text sideways: Shift is ten times finer, Alt ten times coarser. A press alone puts the caret there. */
function useNumberDrag({ text, least, edit, show, click }) {
  const drag = useRef(null), [active, setActive] = useState(null)
  const tell = useThrottle(({ next, id }) => edit(next, id))
  const handlers = (number, i) => ({
    onPointerDown: (event) => {
      if (event.button) return
      event.preventDefault()
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = { number: { ...number, least: Math.max(number.least, least ?? -Infinity) }, text, x: event.clientX, value: number.value, step: perPixel(number), id: Date.now(), moved: false }
      setActive(i)
    },
    onPointerMove: (event) => {
      const d = drag.current
      if (!d || (!d.moved && Math.abs(event.clientX - d.x) < 3)) return
      const pace = event.shiftKey ? 0.1 : event.altKey ? 10 : 1
      if (!d.moved) d.x = event.clientX - Math.sign(event.clientX - d.x)
      d.moved = true
      d.value = Math.min(d.number.most, Math.max(d.number.least, d.value + (event.clientX - d.x) * d.step * pace))
      d.x = event.clientX
      const shown = written(d.number, d.value, d.step * Math.min(1, pace))
      if (shown === null) return
      d.next = d.text.slice(0, d.number.from) + shown + d.text.slice(d.number.to)
      show(d.next)
      tell({ next: d.next, id: d.id })
    },
    onPointerUp: (event) => {
      const d = drag.current
      drag.current = null
      setActive(null)
      if (d?.moved) tell({ next: d.next, id: d.id }, true)
      else if (d) click(event.clientX < event.currentTarget.getBoundingClientRect().left + event.currentTarget.offsetWidth / 2 ? number.from : number.to)
    },
    onPointerCancel: () => { drag.current = null; setActive(null) },
  })
  return { handlers, active }
}

const tidy = (value) => String(Number(value.toPrecision(6)))

/** Dragging a number's label sideways: a pixel is 1 % of the value it had, or 0.01. Null when the text is no number. */
function useScrub({ enabled, text, least, edit, show }) {
  const drag = useRef(null), dragged = useRef(false), [active, setActive] = useState(false)
  const tell = useThrottle(([next, id]) => edit(next, id))
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
    tell([next, drag.current.id], last)
  }
  const handlers = {
    onPointerDown: (event) => {
      if (event.button) return
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = { x: event.clientX, from: value, step: Math.abs(value) > 1e-9 ? Number((Math.abs(value) * 0.01).toPrecision(1)) : 0.01, moved: false, id: Date.now() }
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
