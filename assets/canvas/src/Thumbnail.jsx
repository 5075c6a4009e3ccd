// A drawing in small, without its labels, and the card of an example around it.
import { Drawing } from "./Drawing.jsx"
import { bounds } from "./geometry.js"

const HEIGHT = 92

export function Thumbnail({ scene, width, height = HEIGHT, margin = 20 }) {
  const plain = { ...scene, nodes: scene.nodes.map((n) => ({ ...n, tex: "", note: "" })), edges: scene.edges.map((e) => ({ ...e, tex: "" })) }
  const box = bounds(plain)
  if (!box) return <div className="th" />
  const w = box.right - box.left + 8, h = box.bottom - box.top + 4
  const scale = Math.min((width - 2 * margin) / w, (height - 1.2 * margin) / h, 0.62)
  return (
    <div className="th">
      <svg viewBox={`0 0 ${width} ${height}`} width="100%" height={height} aria-hidden="true">
        <g style={{ "--thin": Math.max(2, 0.9 / scale) }} transform={`translate(${width / 2 - (box.left + box.right) / 2 * scale} ${height / 2 - (box.top + box.bottom) / 2 * scale}) scale(${scale})`}><Drawing scene={plain} /></g>
      </svg>
    </div>
  )
}

export function Cards({ examples, width, open }) {
  return (
    <div className="cards">
      {examples.map((example) => (
        <button key={example.id} className="card" data-example={example.id} onClick={() => open(example.id)}>
          <Thumbnail scene={example.scene} width={width} /><div className="tt"><b>{example.title}</b><span>{example.subtitle}</span></div>
        </button>
      ))}
    </div>
  )
}
