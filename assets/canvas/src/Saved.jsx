// Where the drawing is saved, and when. Always there, always true.
import { useEffect, useState } from "react"
import { useParam } from "./link.jsx"
import { useKeeping } from "./useKeeping.js"

/** Milliseconds ago, in words. */
export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - at) / 1000))
  if (seconds < 5) return "just now"
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  const then = new Date(at), time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
  return then.toDateString() === new Date(now).toDateString() ? `at ${time}` : `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`
}

function sentence(frame, keeping) {
  if (!frame.unsaved) return { text: frame.saved_at ? `${frame.saved}, ${ago(frame.saved_at)}` : frame.saved }
  if (keeping.kept === "refused") return { text: `Not kept: ${keeping.why}. Save it.`, bad: true }
  if (keeping.kept !== "kept") return { text: frame.saved }
  const where = frame.folder ? `, not yet in ${frame.folder}` : "", when = keeping.pending ? "just now" : ago(keeping.at)
  return { text: `Kept in this browser${where}, ${when}`, brief: `Kept here, ${when}` }
}

export function Saved() {
  const frame = useParam("frame"), [keeping] = useKeeping(), [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5000)
    return () => clearInterval(timer)
  }, [])
  const { text, brief, bad } = sentence(frame, keeping)
  return <span className={bad ? "bad" : undefined} title={bad ? "What you draw is only in this tab. Save it as a file (Ctrl S)." : text} data-testid="saved" data-kept={keeping.kept}>
    <span className={brief ? "long" : undefined}>{text}</span>{brief && <span className="brief" aria-hidden="true">{brief}</span>}
  </span>
}
