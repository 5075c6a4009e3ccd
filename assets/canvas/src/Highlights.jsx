// What lies under the drawing: all rims in colour, all rims again narrower in paper, then all bands, so that an outline runs on without seams.
import { ViewportPortal, useInternalNode } from "@xyflow/react"
import { memo, useMemo } from "react"
import { useRoute } from "./edges.jsx"
import { shapePath } from "./geometry.js"
import { useHighlighted } from "./highlight.js"

const NodeUnder = memo(function NodeUnder({ id, name }) {
  const node = useInternalNode(id)
  return node ? <path className={name} d={shapePath(node.data)} transform={`translate(${node.position.x} ${node.position.y})`} /> : null
})

const EdgeUnder = memo(function EdgeUnder({ edge, name }) {
  const path = useRoute(edge)
  return path ? <path className={name} d={path.d} /> : null
})

// A pass: the class of its strokes and the style it belongs to. Style 3 is a double rim and takes two passes more.
export const PASSES = [["rim2", "2"], ["rim3", "3"], ["rim4", "4"], ["rim2 paper", "2"], ["rim3 paper", "3"], ["rim4 paper", "4"],
  ["rim3 inner", "3"], ["rim3 inner paper", "3"], ["band", "1"]]

export function Highlights({ edges }) {
  const { nodes, edges: styled } = useHighlighted()
  const byId = useMemo(() => new Map(edges.map((edge) => [edge.id, edge.data])), [edges])
  if (!nodes.length && !styled.length) return null
  return (
    <ViewportPortal>
      <svg className="under" width="1" height="1" aria-hidden="true">
        {PASSES.map(([name, style]) => (
          <g key={name}>
            {styled.filter((e) => e.style.includes(style) && byId.has(e.id)).map((e) => <EdgeUnder key={e.id} edge={byId.get(e.id)} name={name} />)}
            {nodes.filter((n) => n.style.includes(style)).map((n) => <NodeUnder key={n.id} id={n.id} name={name} />)}
          </g>
        ))}
      </svg>
    </ViewportPortal>
  )
}

export function Swatch({ style }) {
  const line = "M0 9H32"
  return (
    <svg width="32" height="18" aria-hidden="true">
      {PASSES.filter(([, s]) => s === String(style)).map(([name]) => <path key={name} className={`${name} swatch`} d={line} />)}
      <path d={line} stroke={`var(--h${style})`} strokeWidth="2.5" />
    </svg>
  )
}
