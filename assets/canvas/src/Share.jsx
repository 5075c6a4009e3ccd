// Sharing: the link that carries the drawing, and the files that carry it.
import { useState } from "react"
import { Dialog } from "./Dialog.jsx"
import { Icon } from "./icons.jsx"
import { copyText } from "./clipboard.js"
import { useParam } from "./link.jsx"

const LOCAL = /^(localhost|127\.|\[::1\])/

export function Share({ fragment, easy, error, hint, source, close, perform }) {
  const actions = useParam("actions"), { origin, pathname, search, host } = window.location
  const address = fragment && origin + pathname + search + fragment
  const has = (name) => actions.some((a) => a.name === name)
  const act = (name) => { close(); perform(name) }
  return (
    <Dialog title="Share" close={close} className="share" testid="share">
      <section>
        <h3>Link</h3>
        {error ? <p className="refused" role="alert" data-testid="share-error">{error} <span className="muted">{hint}</span></p> : (
          <>
            <div className="row">
              <input className="address" readOnly data-testid="share-link" aria-label="Link to this drawing" value={address} onFocus={(event) => event.target.select()} />
              <Copy text={address} label="Copy link" testid="copy-link" first />
            </div>
            <p className="muted sm" data-testid="share-length" data-length={address.length}>
              {address.length.toLocaleString("en")} characters hold program and layout. What stands behind the # never reaches a server.
              {!easy && " Some mail and chat programs cut links of this length: a file is safer."}
              {LOCAL.test(host) && <> The address is that of this computer: others paste the link into their own tpviz: File, Open a link.</>}
            </p>
          </>
        )}
      </section>
      <section>
        <h3>Files</h3>
        {has("export:html") && <Row action="export:html" label="HTML page" text="One file to read in any browser, without tpviz and without a network: drawing, numbers, program." act={act} />}
        <Row action="save" label="tpviz document" text="Program, layout, labels and steps, to open in tpviz." act={act} />
        <Row action="export:svg" label="SVG figure" text="It carries the program: SVG, PDF, PNG and TikZ files of tpviz open in tpviz again." act={act} />
      </section>
      <section className="row">
        <div className="grow"><h3>Program text</h3><p className="muted sm">{source.split("\n").length} lines, for a paper, a message or another program.</p></div>
        <Copy text={source} label="Copy text" testid="copy-text" />
      </section>
    </Dialog>
  )
}

function Row({ action, label, text, act }) {
  return (
    <div className="row give">
      <div className="grow"><b>{label}</b><p className="muted sm">{text}</p></div>
      <button className="btn" data-action={action} aria-label={`Download ${label}`} onClick={() => act(action)}>Download</button>
    </div>
  )
}

/** Says for a moment that it copied; where the browser refuses, how to do it by hand. */
function Copy({ text, label, testid, first = false }) {
  const [done, setDone] = useState(null)
  const copy = async () => { setDone(await copyText(text)); setTimeout(() => setDone(null), 2000) }
  return (
    <button className="btn copy" data-testid={testid} data-done={done ?? undefined} data-autofocus={first || undefined} onClick={copy}>
      {done && <Icon name="check" />}<span aria-live="polite">{done === null ? label : done ? "Copied" : "Press Ctrl C"}</span>
    </button>
  )
}
