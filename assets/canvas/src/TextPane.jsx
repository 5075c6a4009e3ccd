// The program text: coloured lines with a transparent <textarea> exactly over them, and the problems below.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { Formula } from "./Formula.jsx"
import { Problems } from "./Problems.jsx"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"
import { correspondence, runs } from "./syntax.js"
import { useDraft } from "./useDraft.js"

const NONE = []

const Line = memo(function Line({ number, text, info, problems, choose }) {
  const bad = info?.state === "bad" || problems.some((p) => p.severity !== "warning")
  const classes = ["ln", bad && "bad", info?.state === "current" && "cur"].filter(Boolean).join(" ")
  return (
    <div className={classes} data-line={number} data-state={info?.state || undefined} onClick={() => choose(number)}>
      <span className="no">{number}</span>
      <span className="src">{runs(text, problems).map((run, i) => <span key={i} className={run.name || undefined}>{run.text}</span>)}</span>
      <span className="mg">{info?.instruction && <><span>{info.instruction}</span><span>{info.kind}</span><span>{info.moment && <Formula tex={info.moment} />}</span></>}</span>
    </div>
  )
})

export function TextPane({ api, tall, folded, setFolded, height }) {
  const program = useParam("text"), send = useSend()
  const area = useRef(null), scroller = useRef(null)
  const { text, edit, flush } = useDraft(program.source, area, send)
  const lines = useMemo(() => text.split("\n"), [text])
  const count = lines.length - (text.endsWith("\n") || !text ? 1 : 0)
  const origin = useMemo(() => correspondence(program.source.split("\n"), lines), [program.source, lines])
  const longest = useMemo(() => lines.reduce((n, line) => Math.max(n, line.length), 0), [lines])
  const problemsAt = useMemo(() => {
    const at = new Map()
    for (const problem of program.problems) at.set(problem.line, [...(at.get(problem.line) || []), problem])
    return at
  }, [program.problems])
  const pane = usePaneHeight(tall ? 296 : 240, height)

  const latest = useRef({})
  latest.current = { origin, lines: program.lines }
  const choose = useCallback((number) => {      // stable, so that typing draws only the lines that changed
    const { origin, lines } = latest.current, node = lines[origin[number - 1]]?.node
    if (node) api.current.canvas?.select(node)
  }, [api])
  const goTo = useCallback(({ line, column, end }) => {
    const field = area.current
    if (!field) return
    const start = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0)
    field.focus()
    field.setSelectionRange(start + column - 1, start + Math.max(column, end) - 1)
  }, [lines])
  api.current.text = { flush, focus: () => { area.current?.focus(); return !!area.current } }
  useEffect(() => () => { api.current.text = null }, [api])

  const current = program.lines.findIndex((line) => line.state === "current"), wrong = (program.problems[0]?.line ?? 0) - 1
  const showLine = (line) => {
    const box = scroller.current
    if (line < 0 || !box || area.current?.getRootNode().activeElement === area.current) return
    const top = 6 + 20 * line
    if (top < box.scrollTop || top + 26 > box.scrollTop + box.clientHeight) box.scrollTop = 20 * Math.max(0, Math.ceil((top + 40 - box.clientHeight) / 20)) + 6
  }
  useEffect(() => showLine(current), [current])      // the selected node's line comes into view
  useEffect(() => showLine(wrong), [wrong, folded])  // and the first problem's

  const click = (event) => {
    const { selectionStart, selectionEnd, value } = event.target
    if (selectionStart === selectionEnd) choose(value.slice(0, selectionStart).split("\n").length)
  }
  const escape = (event) => { if (event.key === "Escape") event.target.blur() }
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
          <div className="code" ref={scroller}>
            <div className="sheet" style={{ minWidth: `calc(${longest + 2}ch + 296px)` }}>
              {lines.map((line, i) => {
                const from = origin[i]
                return <Line key={i} number={i + 1} text={line} info={from >= 0 ? program.lines[from] : undefined} problems={(from >= 0 && problemsAt.get(from + 1)) || NONE} choose={choose} />
              })}
              <textarea ref={area} defaultValue={text} data-testid="text" aria-label="Program text" spellCheck={false} autoCapitalize="off" autoCorrect="off" autoComplete="off" wrap="off"
                onChange={(event) => edit(event.target.value)} onBlur={flush} onClick={click} onKeyDown={escape} />
            </div>
          </div>
          <Problems problems={program.problems} goTo={goTo} />
        </>
      )}
    </section>
  )
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
