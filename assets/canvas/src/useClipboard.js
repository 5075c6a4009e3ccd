// Copy, cut and paste by the browser's own events: the selection goes out as program text, and program text comes in. A field keeps its own.
import { useEffect, useRef } from "react"
import { isField } from "./keyboard.js"
import { useModel, useSend } from "./link.jsx"

const KIND = "application/x-tpviz+json"      // positions and labels, for another window of tpviz
const LARGEST = 1_000_000
const PATIENCE = 1000                        // ms in which Python says what is selected
const same = (a, b) => a.length === b.length && a.every((id) => b.includes(id))

function readExtra(data, text) {
  try {
    const { layout, labels, text: own } = JSON.parse(data.getData(KIND))
    return own === text ? { layout, labels } : {}
  } catch { return {} }
}

/** Gives `copy`, `cut`, `paste(untied)` for menus and the command palette. */
export function useClipboard({ api, notify }) {
  const model = useModel(), send = useSend(), now = useRef({ forced: false, untied: false, last: null, late: null, done: false }).current
  useEffect(() => {
    const within = (event) => model.frame.keeps !== false || event.composedPath().some((part) => part.classList?.contains("tp-root"))   // a notebook's cells have their own
    const ours = (event) => now.forced || (!isField(event.composedPath()[0]) && within(event))

    const put = (event, cut) => {
      if (!ours(event)) return
      const canvas = api.current.canvas, chosen = canvas?.chosen()
      if (!canvas || !(chosen.nodes.length + chosen.edges.length)) return
      event.preventDefault()
      canvas.report()
      now.done = true
      now.late = null
      const write = (clip, data) => {
        now.last = { text: clip.text, layout: clip.layout, labels: clip.labels }
        if (data) {
          data.setData("text/plain", clip.text)
          data.setData(KIND, JSON.stringify(now.last))
        } else {
          const late = () => { now.late = now.last }       // this window has it; another one has to wait for the next Ctrl C
          if (navigator.clipboard) navigator.clipboard.writeText(clip.text).then(() => { now.late = null }, late)
          else late()
        }
        if (cut) send({ type: "action", name: "cut" })
      }
      const { clipboard } = model
      if (clipboard.text && same(clipboard.nodes, chosen.nodes) && same(clipboard.edges, chosen.edges)) return write(clipboard, event.clipboardData)
      const end = Date.now() + PATIENCE            // what is selected has just changed: Python's answer is on its way
      now.late = "coming"
      const wait = () => {
        if (same(model.clipboard.nodes, chosen.nodes) && model.clipboard.text) write(model.clipboard, null)
        else if (Date.now() < end) setTimeout(wait, 20)
        else now.late = null
      }
      wait()
    }
    const copy = (event) => put(event, false), cut = (event) => put(event, true)

    const bring = (text, extra) => {
      if (text.length > LARGEST) return notify({ severity: "error", message: "What was copied is larger than 1 MB.", hint: "The drawing stays as it is." })
      send({ type: "paste", text, ...extra, view: api.current.canvas?.world() ?? null, untied: now.untied })
      now.untied = false
    }
    const pasteLate = () => {
      if (now.late === "coming") setTimeout(pasteLate, 20)
      else if (now.late) bring(now.late.text, { layout: now.late.layout, labels: now.late.labels })
      else if (now.last) bring(now.last.text, { layout: now.last.layout, labels: now.last.labels })
    }
    const paste = (event) => {
      if (!ours(event)) return
      if (now.late) {
        now.done = true
        event.preventDefault()
        return pasteLate()
      }
      const text = event.clipboardData.getData("text/plain")
      now.done = true
      if (!text.trim()) return
      event.preventDefault()
      bring(text, readExtra(event.clipboardData, text))
    }
    now.bring = bring

    const key = (event) => {                       // the paste event does not say whether Shift is down
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v" && !isField(event.composedPath()[0])) {
        now.untied = event.shiftKey
        now.done = false
        if (event.shiftKey) setTimeout(() => { if (!now.done) read(now) }, 80)      // not every browser has an event for it
      }
    }
    const read = async () => {
      const text = await navigator.clipboard?.readText().catch(() => null) ?? now.last?.text
      if (text) bring(text, text === now.last?.text ? { layout: now.last.layout, labels: now.last.labels } : {})
      else notify({ severity: "info", message: "This browser does not let tpviz read the clipboard.", hint: "Press Ctrl V." })
    }
    now.read = read
    const listeners = { copy, cut, paste, keydown: key }
    for (const [name, deed] of Object.entries(listeners)) document.addEventListener(name, deed)
    return () => { for (const [name, deed] of Object.entries(listeners)) document.removeEventListener(name, deed) }
  }, [api, model, notify, now, send])

  const command = (name) => {
    now.done = false
    now.forced = true
    document.execCommand(name)
    now.forced = false
    if (!now.done && model.clipboard.text) {       // a browser that fires no event without selected text
      navigator.clipboard?.writeText(model.clipboard.text).catch(() => {})
      if (name === "cut") send({ type: "action", name: "cut" })
    }
  }
  return { copy: () => command("copy"), cut: () => command("cut"), paste: (untied) => { now.untied = untied; now.read() } }
}
