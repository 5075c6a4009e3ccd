// The page before there is a program: how to draw, and the examples.
import { Drawing } from "./Drawing.jsx"
import { Formula } from "./Formula.jsx"
import { Cards } from "./Thumbnail.jsx"
import { tourSeen } from "./Tour.jsx"
import { Icon } from "./icons.jsx"
import { keyName } from "./keyboard.js"
import { useParam, useSend } from "./link.jsx"

const STEP = 236
const node = (id, kind, i) => ({ id, kind, x: i * STEP, y: 0, grow: 0, ports: 1, error: null })
const edge = (source, target, kind) => ({ id: source + target, source, target, kind, slot: 0, route: "direct", head: true, error: null })
const STRIP = {
  nodes: [node("x", "initial", 0), node("h", "vector", 1), node("g", "gate", 2), node("z", "vector", 3)],
  edges: [edge("x", "h", "matmul"), edge("h", "g", "wire"), edge("g", "z", "wire")],
}
const LABELS = [[0, -33, "x"], [STEP / 2, -14, "W"], [STEP, 0, "h"], [2 * STEP - 1.5, 0, "\\phi"], [3 * STEP, 0, "z"]]
const LESSONS = [
  ["Vector", "tool:vector", "Click anywhere.", "Its coordinates are iid."],
  ["MatMul", "tool:matmul", "Drag from a vector.", "Dashed means a random matrix."],
  ["Nonlin", "tool:nonlin", "Type the function,", <>or leave it to be <Formula tex="\phi" />.</>],
  ["Look right", null, "The limit of the last vector", "is already there."],
]
const ROOM = 3 * STEP + 216 + 16         // of the strip; a narrower window has the lessons alone

export function FirstStart({ tool, perform, width }) {
  const actions = useParam("actions"), examples = useParam("examples"), send = useSend()
  const keyFor = (name) => { const key = actions.find((a) => a.name === name)?.keys?.[0]; return key && keyName(key) }
  const strip = Math.max(240, (width || 1280) - 64), left = strip / 2 - 1.5 * STEP, drawn = strip >= ROOM
  const place = () => { if (!["select", "matmul", "wire"].includes(tool)) send({ type: "place", tool, x: 0, y: 0 }) }
  return (
    <main className={drawn ? "main start" : "main start tight"} data-testid="first-start">
      <div className="canvas still" data-testid="strip" data-tool-armed={tool} onClick={place}>
        <h2>Draw a program, or start from one</h2>
        {drawn && <svg className="g" width={strip} height="268" aria-hidden="true"><g transform={`translate(${left} 116)`}><Drawing scene={STRIP} /></g></svg>}
        {drawn && LABELS.map(([x, y, tex]) => <span key={tex} className="lb" aria-hidden="true" style={{ left: left + x, top: 116 + y, fontSize: 17 }}><Formula tex={tex} /></span>)}
        {LESSONS.map(([title, action, first, second], i) => (
          <div key={title} className="teach" style={drawn ? { left: left + i * STEP } : undefined}>
            <b>{title}</b>{keyFor(action) && <> <kbd>{keyFor(action)}</kbd></>}<br /><span className="muted">{first}<br />{second}</span>
          </div>
        ))}
      </div>
      <div className="gallery">
        <div className="row head">
          <h3>Examples</h3>
          <button className="tb more" data-action="overlay:gallery" onClick={() => perform("overlay:gallery")}>All {examples.length} {keyFor("overlay:gallery") && <kbd>{keyFor("overlay:gallery")}</kbd>}</button>
          <span className="grow" />
          <button className="tb" data-action="open" onClick={() => perform("open")}><Icon name="open" />Open a file {keyFor("open") && <kbd>{keyFor("open")}</kbd>}</button>
          <button className="tb" data-action="type-text" onClick={() => perform("type-text")}><Icon name="text" />Type the text {keyFor("type-text") && <kbd>{keyFor("type-text")}</kbd>}</button>
          <button className={tourSeen() ? "tb" : "tb fresh"} data-action="overlay:tour" onClick={() => perform("overlay:tour")}><Icon name="book" />Five-step tour</button>
        </div>
        <Cards examples={examples} width={264} open={(id) => send({ type: "example", id })} />
      </div>
    </main>
  )
}
