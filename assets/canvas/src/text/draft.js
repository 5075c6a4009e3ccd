// The text while it is edited: what is typed goes to Python at once, what Python changes is put between what is typed.
// One message is under way at a time; the answer names the last one that Python has read, so nothing is lost, reordered or overwritten.
import { Annotation, ChangeSet, Text } from "@codemirror/state"
import { changesBetween } from "./diff.js"

const LEAST = 30         // ms between two messages
const ANSWER = 1000      // ms after which the next one is sent although the last was not answered

/** Marks changes that come from Python. */
export const remote = Annotation.define()

const lines = (source) => source.replace(/\r\n?/g, "\n").split("\n")

export class Draft {
  /** `send(message)` takes `{source, stamp, base, drag}`; `keep(text)` what is typed and not sent yet, null once it is. */
  constructor(param, send, keep) {
    this.send = send
    this.keep = keep
    this.server = Text.of(lines(param.source))     // Python's text, as far as the window knows it
    this.base = param.version ?? 0
    this.sent = []                                 // {stamp, changes, doc}: not answered yet, each from the one before to the next
    this.unsent = null                             // changes since the last message
    this.doc = this.server
    this.stamp = Math.max(param.stamp ?? 0, Date.now())
    this.timer = null
    this.sentAt = 0
    this.drag = null                               // number of the drag whose edits are one step
  }

  /** Changes of the editor, from `before` to `doc`. */
  changed(changes, doc) {
    this.unsent = this.unsent ? this.unsent.compose(changes) : changes
    this.doc = doc
    this.schedule()
    if (this.unsent) this.keep(doc.toString())
  }

  schedule() {
    if (this.timer !== null || !this.unsent) return
    const now = Date.now(), wait = this.sent.length ? this.sentAt + ANSWER - now : this.sentAt + LEAST - now
    if (wait <= 0) this.flush()
    else this.timer = setTimeout(() => { this.timer = null; this.flush() }, wait)
  }

  /** Sends what is not sent yet, now. */
  flush() {
    clearTimeout(this.timer)
    this.timer = null
    if (!this.unsent) return
    const changes = this.unsent
    this.unsent = null
    this.sentAt = Date.now()
    this.stamp = Math.max(this.stamp + 1, this.sentAt)
    this.sent.push({ stamp: this.stamp, changes })
    this.send({ source: this.doc.toString(), stamp: this.stamp, base: this.base, drag: this.drag })
    this.keep(null)
  }

  close() { this.flush() }

  /** What is typed and not in Python's text yet, as one change of `server`. */
  pending() {
    const parts = [...this.sent.map((s) => s.changes), ...(this.unsent ? [this.unsent] : [])]
    return parts.length ? parts.reduce((a, b) => a.compose(b)) : ChangeSet.empty(this.server.length)
  }

  /** Python's state. Gives the change for the editor, or null where the text stays; then `pending` leads from Python's text to the editor's. */
  receive({ source, version, stamp }) {
    while (this.sent.length && stamp != null && this.sent[0].stamp <= stamp) this.server = this.sent.shift().changes.apply(this.server)
    this.base = version ?? 0
    const next = Text.of(lines(source))
    let result = null
    if (!this.server.eq(next)) {
      let foreign = ChangeSet.of(changesBetween(this.server.toString(), next.toString()), this.server.length)
      for (const part of [...this.sent, ...(this.unsent ? [this] : [])]) {
        const key = part === this ? "unsent" : "changes", mine = part[key]
        part[key] = mine.map(foreign)
        foreign = foreign.map(mine, true)
      }
      this.server = next
      if (!foreign.empty) { result = foreign; this.doc = foreign.apply(this.doc) }
    }
    clearTimeout(this.timer)
    this.timer = null
    this.schedule()
    return result
  }
}
