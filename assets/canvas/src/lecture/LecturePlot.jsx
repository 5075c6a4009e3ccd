// A step's plot, from the marks that Python made (tpviz/drawing/lecture/plot.py says what they are).
import { memo } from "react"
import { Rich } from "../Formula.jsx"

const WIDTH = 420, HEIGHT = 268
const chunks = (list, size) => Array.from({ length: Math.floor(list.length / size) }, (_, i) => list.slice(size * i, size * i + size))
const SHIFT = { start: "translate(0,-50%)", middle: "translate(-50%,-50%)", end: "translate(-100%,-50%)" }

export const LecturePlot = memo(function LecturePlot({ plot, dark }) {
  if (!plot) return <div className="lec-plot" />
  const at = dark ? 1 : 0
  return (
    <div className="lec-plot" role="img" aria-label={plot.words} data-testid="lecture-plot">
      <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
        {plot.marks.map((m, i) => m.kind === "line" ? <polyline key={i} className={`m-${m.style}`} points={m.points.join(" ")} />
          : m.kind === "dots" ? chunks(m.points, 2).map(([x, y], j) => <circle key={`${i} ${j}`} className="m-dot" cx={x} cy={y} r={m.r} />)
          : m.kind === "bars" ? chunks(m.points, 4).map(([x, y, w, h], j) => <rect key={`${i} ${j}`} className="m-bar" x={x} y={y} width={w} height={h} />)
          : m.kind === "atom" ? <circle key={i} className="m-atom" cx={m.x} cy={m.y} r="5" />
          : m.kind === "cell" ? (
            <g key={i}>
              <rect x={m.x} y={m.y} width={m.size} height={m.size} fill={m.fill[at]} />
              {m.value && <text x={m.x + m.size / 2} y={m.y + m.size / 2 + 5} textAnchor="middle" style={{ fontSize: 13, fontWeight: 500, fill: m.ink[at] }}>{m.value}</text>}
            </g>
          ) : null)}
      </svg>
      {plot.marks.map((m, i) => m.kind === "text" && (
        <span key={i} className={`m-text ${m.style}`} style={{ left: m.x, top: m.y, fontSize: m.size, transform: SHIFT[m.anchor] }}><Rich parts={m.parts} /></span>
      ))}
    </div>
  )
})
