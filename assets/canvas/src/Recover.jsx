// Drawings of tabs that are gone, closed or crashed, with work that was saved nowhere: brought back or thrown away.
import { useEffect } from "react"
import { Dialog } from "./Dialog.jsx"
import { ago } from "./Saved.jsx"
import { useKeeping } from "./useKeeping.js"

function Row({ entry, keeper, done }) {
  return (
    <>
      <b className="ellipsis" title={entry.name}>{entry.name}</b><span className="muted">{ago(entry.at)}</span>
      <span className="grow" />
      <button className="btn" data-action="recover" onClick={() => { keeper.recover(entry); done?.() }}>Restore</button>
      <button className="tb" data-action="discard" onClick={() => keeper.discard(entry)}>Discard</button>
    </>
  )
}

/** The newest one, offered once in a new tab. */
export function RecoverOffer({ perform }) {
  const [keeping, keeper] = useKeeping(), [entry, ...more] = keeping.found
  if (!entry || !keeping.ready || keeping.record?.past.length) return null      // once there is work to do it is in the menu
  return (
    <div className="recover row" role="region" aria-label="Unsaved drawing" data-testid="recover">
      <span>Not saved when its tab closed:</span>
      <Row entry={entry} keeper={keeper} />
      {more.length > 0 && <button className="tb" onClick={() => perform("overlay:recover")}>{more.length} more…</button>}
    </div>
  )
}

export function Recover({ close }) {
  const [keeping, keeper] = useKeeping()
  useEffect(() => { keeper.look() }, [keeper])
  return (
    <Dialog title="Recover a drawing" close={close} testid="recover-list" className="list-dialog">
      <div className="dialog-body">
        {keeping.found.map((entry) => <div key={entry.key} className="row item" data-entry={entry.key}><Row entry={entry} keeper={keeper} done={close} /></div>)}
        {!keeping.found.length && <p className="muted">Nothing to recover: every drawing of this browser is saved, or open in a tab.</p>}
      </div>
    </Dialog>
  )
}
