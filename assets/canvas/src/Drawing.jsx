// A scene as one still SVG, without labels: the thumbnails of the examples and the overview.
import { memo } from "react"
import { OUTPUT_INNER, SHEET, arrow, momentBar, route, shapePath } from "./geometry.js"

export function EdgeShape({ edge, a, b, head = edge.head !== false }) {
  const { d, tip, direction } = route(edge, a, b)
  return (
    <g className={`edge ${edge.kind}${edge.error != null ? " bad" : ""}`}>
      <path className="line" d={d} />{head && <path className="head" d={arrow(tip, direction)} />}
    </g>
  )
}

export function NodeShape({ node, x, y }) {
  const at = x === undefined ? undefined : `translate(${x} ${y})`
  return (
    <g className={`node ${node.kind}${node.error != null ? " bad" : ""}`} transform={at}>
      {node.kind === "group" && <path className="s" d={shapePath(node)} transform={`translate(${SHEET} ${SHEET})`} />}
      <path className="s" d={shapePath(node)} />
      {node.kind === "moment" && <path className="bar" d={momentBar(node)} />}
      {node.kind === "output" && <path className="in" d={OUTPUT_INNER} />}
    </g>
  )
}

export const Drawing = memo(function Drawing({ scene }) {
  const place = new Map(scene.nodes.map((node) => [node.id, node]))
  return (
    <>
      {scene.edges.map((edge) => place.has(edge.source) && place.has(edge.target)
        && <EdgeShape key={edge.id} edge={edge} a={place.get(edge.source)} b={place.get(edge.target)} />)}
      {scene.nodes.map((node) => <NodeShape key={node.id} node={node} x={node.x} y={node.y} />)}
    </>
  )
})
