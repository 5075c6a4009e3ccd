// Open groups: a light frame behind the members with the group's name, and the guides that show while nodes are dragged.
import { ViewportPortal } from "@xyflow/react"
import { useSyncExternalStore } from "react"
import { frameBox } from "./geometry.js"

export function Frames({ frames, nodes, select, toggle }) {
  if (!frames?.length) return null
  const place = new Map(nodes.map((n) => [n.id, { ...n.data, ...n.position }]))
  const shown = frames.map((frame) => ({ ...frame, there: frame.members.map((m) => place.get(m)).filter(Boolean) })).filter((f) => f.there.length)
  const chosen = new Set(nodes.filter((n) => n.selected).map((n) => n.id))
  return (
    <ViewportPortal>
      {shown.map((frame) => {
        const [left, top, right, bottom] = frameBox(frame.there), on = frame.members.every((m) => chosen.has(m))
        return (
          <div key={frame.id} data-frame={frame.id}>
            <div className={on ? "group-frame sel" : "group-frame"} style={{ left, top, width: right - left, height: bottom - top }} />
            <button className={on ? "group-name nopan sel" : "group-name nopan"} style={{ left, top: top - 24 }} title="Select the group; a double click collapses it"
              onClick={() => select(frame.members)} onDoubleClick={() => toggle(frame.members)}>{frame.name}</button>
          </div>
        )
      })}
    </ViewportPortal>
  )
}

const FAR = 20000

export function GuideLines({ guides }) {
  const shown = useSyncExternalStore(guides.subscribe, guides.get)
  if (!shown) return null
  return (
    <ViewportPortal>
      <svg className="over" width="1" height="1" aria-hidden="true" data-testid="guides">
        {shown.x !== null && <path className="guide" d={`M${shown.x} ${-FAR}V${FAR}`} />}
        {shown.y !== null && <path className="guide" d={`M${-FAR} ${shown.y}H${FAR}`} />}
      </svg>
    </ViewportPortal>
  )
}
