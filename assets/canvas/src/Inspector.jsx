// What is selected: its fields, what they mean in the limit, and what can be done with it.
import { Field } from "./Field.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { useParam, useSend } from "./link.jsx"

export function Inspector({ inspector, short }) {
  const send = useSend(), actions = useParam("actions")
  const enabled = (name) => actions.find((a) => a.name === name)?.enabled !== false
  return (
    <section className={short ? "inspector low" : "inspector"} aria-label="Selection" data-testid="inspector" data-key={inspector.key}>
      <div className="row title"><h3><Rich parts={inspector.title} /></h3><span className="muted"><Rich parts={inspector.subtitle} /></span></div>
      {inspector.fields?.length > 0 && (
        <div className="fields">{inspector.fields.map((field) => <Field key={field.id} field={field} owner={inspector.key} />)}</div>
      )}
      {inspector.formulas?.length > 0 && (
        <div className="defs" data-testid="formulas">
          {inspector.formulas.map(({ left, right, tag }, i) => (
            <div key={i} className="def"><span><Formula tex={left} /></span><span className="right"><Formula tex={right} /></span><span className="tag">{tag}</span></div>
          ))}
        </div>
      )}
      {inspector.buttons?.length > 0 && (
        <div className="row buttons">
          {inspector.buttons.map(({ action, label }) => (
            <button key={action} className="btn" data-action={action} disabled={!enabled(action)} onClick={() => send({ type: "action", name: action })}>{label}</button>
          ))}
        </div>
      )}
    </section>
  )
}
