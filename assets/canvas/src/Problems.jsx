// The problems of the program, the first always in sight.
import { useState } from "react"
import { Icon } from "./icons.jsx"

/** A message; what stands between backquotes is program text. */
function Message({ text }) {
  return (text || "").split("`").map((part, i) => i % 2 ? <code key={i}>{part}</code> : <span key={i}>{part}</span>)
}

export function Problems({ problems, goTo, fix }) {
  const [unfolded, setUnfolded] = useState(false)
  if (!problems.length) return <div className="prob none" data-testid="problems"><Icon name="check" />No problems</div>
  const shown = unfolded ? problems : problems.slice(0, 1)
  return (
    <div className={unfolded ? "probs unfolded" : "probs"} data-testid="problems">
      {shown.map((problem, i) => (
        <div key={i} className={problem.severity === "warning" ? "prob warning" : "prob"} data-severity={problem.severity} data-problem={i}>
          <Icon name={problem.severity === "warning" ? "warning" : "error"} />
          <button className="where" onClick={() => goTo(problem)}>Line {problem.line}, column {problem.column}</button>
          <span className="what" title={`${problem.message} ${problem.hint || ""}`}><Message text={problem.message} />{problem.hint && <> <Message text={problem.hint} /></>}</span>
          <span className="grow" />
          {i === 0 && problems.length > 1 && (
            <button className="more" aria-expanded={unfolded} data-testid="more-problems" onClick={() => setUnfolded(!unfolded)}>
              {unfolded ? "Fewer" : `${problems.length - 1} more`}<Icon name={unfolded ? "caret" : "up"} small />
            </button>
          )}
          {problem.fix && <button className="btn" data-fix={i} onClick={() => fix(problem)}>{problem.fix}</button>}
        </div>
      ))}
    </div>
  )
}
