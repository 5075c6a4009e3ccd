// What Python says of each line: the margin with instruction, kind and E Z², the line of the selection, lines that are wrong.
import { RangeSet, RangeSetBuilder, RangeValue, StateEffect, StateField } from "@codemirror/state"
import { Decoration, EditorView, GutterMarker, ViewPlugin, gutter, gutterLineClass, lineNumbers } from "@codemirror/view"
import { typesetInto } from "../Formula.jsx"

class LineInfo extends RangeValue {
  constructor(info) { super(); this.info = info }
  eq(other) { return same(this.info, other.info) }
}
const same = (a, b) => a.instruction === b.instruction && a.kind === b.kind && a.moment === b.moment && a.node === b.node && a.state === b.state

/** Sets what is known of the lines, a RangeSet made by `lineInfo`. */
export const setInfo = StateEffect.define()

const known = StateField.define({
  create: () => RangeSet.empty,
  update(set, tr) {
    for (const effect of tr.effects) if (effect.is(setInfo)) return effect.value
    return tr.docChanged ? set.map(tr.changes) : set
  },
})

/** The rows of the protocol at their lines: `server` is Python's text, `changes` lead from it to the editor's. */
export function lineInfo(rows, server, changes) {
  const builder = new RangeSetBuilder()
  let last = -1
  for (let i = 0; i < Math.min(rows.length, server.lines); i++) {
    const at = changes.mapPos(server.line(i + 1).from, -1)
    if (at > last && (rows[i].instruction || rows[i].node || rows[i].state)) { builder.add(at, at, new LineInfo(rows[i])); last = at }
  }
  return builder.finish()
}

/** What is known of the line of the document that starts at `line.from`. */
export function infoAt(state, line) {
  let found = null
  state.field(known).between(line.from, line.to, (_from, _to, value) => { found = value.info; return false })
  return found
}

class Row extends GutterMarker {
  constructor(info) { super(); this.info = info }
  eq(other) { return same(this.info, other.info) }
  toDOM() {
    const row = document.createElement("div")
    row.className = "mg"
    for (const text of [this.info.instruction, this.info.kind]) row.appendChild(document.createElement("span")).textContent = text
    const moment = row.appendChild(document.createElement("span"))
    if (this.info.moment) typesetInto(moment, this.info.moment)
    return row
  }
}

const asked = (update) => update.transactions.some((tr) => tr.effects.some((e) => e.is(setInfo)))
const classOf = { bad: "bad", current: "cur" }
class Tinted extends GutterMarker {
  constructor(name) { super(); this.elementClass = name }
  eq(other) { return this.elementClass === other.elementClass }
}
const tints = { bad: new Tinted("bad"), cur: new Tinted("cur") }

/** Attributes of the lines in sight, for their looks and for tests. */
const attributes = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = this.build(view) }
  update(update) { if (update.docChanged || update.viewportChanged || asked(update)) this.decorations = this.build(update.view) }
  build(view) {
    const builder = new RangeSetBuilder(), { doc } = view.state
    for (const { from, to } of view.visibleRanges) {
      for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
        const state = infoAt(view.state, line)?.state
        builder.add(line.from, line.from, Decoration.line({ class: classOf[state], attributes: { "data-line": String(line.number), ...(state && { "data-state": state }) } }))
        if (line.to >= to || line.number === doc.lines) break
      }
    }
    return builder.finish()
  }
}, { decorations: (plugin) => plugin.decorations })

const tinted = gutterLineClass.compute([known, "doc"], (state) => {
  const builder = new RangeSetBuilder()
  for (const at = state.field(known).iter(); at.value; at.next()) {
    const name = classOf[at.value.info.state], from = state.doc.lineAt(at.from).from
    if (name) builder.add(from, from, tints[name])
  }
  return builder.finish()
})

/** Number and margin of every line; `choose(line)` is called when one is clicked. */
export function margins(choose) {
  const click = { mousedown: (view, block, event) => { event.preventDefault(); choose(view.state.doc.lineAt(block.from)); return true } }
  return [
    known, attributes, tinted,
    lineNumbers({ domEventHandlers: click }),
    gutter({ class: "margin", side: "after", lineMarker: (view, block) => { const info = infoAt(view.state, view.state.doc.lineAt(block.from)); return info && new Row(info) }, lineMarkerChange: asked, domEventHandlers: click }),
    EditorView.editorAttributes.of({ class: "program" }),
  ]
}
