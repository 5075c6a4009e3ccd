// Numbers of the text are dragged sideways, or changed by Alt with an arrow. All edits of one drag are one step of the history.
import { StateEffect, StateField } from "@codemirror/state"
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view"
import { numbersOf, perKey, perPixel, written } from "./numbers.js"

const START = 3          // px until a press is a drag
const TOGETHER = 1200    // ms within which keys at one number are one step

const mark = StateEffect.define({ map: (range, changes) => range && { from: changes.mapPos(range.from, -1), to: changes.mapPos(range.to, 1) } })
const marked = StateField.define({
  create: () => Decoration.none,
  update(set, tr) {
    set = set.map(tr.changes)
    for (const effect of tr.effects) if (effect.is(mark)) set = effect.value ? Decoration.set([Decoration.mark({ class: "dragged" }).range(effect.value.from, effect.value.to)]) : Decoration.none
    return set
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** The number of the document at a position, with places counted from the document's start. */
export function numberAt(state, at) {
  const line = state.doc.lineAt(at), numbers = numbersOf(line.text)
  const number = numbers.find((n) => line.from + n.from <= at && at <= line.from + n.to)
  return number ? placed(number, line.from) : null
}

const placed = (number, shift) => ({ ...number, from: number.from + shift, to: number.to + shift, twin: number.twin && { from: number.twin.from + shift, to: number.twin.to + shift } })

/** Writes a number, and its twin across the diagonal. */
function put(view, number, text) {
  const changes = [{ from: number.from, to: number.to, insert: text }]
  if (number.twin) changes.push({ ...number.twin, insert: text })
  changes.sort((a, b) => a.from - b.from)
  if (changes.every(({ from, to, insert }) => view.state.doc.sliceString(from, to) === insert)) return
  view.dispatch({ changes, userEvent: "input.number" })
}

const dragging = (drafted) => ViewPlugin.fromClass(class {
  constructor(view) {
    this.view = view
    this.drag = null
    this.move = (event) => this.moved(event)
    this.up = (event) => this.ended(event)
    this.cancel = () => this.ended(null)
  }

  start(event) {
    const { view } = this
    if (event.button || event.detail > 1 || !event.target.closest?.(".number")) return false
    const at = view.posAtDOM(event.target.closest(".number"))
    const number = numberAt(view.state, at) || numberAt(view.state, view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? at)
    if (!number) return false
    event.preventDefault()
    this.drag = { number, x: event.clientX, value: number.value, good: number.value, step: perPixel(number), begun: false, extend: event.shiftKey }
    window.addEventListener("pointermove", this.move)
    window.addEventListener("pointerup", this.up)
    window.addEventListener("pointercancel", this.cancel)
    return true
  }

  moved(event) {
    const { drag, view } = this
    if (!drag) return
    if (!drag.begun && Math.abs(event.clientX - drag.x) < START) return
    if (!drag.begun) {
      drag.begun = true
      drag.x = event.clientX
      drafted().begin(Date.now())
      view.dispatch({ effects: mark.of({ from: drag.number.from, to: drag.number.to }) })
      document.documentElement.style.cursor = "ew-resize"
    }
    const pace = event.shiftKey ? 0.1 : event.altKey ? 10 : 1
    drag.value += (event.clientX - drag.x) * drag.step * pace
    drag.x = event.clientX
    const bound = drag.number.positive ? drag.step : drag.number.least
    drag.value = Math.min(drag.number.most, Math.max(bound, drag.value))
    const text = written(drag.number, drag.value, drag.step * Math.min(1, pace))
    if (text === null) { drag.value = drag.good; return }
    drag.good = drag.value
    put(view, drag.number, text)
  }

  ended(event) {
    const { drag, view } = this
    this.drag = null
    window.removeEventListener("pointermove", this.move)
    window.removeEventListener("pointerup", this.up)
    window.removeEventListener("pointercancel", this.cancel)
    if (!drag) return
    if (drag.begun) {
      document.documentElement.style.cursor = ""
      view.dispatch({ effects: mark.of(null) })
      drafted().end()
    } else if (event) {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }, false)
      view.dispatch({ selection: { anchor: drag.extend ? view.state.selection.main.anchor : at, head: at }, userEvent: "select.pointer" })
      view.focus()
    }
  }

  update(update) {        // the number's place while the text around it changes
    const { drag } = this
    if (!drag || !update.docChanged) return
    const moved = ({ from, to }) => ({ from: update.changes.mapPos(from, -1), to: update.changes.mapPos(to, 1) })
    drag.number = { ...drag.number, ...moved(drag.number), twin: drag.number.twin && moved(drag.number.twin) }
  }

  destroy() { this.ended(null) }
}, { eventHandlers: { mousedown(event) { return this.start(event) } } })

/** A command: the number at the caret goes up or down. */
export const nudge = (sign, drafted) => {
  return (view) => {
    const number = numberAt(view.state, view.state.selection.main.head)
    if (!number) return false
    const step = perKey(number, sign < 0), text = written(number, number.value + sign * step, step)
    if (text === null) return true
    const line = view.state.doc.lineAt(number.from).number, last = drafted().nudged
    const id = last && last.line === line && last.from === number.from && Date.now() - last.at < TOGETHER ? last.id : Date.now()
    drafted().nudged = { line, from: number.from, at: Date.now(), id }
    drafted().begin(id)
    put(view, number, text)
    drafted().end()
    return true
  }
}

/** `drafted()` has `begin(id)` and `end()`, round the edits that are one step. */
export const scrubbing = (drafted) => [marked, dragging(drafted)]
