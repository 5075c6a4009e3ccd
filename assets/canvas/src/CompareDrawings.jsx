// Both drawings, small and still: beside each other, or above each other where that is larger. What was edited is marked, what it changes is tinted.
import { memo, useMemo } from "react"
import { EdgeShape, NodeShape } from "./Drawing.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { coefficientAt, labelAt, route } from "./geometry.js"
import { Icon } from "./icons.jsx"

const GAP = 12, PAD = 10, READABLE = 0.68, SMALLEST = 0.42, FEW = 6       // the scales from which labels are at least 12 px high (17 × 0.7), and from which 12 px fit

/** Left, top, right, bottom of shapes, labels and rails. */
function extent(scene) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  const take = (x, y) => { box.left = Math.min(box.left, x); box.right = Math.max(box.right, x); box.top = Math.min(box.top, y); box.bottom = Math.max(box.bottom, y) }
  for (const n of scene.nodes) {
    take(n.x - 24 - (n.grow || 0), n.y - (n.label === "above" ? 46 : 22))
    take(n.x + 24, n.y + (n.label === "below" ? 46 : 22))
  }
  for (const e of scene.edges) if (e.route !== "direct" && e.route !== "down") take(scene.nodes[0].x, e.rail - (e.tex ? 26 : 4)), take(scene.nodes[0].x, e.rail + 4)
  return Number.isFinite(box.left) ? box : { left: 0, top: 0, right: 1, bottom: 1 }
}

export function CompareDrawings({ versions, room, short }) {
  const boxes = useMemo(() => versions.map((v) => extent(v.scene)), [versions])
  const wide = Math.max(...boxes.map((b) => b.right - b.left)), high = Math.max(...boxes.map((b) => b.bottom - b.top))
  const beside = (room - GAP) / 2, most = short ? 96 : 132
  const fit = (width, height) => Math.min((width - 2 * PAD) / wide, (height - 2 * PAD) / high, 0.9)
  const under = short ? most * 0.75 : most * 1.1
  const stacked = fit(beside, most) < READABLE && fit(room, under) > 1.15 * fit(beside, most)
  const width = stacked ? room : beside, scale = fit(width, stacked ? under : most), height = Math.max(44, Math.min(stacked ? under : most, high * scale + 2 * PAD))
  return (
    <div className={stacked ? "compare-drawings stacked" : "compare-drawings"}>
      {versions.map((v, k) => <Version key={v.letter} version={v} box={boxes[k]} width={width} height={height} scale={scale} />)}
    </div>
  )
}

function Version({ version, box, width, height, scale }) {
  const { letter, error, hint } = version
  return (
    <figure className="compare-drawing" style={{ width, height: error ? undefined : height }} data-testid={`drawing-${letter.toLowerCase()}`}>
      <b className="compare-corner">{letter}</b>
      {error ? <div className="compare-broken" role="alert" data-testid="compare-broken"><Icon name="error" /><span><b>{error}</b>{hint && <> {hint}</>}</span></div>
        : <Small version={version} shift={[width / 2 - (box.left + box.right) / 2 * scale, height / 2 - (box.top + box.bottom) / 2 * scale]} scale={scale} />}
    </figure>
  )
}

const Small = memo(function Small({ version, shift, scale }) {
  const { scene, edited, affected } = version, place = new Map(scene.nodes.map((n) => [n.id, n]))
  const nodes = new Set(edited.nodes), edges = new Set(edited.edges), changed = new Set(affected), labels = scale >= READABLE
  const named = (on) => scale >= SMALLEST || (on && nodes.size + edges.size <= FEW)      // where there is no room, what was edited still has its name
  const drawn = scene.edges.filter((e) => place.has(e.source) && place.has(e.target))
  const at = (x, y, size, tex, key, on = false) => (
    <span key={key} className={on ? "lb edited" : "lb"} style={{ left: shift[0] + x * scale, top: shift[1] + y * scale, fontSize: Math.max(12, size * scale) }}><Formula tex={tex} /></span>
  )
  return (
    <>
      <svg aria-hidden="true" width="100%" height="100%">
        <g className={labels ? "" : "tiny"} style={{ "--thin": 1.1 / scale, "--thick": 2.4 / scale }} transform={`translate(${shift[0]} ${shift[1]}) scale(${scale})`}>
          {drawn.map((e) => <g key={e.id} className={edges.has(e.id) ? "edited" : ""} data-edited={edges.has(e.id) || undefined} data-edge={e.id}><EdgeShape edge={e} a={place.get(e.source)} b={place.get(e.target)} /></g>)}
          {scene.nodes.map((n) => <g key={n.id} className={`${nodes.has(n.id) ? "edited " : ""}${changed.has(n.id) ? "affected" : ""}`} data-node={n.id} data-edited={nodes.has(n.id) || undefined} data-affected={changed.has(n.id) || undefined}><NodeShape node={n} x={n.x} y={n.y} /></g>)}
        </g>
      </svg>
      {scene.nodes.map((n) => { const [x, y] = labelAt(n); return n.tex && named(nodes.has(n.id)) ? at(n.x + x, n.y + y, n.size || 17, n.tex, n.id, nodes.has(n.id)) : null })}
      {drawn.map((e) => {
        const [x, y] = route(e, place.get(e.source), place.get(e.target)).middle
        return e.tex && named(edges.has(e.id)) ? at(x, y - Math.max(15, 10 / scale), 17, e.tex, e.id, edges.has(e.id)) : null
      })}
      {labels && drawn.map((e) => e.coefficient ? at(...coefficientAt(e, place.get(e.target)), 15, e.coefficient, `${e.id}c`) : null)}
    </>
  )
})
