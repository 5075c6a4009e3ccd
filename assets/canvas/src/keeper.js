// Keeps the drawing in this browser, brings it back after a reload, and notices when the server is gone. One for each window.
import { Outbox, isEdit } from "./outbox.js"
import { openStorage, refusal } from "./storage.js"
import { Tabs } from "./tabs.js"

const BETWEEN = 200                    // ms between two writings
const PATIENCE = 6000                  // ms in which Python answers
const DAY = 24 * 3600 * 1000, OLD = 30 * DAY, MOST = 30
const WAITS = ["text", "move"]         // what may be done while the server is away: it is sent when it is back
const keepers = new WeakMap()

export function keeperOf(model) {
  if (!keepers.has(model)) keepers.set(model, new Keeper(model))
  return keepers.get(model)
}

class Keeper {
  constructor(model) {
    this.model = model
    this.on = model.frame?.keeps === true            // a notebook keeps its cells itself
    this.listeners = new Set()
    this.waiting = []
    this.record = null
    this.state = { ready: !this.on, expecting: false, kept: "nothing", at: null, why: "", lost: false, back: false, found: [], record: null }
    if (!this.on) return
    this.tabs = new Tabs()
    this.state.expecting = this.tabs.before !== null
    this.outbox = new Outbox(this.tabs.id)
    this.receive = this.receive.bind(this)
    model.on("msg:custom", this.receive)
    model.on("results", () => this.remember())
    model.document?.on_event("connection_lost", () => this.lose())
    this.start()
  }

  subscribe = (changed) => { this.listeners.add(changed); return () => this.listeners.delete(changed) }
  snapshot = () => this.state
  set(next) { this.state = { ...this.state, ...next }; this.listeners.forEach((changed) => changed()) }

  async start() {
    let kept = null
    try {
      this.storage = await openStorage()
      const before = this.tabs.before, open = before ? await this.tabs.open(before) : new Set()
      kept = before ? await this.storage.get("tabs", before) : null
      if (open.has(before)) {                       // a duplicated tab: its own drawing from here on
        this.tabs.rename()
        this.outbox = new Outbox(this.tabs.id)
      } else this.tabs.claim()
    } catch (error) {
      this.set({ kept: "refused", why: refusal(error) })
    }
    const { settings, ack = 0, ...record } = kept?.record || {}
    this.outbox.last = Math.max(this.outbox.last, ack)
    this.unsent = this.outbox.items.filter((item) => item.n > ack)
    this.draftText = this.outbox.drafted()
    this.settings = settings
    this.outbox.clear()
    this.model.send_msg({ type: "restore", record: kept ? record : null })
    this.patience = setTimeout(() => this.ready(), PATIENCE)
    if (!kept) {
      this.look()
      setTimeout(() => { if (!this.state.found.length) this.look() }, 3000)      // a tab that was just closed may take a moment to go
    }
  }

  /** Python has answered: what was on its way is sent again, then what the user did meanwhile. */
  ready() {
    if (this.state.ready) return
    clearTimeout(this.patience)
    this.set({ ready: true })
    this.sendSettings()
    for (const { intent } of this.unsent) this.send(intent)
    if (this.draftText !== null) this.send({ type: "text", source: this.draftText })
    const waiting = this.waiting
    this.waiting = []
    waiting.forEach((intent) => this.send(intent))
  }

  send(intent) {
    if (!this.on) return this.model.send_msg(intent)
    if (!this.state.ready) return this.waiting.push(intent)
    if (this.state.lost && isEdit(intent) && !WAITS.includes(intent.type) && intent.type !== "select") return this.refused?.()
    const sent = isEdit(intent) ? this.outbox.add(intent) : intent
    if (!this.state.lost) this.model.send_msg(sent)
  }

  /** The text while it is typed: it survives even if it was never sent. Null once it is. */
  draft(text) { if (this.on) this.outbox.draft(text) }

  receive(message) {
    if (message.type === "keep") this.keep(message)
    else if (message.type === "refused") this.tabs.rename()
    else if (message.type === "shelf") this.shelf = message.entries
    if (message.type === "shelf" || message.type === "refused") this.look()
  }

  keep({ ack, set, steps, empty }) {
    const old = this.record || { steps: {}, ack: 0 }, record = { ...old, ...set, ack: ack ?? old.ack }
    const wanted = new Set([...record.past, ...record.future].map(String))
    record.steps = Object.fromEntries(Object.entries({ ...old.steps, ...steps }).filter(([serial]) => wanted.has(serial)))
    this.record = record
    this.empty = empty && !record.past.length
    this.set({ record })
    this.ready()
    this.write()
  }

  /** The drawing, for a snapshot. */
  document() {
    const { program, layout, labels, marks, view, extra } = this.record
    return { program, layout, labels, marks, view, extra }
  }

  async write() {
    if (!this.storage || !this.record) return
    if (this.writing) { this.again = true; return }
    this.writing = true
    const { record } = this
    this.set({ pending: true })
    try {
      record.settings = this.present()
      if (this.empty) await this.storage.delete("tabs", this.tabs.id)
      else await this.storage.put("tabs", { id: this.tabs.id, at: Date.now(), name: record.name, record })
      this.outbox.drop(record.ack)
      this.set({ kept: this.empty ? "nothing" : "kept", at: Date.now(), why: "", pending: false })
    } catch (error) {
      this.set({ kept: "refused", why: refusal(error), pending: false })
    }
    setTimeout(() => {
      this.writing = false
      if (this.again) { this.again = false; this.write() }
    }, BETWEEN)
  }

  /** How the results column is set: it comes back with the drawing. */
  present() {
    const results = this.model.results
    if (!results?.width) return undefined
    return { tab: results.tab, log10: results.width.log10, seed: results.width.seed, mode: results.kernel?.mode, kind: results.kind, vector: results.distribution?.vector }
  }

  remember() {
    if (!this.record || this.empty || !this.state.ready) return
    if (JSON.stringify(this.present()) !== JSON.stringify(this.record.settings)) this.write()
  }

  sendSettings() {
    const then = this.settings, now = this.present()
    if (!then || !now) return
    const differs = (key) => then[key] !== undefined && then[key] !== null && then[key] !== now[key]
    if (differs("log10")) this.model.send_msg({ type: "width", log10: then.log10 })
    if (differs("seed")) this.model.send_msg({ type: "seed", seed: then.seed })
    if (differs("mode")) this.model.send_msg({ type: "kernel", mode: then.mode })
    if (differs("kind")) this.model.send_msg({ type: "kernel", kind: then.kind })
    if (differs("vector")) this.model.send_msg({ type: "distribution", vector: then.vector })
    if (differs("tab")) this.model.send_msg({ type: "tab", tab: then.tab })
  }

  // drawings of tabs that are gone

  /** Looks for unsaved drawings whose tab is gone; forgets what is old. */
  async look() {
    const found = [...(this.shelf || [])].map((entry) => ({ ...entry, where: "file" }))
    try {
      const open = await this.tabs.open()
      const rows = (await this.storage.all("tabs")).filter((row) => row.id !== this.tabs.id && !open.has(row.id)).sort((a, b) => b.at - a.at)
      rows.forEach((row, i) => {
        const unsaved = row.record?.clean !== true && (typeof row.record?.program !== "string" || row.record.program.trim())
        const age = Date.now() - row.at
        if (i >= MOST || age > OLD || (!unsaved && age > DAY)) this.storage.delete("tabs", row.id).catch(() => {})
        else if (unsaved) found.push({ key: row.record?.key || row.id, id: row.id, name: String(row.name || "untitled"), at: row.at, where: "browser" })
      })
    } catch { /* nothing is stored, then */ }
    const seen = new Set()
    this.set({ found: found.sort((a, b) => b.at - a.at || (a.where < b.where ? -1 : 1)).filter(({ key }) => !seen.has(key) && seen.add(key)) })
  }

  async recover(entry) {
    if (entry.where === "file") this.model.send_msg({ type: "recover", key: entry.key })
    else {
      const row = await this.storage.get("tabs", entry.id)
      if (row) {
        const { settings, ack, ...record } = row.record
        this.model.send_msg({ type: "restore", record, own: false })
      }
    }
    this.forgetLater = entry
    this.set({ found: this.state.found.filter((other) => other !== entry) })
    setTimeout(() => this.discard(entry), 2000)      // once it is kept as this tab's
  }

  async discard(entry) {
    this.set({ found: this.state.found.filter((other) => other.key !== entry.key) })
    this.model.send_msg({ type: "discard", key: entry.key })
    if (entry.id) await this.storage?.delete("tabs", entry.id).catch(() => {})
  }

  // the server

  lose() {
    if (this.state.lost) return
    this.set({ lost: true })
    this.knock()
  }

  async knock() {
    const script = document.querySelector("script[src*='static']")?.src, address = script?.startsWith(location.origin) ? script : location.href
    for (let wait = 300; ; wait = Math.min(wait * 1.5, 4000)) {
      await new Promise((resolve) => setTimeout(resolve, wait))
      try {
        const answer = await fetch(address, { method: "HEAD", cache: "no-store" })
        if (answer.status < 500) break
      } catch { /* not yet */ }
    }
    if (this.state.kept === "refused") this.set({ back: true })      // nothing would survive a reload: the user decides
    else {
      while (this.writing) await new Promise((resolve) => setTimeout(resolve, 50))
      location.reload()
    }
  }
}
