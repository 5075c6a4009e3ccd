// The examples with their drawings, at any time; opening one can be undone.
import { useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { Icon } from "./icons.jsx"
import { Cards } from "./Thumbnail.jsx"
import { useParam, useSend } from "./link.jsx"
import { score } from "./search.js"

export function Gallery({ close }) {
  const examples = useParam("examples"), empty = useParam("frame").empty, send = useSend(), [query, setQuery] = useState("")
  const shown = query.trim() ? examples.filter((e) => score(query, { label: e.title, keywords: `${e.id} ${e.subtitle}` })) : examples
  const open = (id) => { close(); send({ type: "example", id }) }
  return (
    <Dialog title="Examples" close={close} className="gallery-dialog" testid="gallery">
      <div className="row help-find">
        <label className="find"><Icon name="search" /><input data-autofocus data-testid="gallery-query" aria-label="Search the examples" placeholder="Search" value={query} spellCheck={false} onChange={(event) => setQuery(event.target.value)} /></label>
        <span className="grow" />{!empty && <span className="muted sm">Undo brings the present drawing back.</span>}
      </div>
      <div className="shelf"><Cards examples={shown} width={264} open={open} />{!shown.length && <p className="muted hollow" role="status">No example is called like that.</p>}</div>
    </Dialog>
  )
}
