// The program pane: the text in an editor of its own (text/editor.js), and the problems below.
import { useLayoutEffect, useRef, useState } from "react"
import { Formula } from "./Formula.jsx"
import { Problems } from "./Problems.jsx"
import { Icon } from "./icons.jsx"
import { useModel, useParam, useSend } from "./link.jsx"
import { createEditor } from "./text/editor.js"
import { useKeepDraft } from "./useKeeping.js"

export function TextPane({ api, perform, tall, folded, setFolded, height }) {
  const program = useParam("text"), send = useSend()
  const pane = usePaneHeight(tall ? 296 : 240, height)
  const lines = program.source.split("\n"), count = lines.length - (lines.at(-1) === "" ? 1 : 0)
  const fix = (problem) => { api.current.text?.flush(); send({ type: "fix", index: program.problems.indexOf(problem), message: problem.message }) }
  return (
    <section className={folded ? "bottom folded" : "bottom"} style={{ height: folded ? 36 : pane.height }} aria-label="Program" data-testid="program">
      {!folded && <div className="grip" role="separator" aria-orientation="horizontal" aria-label="Height of the program pane" aria-valuenow={pane.height} tabIndex={0} data-testid="grip" {...pane.handlers} />}
      <div className="bh">
        <h3>Program</h3><span className="muted sm" data-testid="line-count">{count === 1 ? "1 line" : `${count} lines`}</span>
        <button className="fold" aria-expanded={!folded} aria-label={folded ? "Show the program" : "Fold the program"} data-action="toggle-text" onClick={() => setFolded(!folded)}><Icon name={folded ? "up" : "caret"} small /></button>
        <span className="grow" />
        {folded ? <span className="muted sm">{program.problems.length ? `${program.problems.length} ${program.problems.length === 1 ? "problem" : "problems"}` : "No problems"}</span>
          : <span className="mgh"><span>instruction</span><span>kind</span><span><Formula tex="\mathbb E\,Z^2" /></span></span>}
      </div>
      {!folded && (
        <>
          <Code api={api} perform={perform} />
          <Problems problems={program.problems} goTo={(problem) => api.current.text?.goTo(problem)} fix={fix} />
        </>
      )}
    </section>
  )
}

/** The editor, which React mounts and else leaves alone. */
function Code({ api, perform }) {
  const box = useRef(null), model = useModel(), send = useSend(), keep = useKeepDraft(), deeds = useRef({})
  deeds.current = {
    perform, send, keep, choose: (node) => api.current.canvas?.select(node),
    fix: (problem) => { api.current.text?.flush(); send({ type: "fix", index: Math.max(0, model.text.problems.findIndex((p) => p.message === problem.message && p.line === problem.line)), message: problem.message }) },
  }
  useLayoutEffect(() => {
    const through = Object.fromEntries(Object.keys(deeds.current).map((name) => [name, (...given) => deeds.current[name](...given)]))
    const editor = createEditor(box.current, model.text, through), changed = () => editor.receive(model.text)
    api.current.text = editor
    model.on("text", changed)
    return () => { model.off("text", changed); editor.destroy(); api.current.text = null }
  }, [api, model])
  return <div className="code" ref={box} />
}

/** Height of the pane, dragged or moved by arrow keys at its border in steps of 8. */
function usePaneHeight(initial, window) {
  const [mine, setMine] = useState(null), drag = useRef(null)
  const clip = (h) => Math.round(Math.min(Math.max(h, 120), Math.max(160, window - 48 - 200)) / 8) * 8
  const height = mine === null ? initial : clip(mine)
  const handlers = {
    onPointerDown: (event) => { drag.current = { y: event.clientY, height }; event.currentTarget.setPointerCapture(event.pointerId); event.preventDefault() },
    onPointerMove: (event) => { if (drag.current) setMine(clip(drag.current.height + drag.current.y - event.clientY)) },
    onPointerUp: () => { drag.current = null },
    onPointerCancel: () => { drag.current = null },
    onDoubleClick: () => setMine(null),
    onKeyDown: (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
      event.preventDefault()
      setMine(clip(height + (event.key === "ArrowUp" ? 8 : -8)))
    },
  }
  return { height, handlers }
}
