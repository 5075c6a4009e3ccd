// What stands on the canvas: grid of dots, status chips, legend of the highlights, zoom and overview.
import { useStore } from "@xyflow/react"
import { useRef } from "react"
import { Drawing } from "./Drawing.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { Swatch } from "./Highlights.jsx"
import { bounds } from "./geometry.js"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"

const transform = (s) => s.transform
const GRID = 24

export function Dots() {
  const [x, y, zoom] = useStore(transform)
  const gap = GRID * zoom / 2 ** Math.round(Math.log2(zoom))
  return <div className="dots" style={{ backgroundSize: `${gap}px ${gap}px`, backgroundPosition: `${x - gap / 2}px ${y - gap / 2}px` }} />
}

export function CanvasChrome({ scene, nodes, view }) {
  return (
    <>
      <Chips />
      <Legend />
      <Zoom view={view} />
      <Overview scene={scene} nodes={nodes} view={view} />
    </>
  )
}

function Chips() {
  const frame = useParam("frame"), send = useSend()
  return (
    <div className="chips" data-testid="chips">
      {(frame.chips || []).map((chip, i) => <span key={i} className={chip.ok ? "chip ok" : "chip"} title={chip.title}>{chip.ok && <Icon name="check" />}<span><Rich parts={chip.text} /></span></span>)}
      {frame.mode && (
        <span className="chip mode" data-testid="mode" role="status">
          <span><Rich parts={frame.mode.text} /></span>
          <button className="inchip" aria-label="Leave this mode" onClick={() => send({ type: "mode-cancel" })}><Icon name="close" small /></button>
        </span>
      )}
    </div>
  )
}

function Legend() {
  const rows = useParam("legend")
  if (!rows?.length) return null
  return (
    <div className="legend" data-testid="legend">
      {rows.map((row, i) => row.style
        ? <div key={i} className="entry" data-style={row.style}><Swatch style={row.style} /><span>{row.tex === undefined ? <Rich parts={row.text} /> : <Formula tex={row.tex} />}</span></div>
        : <div key={i} className="eq"><span><Rich parts={row.text} /></span></div>)}
    </div>
  )
}

function Zoom({ view }) {
  const zoom = useStore((s) => s.transform[2])
  return (
    <div className="zoom" role="group" aria-label="Zoom">
      <button data-action="zoom-out" aria-label="Zoom out" title="Zoom out" onClick={() => view.zoomBy(0.8)}><Icon name="minus" /></button>
      <button data-testid="zoom" title="Zoom to 100 %" onClick={() => view.zoomBy(1, 1)}>{Math.round(zoom * 100)} %</button>
      <button data-action="zoom-in" aria-label="Zoom in" title="Zoom in" onClick={() => view.zoomBy(1.25)}><Icon name="plus" /></button>
      <button data-action="fit" aria-label="Fit" title="Fit the drawing" onClick={() => view.fit()}><Icon name="fit" /></button>
    </div>
  )
}

const WIDTH = 152, HEIGHT = 64

function Overview({ scene, nodes, view }) {
  const [x, y, zoom] = useStore(transform), width = useStore((s) => s.width), height = useStore((s) => s.height)
  const still = useRef(null)
  if (!still.current || still.current.scene !== scene || (still.current.nodes !== nodes && !nodes.some((n) => n.dragging))) {
    const place = new Map(nodes.map((n) => [n.id, n.position]))   // while a node is dragged the overview waits
    const moved = scene.nodes.some((n) => { const at = place.get(n.id); return at && (at.x !== n.x || at.y !== n.y) })
      ? { ...scene, nodes: scene.nodes.map((n) => ({ ...n, ...place.get(n.id) })) } : scene
    still.current = { scene, nodes, moved, box: bounds(moved) }
  }
  const { moved, box } = still.current
  if (!box || !width) return null
  const seen = { left: -x / zoom, right: (width - x) / zoom, top: -y / zoom, bottom: (height - y) / zoom }
  if (box.left >= seen.left && box.right <= seen.right && box.top >= seen.top && box.bottom <= seen.bottom) return null
  const scale = Math.min((WIDTH - 16) / (box.right - box.left), (HEIGHT - 12) / (box.bottom - box.top), 0.25)
  const ox = WIDTH / 2 - (box.left + box.right) / 2 * scale, oy = HEIGHT / 2 - (box.top + box.bottom) / 2 * scale
  const clip = (v, low, high) => Math.min(high, Math.max(low, v))
  const left = clip(seen.left * scale + ox, 1, WIDTH - 4), right = clip(seen.right * scale + ox, left + 2, WIDTH - 3)
  const top = clip(seen.top * scale + oy, 1, HEIGHT - 4), bottom = clip(seen.bottom * scale + oy, top + 2, HEIGHT - 3)
  const go = (event) => {
    if (event.type === "pointermove" && !(event.buttons & 1)) return
    const { left, top } = event.currentTarget.getBoundingClientRect()
    view.centreOn((event.clientX - left - ox) / scale, (event.clientY - top - oy) / scale)
  }
  return (
    <div className="map" data-testid="overview" onPointerDown={go} onPointerMove={go}>
      <svg width={WIDTH - 2} height={HEIGHT - 2} aria-hidden="true">
        <g transform={`translate(${ox} ${oy}) scale(${scale})`}><Drawing scene={moved} /></g>
        <rect className="vp" x={left} y={top} width={right - left} height={bottom - top} />
      </svg>
    </div>
  )
}
