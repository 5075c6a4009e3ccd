// One kernel of both versions on one scale, and their difference.
import { Square, ColourBar } from "./KernelPane.jsx"
import { Failure } from "./CompareParts.jsx"
import { Formula } from "./Formula.jsx"
import { useSend } from "./link.jsx"

const LEFT = 26, BETWEEN = 12, LARGEST = 40, NUMBERED = 27
const KINDS = [["vectors", "Vectors"], ["nngp", "NNGP"], ["ntk", "NTK"]]

export function CompareKernel({ compare, room }) {
  const send = useSend(), { heat } = compare
  return (
    <div data-testid="compare-kernel">
      {compare.network && (
        <div className="seg compare-kinds" role="group" aria-label="Kernel of">
          {KINDS.map(([name, label]) => <button key={name} className={name === compare.kind ? "on" : ""} aria-pressed={name === compare.kind} data-compare-kind={name} onClick={() => send({ type: "compare", kind: name })}>{label}</button>)}
        </div>
      )}
      {!heat ? <p className="muted hollow">Computing both kernels …</p> : heat.error ? <Failure error={heat.error} hint={heat.hint} /> : <Maps heat={heat} room={room} kind={compare.kind} />}
    </div>
  )
}

function Maps({ heat, room, kind }) {
  const k = Math.max(1, heat.labels.length), cell = Math.min(LARGEST, Math.floor((room - LEFT - 2 * BETWEEN) / 3 / k)), side = k * cell
  const tex = { vectors: "\\mathbb E\\,Z^xZ^y", nngp: "\\Sigma", ntk: "\\mathring\\Theta" }[kind]
  return (
    <>
      <div className="row compare-heats">
        {["A", "B", "B − A"].map((title, i) => (
          <div key={title}>
            <div className="muted sm caption" style={{ marginLeft: i ? 0 : LEFT }}>{title}{i === 0 && <>, <Formula tex={tex} /></>}</div>
            <Square labels={heat.labels} cell={cell} left={i ? 0 : LEFT} testid={`compare-heat-${i}`}><Cells cells={heat.maps[i]} cell={cell} labels={heat.labels} /></Square>
          </div>
        ))}
      </div>
      <div className="row compare-bars" style={{ marginLeft: LEFT, gap: BETWEEN }}>
        <ColourBar bar={heat.bars[0]} width={2 * side + BETWEEN} /><ColourBar bar={heat.bars[1]} width={side} />
      </div>
      <p className="muted sm remark" data-testid="compare-heat-note">{heat.changed ? `${heat.changed} of ${heat.pairs} entries change` : `None of the ${heat.pairs} entries changes`}</p>
    </>
  )
}

function Cells({ cells, cell, labels }) {
  const side = cells.length * cell
  return (
    <svg width={side} height={side} role="img" aria-label="Kernel" data-values={JSON.stringify(cells.map((row) => row.map((c) => c.number)))}>
      {cells.map((row, i) => row.map((c, j) => (
        <g key={`${i},${j}`} transform={`translate(${j * cell} ${i * cell})`}>
          <rect width={cell} height={cell} fill={c.fill} className="heat-cell"><title>{`${labels[i]}, ${labels[j]}: ${c.full}`}</title></rect>
          {cell >= NUMBERED && <text x={cell / 2} y={cell / 2} textAnchor="middle" dominantBaseline="central" style={{ fill: c.ink, fontWeight: 500 }} pointerEvents="none">{c.text}</text>}
        </g>
      )))}
    </svg>
  )
}
