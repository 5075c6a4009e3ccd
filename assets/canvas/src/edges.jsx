// One edge of the drawing. Python's path is used while both ends stand where Python put them, else the same rules compute it here.
import { EdgeLabelRenderer, useInternalNode } from "@xyflow/react"
import { memo } from "react"
import { Formula } from "./Formula.jsx"
import { arrow, coefficientAt, route } from "./geometry.js"
import { lineColour, useHighlight } from "./highlight.js"

const live = (node) => ({ ...node.data, x: node.position.x, y: node.position.y })
const unmoved = (node) => node.position.x === node.data.x && node.position.y === node.data.y

/** Path, head, middle of an edge between its nodes as they stand now; null until both are there. */
export function useRoute(edge) {
  const source = useInternalNode(edge.source), target = useInternalNode(edge.target)
  if (!source || !target) return null
  const a = live(source), b = live(target), computed = route(edge, a, b)
  return { ...computed, d: edge.d && unmoved(source) && unmoved(target) ? edge.d : computed.d, target: b }
}

export const ProgramEdge = memo(function ProgramEdge({ id, data: edge, selected }) {
  const highlight = useHighlight("edges", id), path = useRoute(edge)
  if (!path) return null
  const bad = edge.error != null, styled = highlight !== ""
  const colour = lineColour(highlight, edge.error) || undefined
  const classes = ["tp-edge", "edge", edge.kind, bad && "bad", styled && "on", selected && "sel"].filter(Boolean).join(" ")
  const [mx, my] = path.middle
  const label = (x, y, tex, part) => (
    <span className={`lb edge-label ${bad || styled ? "on" : ""} ${selected ? "sel" : ""}`} data-edge={id} data-part={part}
      style={{ left: x, top: y, fontSize: `calc(${part === "coefficient" ? 13 : 17}px*var(--fs-label,1))`, color: selected ? undefined : colour }}><Formula tex={tex} /></span>
  )
  return (
    <>
      <g className={classes} data-id={id} data-kind={edge.kind} data-highlight={styled ? highlight : undefined} data-error={bad ? edge.error : undefined}
        data-selected={selected || undefined} style={{ "--c": colour }}>
        {bad && edge.error && <title>{edge.error}</title>}
        <path className="line" d={path.d} />
        {edge.head !== false && <path className="head" d={arrow(path.tip, path.direction, styled)} />}
        <path className="hit" d={path.d} />
      </g>
      {(edge.tex || edge.coefficient) && (
        <EdgeLabelRenderer>
          {edge.tex && label(mx, my - (styled ? 19 : 14), edge.tex, "label")}
          {edge.coefficient && label(...coefficientAt(edge, path.target), edge.coefficient, "coefficient")}
        </EdgeLabelRenderer>
      )}
    </>
  )
})
