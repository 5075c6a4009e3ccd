// Which tab is which. A tab keeps its name over a reload; a duplicated tab gets one of its own; those that are open answer when asked.
import { small } from "./storage.js"

const KEY = "tpviz-tab", LOCK = "tpviz-tab-", PATIENCE = 120      // ms in which an open tab answers
const session = small("sessionStorage")
const fresh = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`

export class Tabs {
  constructor() {
    this.before = session.get(KEY)           // the name from before a reload
    this.id = this.before || fresh()
    this.seat = fresh()                      // tells a duplicate from the tab itself
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("tpviz-tabs")
    if (this.channel) this.channel.onmessage = ({ data }) => {
      if (data?.ask && data.seat !== this.seat) this.channel.postMessage({ here: this.id, seat: this.seat })
      else if (data?.here && data.seat !== this.seat) this.heard?.add(data.here)
    }
    session.set(KEY, this.id)
  }

  /** Says that this tab is open, until it is closed. */
  claim() {
    navigator.locks?.request(LOCK + this.id, { ifAvailable: true }, () => new Promise((resolve) => { this.leave = resolve })).catch(() => {})
  }

  async locked() {
    const { held } = await navigator.locks.query()
    return new Set(held.filter(({ name }) => name.startsWith(LOCK)).map(({ name }) => name.slice(LOCK.length)))
  }

  /** Names of the open tabs. Before this tab has claimed its own name, that is there only if the tab was duplicated. */
  async open(mine) {
    if (navigator.locks) {
      let found = await this.locked()
      for (let k = 0; mine && found.has(mine) && k < 4; k++) {      // the page before a reload may take a moment to go
        await new Promise((resolve) => setTimeout(resolve, PATIENCE))
        found = await this.locked()
      }
      return found
    }
    if (!this.channel) return new Set()
    this.heard = new Set()
    this.channel.postMessage({ ask: true, seat: this.seat })
    await new Promise((resolve) => setTimeout(resolve, PATIENCE))
    const heard = this.heard
    this.heard = null
    return heard
  }

  rename() {
    this.leave?.()
    this.id = fresh()
    session.set(KEY, this.id)
    this.claim()
  }
}
