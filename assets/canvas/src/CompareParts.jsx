// What several parts of the comparison share.
import { Icon } from "./icons.jsx"

/** The line of a version in every plot: A solid in the accent, B dashed in the second colour. */
export function Line({ letter }) {
  return <svg width="22" height="12" aria-hidden="true"><path d="M0 6H22" className={`line-${letter.toLowerCase()}`} /></svg>
}

export function Failure({ error, hint }) {
  return <div className="failure inpane" role="alert" data-testid="compare-error"><Icon name="error" /><div><b>{error}</b>{hint && <p className="muted">{hint}</p>}</div></div>
}
