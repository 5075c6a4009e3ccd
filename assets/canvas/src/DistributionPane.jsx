// The coordinates of one vector at finite width under the density of its limit; the plot is Bokeh's.
import { Chooser } from "./Chooser.jsx"
import { EmptyState } from "./EmptyState.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { Icon } from "./icons.jsx"
import { useModel, useSend } from "./link.jsx"

export function DistributionPane({ results, short, below }) {
  const model = useModel(), send = useSend()
  const { distribution, width, pin } = results
  if (!distribution.options.length && !below) return (
    <div className="sec near" data-testid="distribution">
      <EmptyState testid="distribution-empty" title="No vector yet" action="tool:vector" label="Add a vector">
        Here stands the histogram of a vector's n coordinates under the density of its limit.
      </EmptyState>
    </div>
  )
  return (
    <div className={below || short ? "sec near" : "sec"} data-testid="distribution">
      <div className="row dist-head">
        <h3 className="dist-title">Distribution of</h3>
        <Chooser className="pick" align="left" options={distribution.options} chosen={distribution.vector} choose={(vector) => send({ type: "distribution", vector })}
          testid="distribution-vector" label="Vector of the distribution">{distribution.tex ? <Formula tex={distribution.tex} /> : "a vector"}</Chooser>
        <span className="grow" />
        {short ? <Key width={width} atom={distribution.atom} compact /> : (
          <button className={pin ? "chip pinned" : "chip"} aria-pressed={!!pin} data-testid="pin" title="Show under Kernel" onClick={() => send({ type: "pin", on: !pin })}><Icon name="pin" />{pin ? "Pinned" : "Pin"}</button>
        )}
      </div>
      <div className="histogram" role="img" aria-label={`Histogram of the coordinates of ${distribution.vector || "a vector"} under the density of its limit`} style={{ height: short ? 190 : below && results.is_network ? 200 : 248 }}>{model.get_child("distribution")}</div>
      {!short && <Key width={width} atom={distribution.atom} />}
      {distribution.note?.length > 0 && <p className="muted sm remark" data-testid="distribution-note"><Rich parts={distribution.note} /></p>}
    </div>
  )
}

function Key({ width, atom, compact = false }) {
  return (
    <div className={compact ? "key compact" : "key"}>
      <span><svg width={compact ? 14 : 16} height="12" aria-hidden="true"><rect width={compact ? 14 : 16} height="12" className="hbar" /></svg>{compact ? <Formula tex={`n=${width.tex}`} /> : <><Formula tex={width.tex} /> coordinates</>}</span>
      <span><svg width="18" height="12" aria-hidden="true"><path d="M0 6H18" className="curve" /></svg>{compact ? "limit" : "density of the limit"}</span>
      {atom && <span><svg width="12" height="14" aria-hidden="true"><path d="M6 14V6" className="atom" /><circle cx="6" cy="5" r="3.4" className="atomdot" /></svg>atom</span>}
    </div>
  )
}
