// The drawing in one step: what was there, what comes now, what comes later, what the speaker lit. It moves so that the step is in view.
import { memo, useMemo } from "react"
import { EdgeShape, NodeShape } from "../Drawing.jsx"
import { Formula } from "../Formula.jsx"
import { bounds, coefficientAt, labelAt, route, shapePath } from "../geometry.js"
import { PASSES } from "../Highlights.jsx"
import { focusOf, viewOf } from "./camera.js"

/** The styles of each part in a step's highlight: id -> "1", "12". */
function stylesOf(highlight, part) {
  const found = new Map()
  for (const style of Object.keys(highlight).sort())
    for (const id of highlight[style][part] || []) found.set(id, (found.get(id) || "") + style)
  return found
}

export const LectureDrawing = memo(function LectureDrawing({ scene, step, index, appear, width, height, picked, pick }) {
  const place = useMemo(() => new Map(scene.nodes.map((n) => [n.id, n])), [scene])
  const box = useMemo(() => bounds(scene) || { left: 0, right: 1, top: 0, bottom: 1 }, [scene])
  const routes = useMemo(() => new Map(scene.edges.map((e) => [e.id, place.has(e.source) && place.has(e.target) ? route(e, place.get(e.source), place.get(e.target)) : null])), [scene, place])
  const nodeStyles = useMemo(() => stylesOf(step.highlight, "nodes"), [step]), edgeStyles = useMemo(() => stylesOf(step.highlight, "edges"), [step])
  const now = useMemo(() => new Set([...step.nodes, ...step.edges]), [step]), lit = nodeStyles.size + edgeStyles.size > 0
  const state = (id) => now.has(id) ? "current" : nodeStyles.has(id) || edgeStyles.has(id) || (appear[id] ?? 0) <= index ? "there" : "later"
  const view = viewOf(box, focusOf(scene, step, state), width, height)
  const look = (id, styles) => ["part", state(id), styles.has(id) && "lit", lit && !styles.has(id) && state(id) === "there" && "dim", picked.has(id) && "picked"].filter(Boolean).join(" ")
  const colour = (styles) => styles && ({ "--c": styles.length > 1 ? "var(--ink)" : `var(--h${styles})` })
  const edges = useMemo(() => scene.edges.filter((e) => routes.get(e.id)).sort((a, b) => (appear[b.id] ?? 0) - (appear[a.id] ?? 0)), [scene, routes, appear])     // nothing faint crosses what is there
  return (
    <div className="lec-drawing" style={{ height }} data-testid="lecture-drawing">
      <div className="lec-world" style={{ transform: `translate(${view.x}px,${view.y}px) scale(${view.scale})` }}>
        <svg width="1" height="1" role="img" aria-label="The drawing so far">
          {lit && PASSES.map(([name, style]) => (
            <g key={name}>
              {edges.filter((e) => edgeStyles.get(e.id)?.includes(style)).map((e) => <path key={e.id} className={name} d={routes.get(e.id).d} />)}
              {scene.nodes.filter((n) => nodeStyles.get(n.id)?.includes(style)).map((n) => <path key={n.id} className={name} d={shapePath(n)} transform={`translate(${n.x} ${n.y})`} />)}
            </g>
          ))}
          {edges.map((e) => (
            <g key={e.id} className={look(e.id, edgeStyles)} style={colour(edgeStyles.get(e.id))} data-id={e.id} data-state={state(e.id)} data-highlight={edgeStyles.get(e.id)} onClick={() => pick(e.id)}>
              <EdgeShape edge={e} a={place.get(e.source)} b={place.get(e.target)} />
              <path className="hit" d={routes.get(e.id).d} />
            </g>
          ))}
          {scene.nodes.map((n) => (
            <g key={n.id} className={look(n.id, nodeStyles)} style={colour(nodeStyles.get(n.id))} data-id={n.id} data-state={state(n.id)} data-highlight={nodeStyles.get(n.id)} onClick={() => pick(n.id)}>
              <NodeShape node={n} x={n.x} y={n.y} />
            </g>
          ))}
        </svg>
        {edges.map((e) => (e.tex || e.coefficient) && (
          <span key={e.id} className={look(e.id, edgeStyles)} style={colour(edgeStyles.get(e.id))}>
            {e.tex && <Label at={[routes.get(e.id).middle[0], routes.get(e.id).middle[1] - (edgeStyles.has(e.id) ? 19 : 14)]} tex={e.tex} size={17} />}
            {e.coefficient && <Label at={coefficientAt(e, place.get(e.target))} tex={e.coefficient} size={13} />}
          </span>
        ))}
        {scene.nodes.map((n) => n.tex && (
          <span key={n.id} className={look(n.id, nodeStyles)} style={colour(nodeStyles.get(n.id))}>
            <Label at={[n.x + labelAt(n, nodeStyles.has(n.id))[0], n.y + labelAt(n, nodeStyles.has(n.id))[1]]} tex={n.tex} size={n.size || 17} />
          </span>
        ))}
        {step.full && place.has(step.full.node) && (
          <span className="part current full" data-testid="lecture-full"><Label at={[place.get(step.full.node).x, place.get(step.full.node).y + 46]} tex={step.full.tex} size={17} /></span>
        )}
      </div>
    </div>
  )
})

const Label = memo(function Label({ at, tex, size }) {
  return <span className="lb" style={{ left: at[0], top: at[1], fontSize: size }}><Formula tex={tex} /></span>
}, (a, b) => a.tex === b.tex && a.size === b.size && a.at[0] === b.at[0] && a.at[1] === b.at[1])
