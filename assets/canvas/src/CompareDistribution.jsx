// The law of one vector in both versions on one axis: densities over the histograms of n coordinates, atoms as pins.
import { Formula } from "./Formula.jsx"
import { Line } from "./CompareParts.jsx"

const LEFT = 34, RIGHT = 8, TOP = 8, BOTTOM = 24
const text = (v) => String(v).replace("-", "−")

export function CompareDistribution({ compare, room, height }) {
  const { plot, plot_errors: errors, versions, n } = compare
  const [low, high] = plot.x, X = (x) => LEFT + (x - low) / (high - low) * (room - LEFT - RIGHT), Y = (y) => height - BOTTOM - y / plot.top * (height - TOP - BOTTOM)
  const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${X(x).toFixed(1)} ${Y(y).toFixed(1)}`).join("")
  const inside = plot.versions.map((v) => v && v.heights.map((h, i) => ({ from: Math.max(low, v.edges[i]), to: Math.min(high, v.edges[i + 1]), h })).filter((b) => b.to > b.from))
  return (
    <div data-testid="compare-distribution" data-peaks={JSON.stringify(plot.versions.map((v) => v && Math.max(...v.curve.map((p) => p[1]))))}>
      <svg className="compare-plot" width={room} height={height} role="img" aria-label="Distribution in both versions">
        {plot.yticks.map((y) => <g key={y}><path className="gridline" d={`M${LEFT} ${Y(y)}H${room - RIGHT}`} /><text x={LEFT - 6} y={Y(y) + 4} textAnchor="end">{text(y)}</text></g>)}
        {inside[0]?.map((b, i) => <rect key={i} className="bars-a" x={X(b.from)} y={Y(b.h)} width={Math.max(0.5, X(b.to) - X(b.from) - 0.5)} height={Math.max(0, Y(0) - Y(b.h))} />)}
        {inside[1]?.length > 0 && <path className="bars-b" d={`M${X(inside[1][0].from)} ${Y(0)}${inside[1].map((b) => `V${Y(b.h).toFixed(1)}H${X(b.to).toFixed(1)}`).join("")}V${Y(0)}Z`} />}
        {plot.versions.map((v, k) => v && <path key={k} className={`curve-${"ab"[k]}`} d={path(v.curve)} />)}
        {plot.versions.map((v, k) => v && v.atoms.map((atom, i) => {
          const x = X(atom.x) + (k ? 4 : -4), y = Y(plot.top * (k ? 0.84 : 0.95))
          return <g key={`${k}${i}`} className={`atom-${"ab"[k]}`}><path d={`M${x} ${Y(0)}V${y}`} /><circle cx={x} cy={y} r="3.4" /><text x={x + (k ? 8 : -8)} y={y + 4} textAnchor={k ? "start" : "end"}>{atom.text}</text></g>
        }))}
        <path className="axis" d={`M${LEFT} ${Y(0)}H${room - RIGHT}`} />
        {plot.xticks.map((x) => <g key={x}><path className="axis" d={`M${X(x)} ${Y(0)}v4`} /><text x={X(x)} y={height - 6} textAnchor="middle">{text(x)}</text></g>)}
      </svg>
      <div className="key compare-key">
        {versions.map((v, k) => errors[k] ? <span key={k} className="bad-key"><b>{v.letter}</b>{errors[k]}</span> : <span key={k}><Line letter={v.letter} /><b>{v.letter}</b></span>)}
        <span>limit, over <Formula tex={n} /> coordinates</span>
      </div>
    </div>
  )
}
