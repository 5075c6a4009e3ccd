// Messages on their way: each is numbered and stays here until what came of it is kept. After a crash the rest is sent again.
import { small } from "./storage.js"

const local = small("localStorage")
const EDITS = new Set(["text", "edit", "place", "connect", "move", "select", "fix", "open", "open-file", "link", "example", "paste", "travel", "snapshot-open"])
const ONCE = /^(save|share|export|overlay:|snapshot)/        // a download is not repeated
const LARGE = 400_000                                  // characters of messages that are kept at most

export const isEdit = (intent) => EDITS.has(intent.type) || (intent.type === "action" && !ONCE.test(intent.name))

export class Outbox {
  constructor(tab) {
    this.key = `tpviz-outbox-${tab}`
    this.draftKey = `tpviz-draft-${tab}`
    this.items = this.read()
    this.last = this.items.reduce((n, item) => Math.max(n, item.n), 0)
  }

  read() {
    try {
      const items = JSON.parse(local.get(this.key) || "[]")
      return Array.isArray(items) ? items.filter((item) => Number.isSafeInteger(item?.n) && item.intent && isEdit(item.intent)) : []
    } catch { return [] }
  }

  /** The message with its number. */
  add(intent) {
    const n = ++this.last, { stamp, base, drag, ...kept } = intent       // these mean something to this session only
    if (intent.type === "text" && this.items.at(-1)?.intent.type === "text") this.items.pop()       // the newer text is the whole text
    this.items.push({ n, intent: kept })
    this.write()
    return { ...intent, n }
  }

  /** What is kept up to number `n` is done with. */
  drop(n) {
    const rest = this.items.filter((item) => item.n > n)
    if (rest.length === this.items.length) return
    this.items = rest
    this.write()
  }

  write() {
    const text = JSON.stringify(this.items)
    if (!this.items.length) local.remove(this.key)
    else if (text.length < LARGE) local.set(this.key, text)
  }

  /** The text pane's text while it is typed, null once it is sent. */
  draft(text) {
    if (text === null) local.remove(this.draftKey)
    else if (text.length < LARGE) local.set(this.draftKey, text)
  }

  drafted() { return local.get(this.draftKey) }

  clear() {
    this.items = []
    local.remove(this.key)
    local.remove(this.draftKey)
  }
}
