// Every step of the history in words; a click goes there.
import { useEffect, useRef } from "react"
import { Dialog } from "./Dialog.jsx"
import { useSend } from "./link.jsx"
import { useKeeping } from "./useKeeping.js"

const words = (text) => { try { return JSON.parse(text).d } catch { return "Edit" } }

export function HistoryList({ close }) {
  const [keeping, keeper] = useKeeping(), send = useSend(), here = useRef(null)
  const record = keeping.record || { past: [], future: [], steps: {} }
  const rows = [...record.past, ...record.future].map((serial, i) => ({ serial, text: words(record.steps[serial]), by: i + 1 - record.past.length }))
  useEffect(() => { here.current?.scrollIntoView({ block: "nearest" }) }, [record.past.length])
  const go = (by) => { if (by) send({ type: "travel", by }) }
  const row = (key, text, by) => (
    <button key={key} ref={by === 0 ? here : null} className={by === 0 ? "step here" : by > 0 ? "step undone" : "step"} aria-current={by === 0 ? "step" : undefined} data-step={by} onClick={() => go(by)}>{text}</button>
  )
  return (
    <Dialog title="History" close={close} testid="history" className="list-dialog">
      <div className="dialog-body steps">
        {row("start", record.past.length < 1000 ? "Start" : "Oldest step that is kept", -record.past.length)}
        {rows.map(({ serial, text, by }) => row(serial, text, by))}
      </div>
      <p className="muted sm dialog-foot">{keeper.on ? "Kept in this browser with the drawing: it is there again after a reload." : "Kept while this page is open."}</p>
    </Dialog>
  )
}
