// The pane while nothing is compared: what a comparison is, and the ways to begin one.
import { Menu } from "./Menu.jsx"
import { pickText } from "./files.js"
import { keyName } from "./keyboard.js"
import { useParam, useSend } from "./link.jsx"

export function CompareStart({ compare }) {
  const actions = useParam("actions"), examples = useParam("examples"), send = useSend()
  const find = (name) => actions.find((a) => a.name === name)
  const act = (name) => send({ type: "action", name })
  const functions = compare.functions.filter((f) => f !== compare.function)
  return (
    <div className="sec compare-start" data-testid="compare-start">
      <h3>Two versions side by side</h3>
      <p className="muted">See which numbers of the limit change, and which do not. The document stays as it is until you keep the other version.</p>
      <Way action={find("compare")} title="Before and after" act={act}>Hold the program as it is now, then edit.</Way>
      <Way action={find("compare-tied")} title="Tied and untied" act={act}>An independent copy of the matrix of the selected MatMul, or of each that is used twice.</Way>
      <Way action={find("compare-gia")} title="With the GIA" act={act}>Wᵀ against a copy that is independent of W.</Way>
      <div className="way">
        <div><b>Another nonlinearity</b><p className="muted sm">{compare.function ? <>{compare.function} against another one, at the selected gate or the first.</> : "Needs a gate such as y = relu(x)."}</p></div>
        <Menu label="Choose" testid="compare-functions" align="right" items={functions.map((f) => ({ id: f, label: f, enabled: !!compare.function, data: { "data-function": f } }))} choose={(f) => send({ type: "compare", function: f })} />
      </div>
      <div className="way">
        <div><b>An earlier or another program</b><p className="muted sm">A step of the history, an example, a file, a snapshot.</p></div>
        <div className="row ways">
          <Menu label="History" testid="compare-steps" align="right" items={[
            { id: "saved", label: "As last saved", enabled: find("compare-saved")?.enabled, data: { "data-step": "saved" } },
            ...compare.steps.map(({ back, text }) => ({ id: back, label: `Before “${text}”`, separator: back === 1, data: { "data-step": back } })),
          ]} choose={(id) => id === "saved" ? act("compare-saved") : send({ type: "compare", back: id })} />
          <Menu label="Other" testid="compare-others" align="right" items={[
            { id: "", label: "A file…", data: { "data-other": "file" } },
            { id: "snapshot", label: "A snapshot…", enabled: find("compare-snapshot")?.enabled, data: { "data-other": "snapshot" } },
            ...examples.map((e, i) => ({ id: e.id, label: e.title, separator: i === 0, data: { "data-other": e.id } })),
          ]} choose={(id) => id === "snapshot" ? act("compare-snapshot") : id ? send({ type: "compare", example: id }) : pickText((name, text) => send({ type: "compare", name, text }))} />
        </div>
      </div>
    </div>
  )
}

function Way({ action, title, act, children }) {
  if (!action) return null
  return (
    <div className="way">
      <div><b>{title}</b><p className="muted sm">{action.enabled ? children : action.needs}</p></div>
      <button className="btn" disabled={!action.enabled} data-action={action.name} onClick={() => act(action.name)}>Compare{action.keys[0] && <kbd>{keyName(action.keys[0])}</kbd>}</button>
    </div>
  )
}
