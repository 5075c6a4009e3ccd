// One node of the drawing: its shape, label, anchors, badge and sentence.
import { Handle, Position } from "@xyflow/react"
import { memo } from "react"
import { NodeShape } from "./Drawing.jsx"
import { Formula } from "./Formula.jsx"
import { anchors, labelAt } from "./geometry.js"
import { lineColour, useHighlight } from "./highlight.js"

const KIND_NAMES = {
  initial: "initial vector", vector: "vector", scalar: "scalar", gate: "Nonlin", lincomb: "LinComb", moment: "Moment",
  input: "input", output: "readout", ghost: "missing vector", group: "group",
}
const words = (tex) => tex.replace(/^\\mathrm\{(.*)\}$/, "$1").replace(/\\(.)/g, "$1").replace(/\{-\}/g, "-")
export const nodeName = (node) => `${KIND_NAMES[node.kind] || node.kind} ${node.kind === "group" ? words(node.tex) : node.id}${node.pinned ? ", pinned" : ""}${node.error ? `, ${node.error}` : ""}`

export const nodeSize = ({ kind }) => kind === "group" ? [88, 48] : kind === "input" ? [44, 24] : kind === "scalar" || kind === "output" ? [32, 32] : [36, 36]

const ends = { visibility: "hidden", pointerEvents: "none", left: "50%", top: "50%", transform: "none" }

export const ProgramNode = memo(function ProgramNode({ id, data: node, selected }) {
  const highlight = useHighlight("nodes", id)
  const bad = node.error != null, styled = highlight !== ""
  const [width, height] = nodeSize(node), [lx, ly] = labelAt(node, styled)
  const classes = ["tp-node", node.kind, bad && "bad", styled && "on", selected && "sel"].filter(Boolean).join(" ")
  const colour = lineColour(highlight, node.error)
  return (
    <div className={classes} data-id={id} data-kind={node.kind} data-highlight={styled ? highlight : undefined} data-error={bad ? node.error : undefined}
      data-selected={selected || undefined} style={{ width, height, "--c": colour || undefined }}>
      <Handle type="target" position={Position.Left} isConnectable={false} style={ends} />
      <Handle type="source" position={Position.Right} isConnectable={false} style={ends} />
      <svg className="shape" width="1" height="1" style={{ left: width / 2, top: height / 2 }} aria-hidden="true">
        {selected && (node.kind === "group" ? <rect className="selbox" x="-53" y="-33" width="110" height="70" rx="10" />
          : <rect className="selbox" x={-27 - (node.flip ? 0 : node.grow || 0)} y="-27" width={54 + (node.grow || 0)} height="54" rx="6" />)}
        <NodeShape node={node} />
        <g className="anchors">
          {anchors(node).map(([x, y], i) => (
            <g key={i} className="tp-anchor nodrag nopan" data-anchor={i}>
              <circle cx={x} cy={y} r="7" /><path d={`M${x} ${y - 3.6}l3.6 3.6-3.6 3.6-3.6-3.6Z`} />
            </g>
          ))}
        </g>
        {node.pinned && <path className="pin" data-pin={id} transform={node.kind === "group" ? "translate(-34 -31)" : "translate(-14 -23)"} d="M-3-5H3L2.2-1L4 1.6H-4L-2.2-1ZM0 1.6V6" />}
        {bad && node.kind !== "ghost" && <g className="mark" transform="translate(15 -19)"><circle r="8" className="badge" /><path className="bang" d="M0-4V1M0 3.6V4" /></g>}
      </svg>
      {node.tex && <span className="lb" style={{ left: width / 2 + lx, top: height / 2 + ly, fontSize: `calc(${node.size || 17}px*var(--fs-label,1))` }}><Formula tex={node.tex} /></span>}
      {node.note && <span className="lb note" style={{ left: width / 2, top: height / 2 + 46 }}><Formula tex={node.note} /></span>}
      {bad && node.error && <span className="sentence" style={{ left: width / 2, top: height / 2 + (node.label === "below" ? 48 : 32) }}>{node.error}</span>}
    </div>
  )
})
