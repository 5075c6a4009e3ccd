// The kernel of the chosen vectors: limit and finite width side by side. The squares are Bokeh's, names and scale are ours.
import { Chooser } from "./Chooser.jsx"
import { EmptyState } from "./EmptyState.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { useModel, useSend } from "./link.jsx"
import { plain } from "./plain.js"

const MODES = [["second_moment", "Second moment"], ["covariance", "Covariance"], ["correlation", "Correlation"]]
const LEFT = 26        // room for the names left of the first square

const BETWEEN = 14

export function KernelPane({ kernel, room, near = false }) {
  const model = useModel(), send = useSend()
  const { labels, bar } = kernel
  // A plot follows the size of its square, which never outgrows the column, whatever Python chose.
  const cell = Math.min(kernel.cell, (room - LEFT - BETWEEN) / 2 / Math.max(1, labels.length)), side = labels.length * cell
  return (
    <div className={near ? "sec near" : "sec"} data-testid="kernel">
      <div className="row modes">
        <div className="seg" role="group" aria-label="Kind of kernel">
          {MODES.map(([mode, label]) => (
            <button key={mode} className={mode === kernel.mode ? "on" : ""} aria-pressed={mode === kernel.mode} data-mode={mode} onClick={() => send({ type: "kernel", mode })}>{label}</button>
          ))}
        </div>
        <Chooser several options={kernel.options} chosen={kernel.chosen} choose={(chosen) => send({ type: "kernel", chosen })} testid="kernel-vectors" label="Vectors of the kernel">
          {kernel.chosen.length === 1 ? "1 vector" : `${kernel.chosen.length} vectors`}
        </Chooser>
      </div>
      {labels.length === 0 ? kernel.options.length ? (
        <EmptyState testid="kernel-empty" title="No vector is chosen" intent={{ type: "kernel", chosen: kernel.options.slice(0, 5).map((o) => o.name) }} label={kernel.options.length > 5 ? "Show the first five" : "Show all"}>
          The kernel pairs vectors: E of the product of two limits, beside its value at width n.
        </EmptyState>
      ) : (
        <EmptyState testid="kernel-empty" title="No vector yet" action="tool:vector" label="Add a vector">
          A vector has n coordinates. As n grows, any two vectors of a program have a kernel: E of the product of their limits.
        </EmptyState>
      ) : (
        <>
          <div className="row heats">
            <div>
              <div className="muted sm caption" style={{ marginLeft: LEFT }}>Limit, <Formula tex={kernel.limit} /></div>
              <Square labels={labels} cell={cell} left={LEFT} testid="kernel-limit">{model.get_child("kernel_limit")}</Square>
            </div>
            <div>
              <div className="muted sm caption">Width <Formula tex={kernel.width} />, <Formula tex={kernel.width_what} /></div>
              <Square labels={labels} cell={cell} left={0} testid="kernel-width">{model.get_child("kernel_width")}</Square>
            </div>
          </div>
          <div className="row under-heats" style={{ marginLeft: LEFT }}>
            {bar && <ColourBar bar={bar} width={Math.max(side, 72)} />}
            <span className="muted sm remark" data-testid="kernel-note"><Rich parts={kernel.note} /></span>
          </div>
        </>
      )}
    </div>
  )
}

/** A plot of n × n cells with the names of its rows (when there is room at the left) and columns. */
export function Square({ labels, n = labels.length, cell, left, below = true, testid, children }) {
  const side = n * cell
  return (
    <div className="heat" style={{ width: left + side, height: side + (below ? 24 : 4) }} data-testid={testid}>
      <div className="child" role="img" aria-label={`Heatmap of ${labels.length ? labels.map(plain).join(", ") : "the kernel"}${testid?.endsWith("width") ? " at finite width" : " in the limit"}`} style={{ left, width: side, height: side }}>{children}</div>
      <div className="border" style={{ left, width: side, height: side }} />
      {labels.map((tex, i) => (
        <span key={i}>
          {left > 0 && <span className="lb" style={{ left: left - 13, top: i * cell + cell / 2 }}><Formula tex={tex} /></span>}
          {below && <span className="lb" style={{ left: left + i * cell + cell / 2, top: side + 13 }}><Formula tex={tex} /></span>}
        </span>
      ))}
    </div>
  )
}

export function ColourBar({ bar, width }) {
  const anchor = (at) => at <= 0.02 ? "start" : at >= 0.98 ? "end" : "middle"
  return (
    <div className="cbar" style={{ width }}>
      <div style={{ background: `linear-gradient(90deg,${bar.stops.join(",")})` }} />
      <svg width={width} height="20" aria-hidden="true">
        {bar.ticks.map(({ at, text }) => (
          <g key={text}><path className="tick" d={`M${at * (width - 1) + 0.5} 0V4`} /><text x={at * (width - 1)} y="16" textAnchor={anchor(at)}>{text}</text></g>
        ))}
      </svg>
    </div>
  )
}
