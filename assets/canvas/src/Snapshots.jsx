// Named states of a drawing, kept in this browser until they are deleted.
import { useCallback, useEffect, useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { ago } from "./Saved.jsx"
import { Thumbnail } from "./Thumbnail.jsx"
import { useParam, useSend } from "./link.jsx"
import { refusal } from "./storage.js"
import { useKeeping } from "./useKeeping.js"

const MOST = 100

export function Snapshots({ close }) {
  const [, keeper] = useKeeping(), frame = useParam("frame"), actions = useParam("actions"), scene = useParam("scene"), send = useSend()
  const [rows, setRows] = useState(null), [problem, setProblem] = useState(""), [deleted, setDeleted] = useState(null), [renaming, setRenaming] = useState(null)
  const [name, setName] = useState("")
  const { storage } = keeper
  const run = useCallback(async (deed) => {
    try {
      if (!storage) throw new Error("no storage")
      await deed?.()
      setRows((await storage.all("snapshots")).sort((a, b) => b.at - a.at))
      setProblem("")
    } catch (error) {
      setRows((old) => old || [])
      setProblem(`Nothing was stored: ${refusal(error)}. Save the drawing as a file.`)
    }
  }, [storage])
  useEffect(() => { run() }, [run])

  const full = (rows?.length ?? 0) >= MOST
  const save = (event) => {
    event.preventDefault()
    if (frame.empty || full) return
    const row = { id: `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`, name: name.trim() || `Snapshot ${(rows?.length ?? 0) + 1}`, at: Date.now(), title: frame.name, document: keeper.document(), scene }
    setDeleted(null)
    run(() => storage.put("snapshots", row)).then(() => setName(""))
  }
  const restore = (row) => { send({ type: "snapshot-open", name: row.name, document: row.document }); close() }
  const comparable = actions.find((a) => a.name === "compare-snapshot")?.enabled
  const compare = (row) => { send({ type: "snapshot-compare", name: row.name, document: row.document }); close() }
  const remove = (row) => { setDeleted(row); run(() => storage.delete("snapshots", row.id)) }
  const rename = (row, next) => { setRenaming(null); if (next.trim() && next.trim() !== row.name) run(() => storage.put("snapshots", { ...row, name: next.trim().slice(0, 100) })) }
  return (
    <Dialog title="Snapshots" close={close} testid="snapshots" className="list-dialog">
      <form className="dialog-body row new" onSubmit={save}>
        <input className="field grow" aria-label="Name of the new snapshot" placeholder={frame.empty ? "Draw something first" : "Name, such as before tying"} value={name} maxLength={100} disabled={frame.empty || full} onChange={(e) => setName(e.target.value)} data-autofocus data-testid="snapshot-name" />
        <button className="btn" type="submit" disabled={frame.empty || full} data-action="save-snapshot">Save a snapshot</button>
      </form>
      {problem && <p className="dialog-body bad" role="alert">{problem}</p>}
      {full && <p className="dialog-body muted">There are {MOST} snapshots. Delete some to make room.</p>}
      {deleted && <p className="dialog-body row" role="status">Deleted {deleted.name}. <button className="link" onClick={() => { run(() => storage.put("snapshots", deleted)); setDeleted(null) }}>Bring it back</button></p>}
      <div className="dialog-body items">
        {rows?.map((row) => (
          <div key={row.id} className="row item" data-snapshot={row.name}>
            <div className="thumb" aria-hidden="true"><Picture scene={row.scene} /></div>
            <div className="what">
              {renaming === row.id
                ? <input className="field" aria-label={`New name of ${row.name}`} defaultValue={row.name} maxLength={100} ref={(field) => field?.focus()} onBlur={(e) => rename(row, e.target.value)}
                  onKeyDown={(e) => { if (e.key === "Enter") rename(row, e.target.value); else if (e.key === "Escape") { e.stopPropagation(); setRenaming(null) } }} />
                : <b className="ellipsis" title={row.name}>{row.name}</b>}
              <span className="muted sm ellipsis">{row.title}, {ago(row.at)}</span>
            </div>
            <span className="grow" />
            <button className="btn" data-action="restore" onClick={() => restore(row)}>Restore</button>
            {comparable && <button className="btn" data-action="compare-with" title="Hold it beside the drawing and show what differs" onClick={() => compare(row)}>Compare</button>}
            <button className="tb" data-action="rename-snapshot" onClick={() => setRenaming(row.id)}>Rename</button>
            <button className="tb" data-action="delete-snapshot" onClick={() => remove(row)}>Delete</button>
          </div>
        ))}
        {rows && !rows.length && !problem && <p className="muted">No snapshot yet. A snapshot keeps the drawing as it is now, under a name; restoring one can be undone.</p>}
      </div>
      <p className="muted sm dialog-foot">Snapshots stay in this browser. To take one elsewhere, restore it and save it as a file.</p>
    </Dialog>
  )
}

/** What is stored may be older than this tpviz: without a picture, then. */
function Picture({ scene }) {
  const whole = Array.isArray(scene?.nodes) && Array.isArray(scene?.edges)
  return whole ? <Thumbnail scene={scene} width={132} height={64} margin={8} /> : null
}
