// A link of another tpviz, pasted: whatever address stands before its #, the program opens here.
import { useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { useParam, useSend } from "./link.jsx"
import { LONGEST } from "./useSharedLink.js"

export function OpenLink({ close }) {
  const [text, setText] = useState(""), empty = useParam("frame").empty, send = useSend()
  const long = text.length > LONGEST + 2000
  const open = (event) => {
    event.preventDefault()
    if (!text.trim() || long) return
    close()
    send({ type: "link", text })
  }
  return (
    <Dialog title="Open a link" close={close} className="share" testid="open-link">
      <form onSubmit={open}>
        <section>
          <div className="row">
            <input className="address" data-autofocus data-testid="open-link-text" aria-label="Link" placeholder="…#p=1.…" value={text} spellCheck={false} autoComplete="off" onChange={(event) => setText(event.target.value)} />
            <button className="btn" type="submit" data-testid="open-link-go" disabled={!text.trim() || long}>Open</button>
          </div>
          {long ? <p className="refused" role="alert">The link has {text.length.toLocaleString("en")} characters; the limit is {LONGEST.toLocaleString("en")}.</p>
            : <p className="muted sm">It is read here, on this computer.{!empty && " Undo brings the present drawing back."}</p>}
        </section>
      </form>
    </Dialog>
  )
}
