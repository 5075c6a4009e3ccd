// Names a step, writes its note, lights it in one of four styles, and adds, moves, hides or deletes steps.
import { useState } from "react"
import { Dialog } from "../Dialog.jsx"
import { Swatch } from "../Highlights.jsx"

export function StepEditor({ step, order, hidden, lit, style, setStyle, ask, close }) {
  const [name, setName] = useState(step.name), [note, setNote] = useState(step.note), at = order.indexOf(step.id)
  const save = () => { if (name !== step.name || note !== step.note) ask({ op: "change", step: step.id, name, note: note }) }
  const leave = () => { save(); close() }
  const act = (op, more = {}) => { save(); ask({ op, step: step.id, ...more }); close() }
  const count = (s) => (step.highlight[s]?.nodes.length || 0) + (step.highlight[s]?.edges.length || 0)
  return (
    <Dialog title={step.own ? "Step of your own" : "Step"} close={leave} className="lec-editor" testid="step-editor">
      <form className="lec-form" onSubmit={(event) => { event.preventDefault(); leave() }}>
        <label>Name<input className="field text" value={name} maxLength={120} placeholder={step.own ? "" : step.title} data-autofocus data-testid="step-name" onChange={(event) => setName(event.target.value)} /></label>
        <label>Note<textarea className="field text" rows={3} value={note} maxLength={600} data-testid="step-note" onChange={(event) => setNote(event.target.value)} /></label>
        <fieldset>
          <legend>Highlight</legend>
          {["1", "2", "3", "4"].map((s) => (
            <div key={s} className="row lec-style">
              <label className="row"><input type="radio" name="style" checked={style === Number(s)} onChange={() => setStyle(Number(s))} data-testid={`style-${s}`} /><Swatch style={s} /> Style {s}</label>
              <span className="muted grow">{count(s) ? `${count(s)} parts` : "nothing"}</span>
              {count(s) > 0 && <button type="button" className="link" data-testid={`clear-${s}`} onClick={() => ask({ op: "light", step: step.id, style: Number(s), nodes: [], edges: [] })}>Clear</button>}
            </div>
          ))}
          <button type="button" className="btn" disabled={!lit.nodes.length && !lit.edges.length} data-testid="step-light" onClick={() => act("light", { style, ...lit })}>Light {lit.what}</button>
          {!lit.nodes.length && !lit.edges.length && <p className="muted sm">Click nodes of the slide, or select or highlight something before the lecture.</p>}
        </fieldset>
        <div className="row lec-acts">
          <button type="button" className="btn" data-testid="step-add" onClick={() => act("add", { name: "New step" })}>Add a step after it</button>
          {step.own && <button type="button" className="btn" disabled={at === 0} data-testid="step-earlier" onClick={() => act("move", { by: -1 })}>Earlier</button>}
          {step.own && <button type="button" className="btn" disabled={at === order.length - 1} data-testid="step-later" onClick={() => act("move", { by: 1 })}>Later</button>}
          <button type="button" className="btn" disabled={order.length < 2} data-testid="step-remove" onClick={() => { ask({ op: "remove", step: step.id }); close() }}>{step.own ? "Delete" : "Hide"}</button>
          {hidden.length > 0 && <button type="button" className="btn" data-testid="show-all" onClick={() => act("show-all")}>Show {hidden.length} hidden</button>}
          <span className="grow" />
          <button type="submit" className="btn" data-testid="step-done">Done</button>
        </div>
      </form>
    </Dialog>
  )
}
