// Lecture mode: the program revealed step by step over the whole screen. All steps are here at once, so that a step is drawn without a round trip.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { useParam, useSend } from "../link.jsx"
import { LectureDrawing } from "./LectureDrawing.jsx"
import { LecturePlot } from "./LecturePlot.jsx"
import { LectureText } from "./LectureText.jsx"
import { StepEditor } from "./StepEditor.jsx"
import { KEYS, useLectureKeys } from "./keys.js"

const WIDTH = 1280, HEIGHT = 720, HEAD = 64, DRAWING = 296, PLOT = 420, GAP = 40
const none = new Set()

export function Lecture({ size, perform }) {
  const lecture = useParam("lecture")
  return lecture && lecture.steps.length ? <Open lecture={lecture} size={size} act={perform} /> : null
}

function Open({ lecture, size, act }) {
  const scene = useParam("scene"), found = useParam("lecture_found"), highlight = useParam("highlight"), selection = useParam("selection"), send = useSend()
  const { steps, start } = lecture, root = useRef(null)
  const [index, setIndex] = useState(start), [dark, setDark] = useState(false), [blank, setBlank] = useState(false), [kernel, setKernel] = useState(false)
  const [dialog, setDialog] = useState(null), [typed, setTyped] = useState(""), [picked, setPicked] = useState(none), [style, setStyle] = useState(1)
  const at = Math.min(index, steps.length - 1), step = steps[at], numbers = found.steps?.[step.id]

  const waiting = useRef(null), latest = useRef({})      // keys pressed while a new step is on its way belong to that step
  const shown = useRef({ stamp: lecture.stamp, id: step.id })
  useLayoutEffect(() => {         // where Python sends us; after any other change of the document we stay on our step
    const here = steps.findIndex((s) => s.id === shown.current.id)
    if (lecture.stamp === shown.current.stamp) { if (here >= 0) setIndex(here); return }
    setIndex(start)
    shown.current.stamp = lecture.stamp
    const queue = waiting.current
    waiting.current = null
    if (queue?.length) setTimeout(() => queue.forEach((deed) => latest.current[deed]()), 0)
  }, [lecture])                   // eslint-disable-line
  useEffect(() => { shown.current.id = step.id }, [step.id])
  useFullScreen(() => send({ type: "lecture", op: "leave" }))
  useEffect(() => {
    const before = root.current.getRootNode().activeElement
    root.current.focus()
    return () => before?.isConnected && before.focus?.()
  }, [])

  const go = useCallback((to) => setIndex(Math.max(0, Math.min(steps.length - 1, to))), [steps.length])
  const ask = useCallback((intent) => send({ type: "lecture", ...intent }), [send])
  const lit = useMemo(() => litOf({ picked, selection, highlight, scene }), [picked, selection, highlight, scene])
  const light = () => { if (lit.nodes.length || lit.edges.length) { ask({ op: "light", step: step.id, style, nodes: lit.nodes, edges: lit.edges }); setPicked(none) } else setDialog("edit") }
  const deeds = {
    next: () => go(at + 1), back: () => go(at - 1), first: () => go(0), last: () => go(steps.length - 1), goto: (k) => go(k - 1), typed: setTyped,
    kernel: () => setKernel((on) => !on), dark: () => setDark((on) => !on), full: toggleFull, help: () => setDialog("help"), edit: () => setDialog("edit"),
    add: () => { waiting.current = []; ask({ op: "add", step: step.id }) }, light, blank: () => setBlank(true), undo: () => act("undo"), redo: () => act("redo"),
    leave: () => ask({ op: "leave" }),
  }
  latest.current = deeds
  useLectureKeys((deed, value) => {
    if (waiting.current && ["add", "light", "edit"].includes(deed)) return waiting.current.push(deed)
    if (deed !== "typed") waiting.current = null
    if (blank && deed !== "typed") return setBlank(false)
    if (dialog === "help" && deed !== "typed") return setDialog(null)
    deeds[deed](value)
  }, () => dialog === "edit")
  const pick = useCallback((id) => setPicked((old) => { const next = new Set(old); if (!next.delete(id)) next.add(id); return next }), [])

  const scale = Math.min(size.width / WIDTH, size.height / HEIGHT) || 1, width = size.width / scale, height = size.height / scale
  const drawing = Math.round(DRAWING + 0.6 * (height - HEIGHT)), plot = kernel && numbers?.kernel ? numbers.kernel : numbers?.plot
  return (
    <div className="lecture" data-look={dark ? "dark" : "projector"} data-testid="lecture" data-step={at + 1} data-id={step.id} data-done={found.done || undefined} role="region" aria-label="Lecture" tabIndex={-1} ref={root}>
      <div className="lec-stage" style={{ width, height, transform: `scale(${scale})`, gridTemplateRows: `${HEAD}px ${drawing}px minmax(0,1fr)` }}>
        <header className="lec-head">
          <b className="lec-title">{lecture.title}</b>
          <span className="grow" />
          {step.name && !step.own && <span className="muted" data-testid="lecture-name">{step.name}</span>}
          <span className="lec-count" data-testid="lecture-count"><b>{typed || at + 1}</b> <span className="muted">of {steps.length}</span></span>
        </header>
        <LectureDrawing scene={scene} step={step} index={at} appear={lecture.appear} width={width} height={drawing} picked={picked} pick={pick} />
        <div className="lec-body" style={{ gridTemplateColumns: step.own ? "minmax(0,1fr)" : `minmax(0,1fr) ${PLOT}px` }}>
          <LectureText step={step} found={numbers} done={found.done} width={width - 2 * GAP - PLOT - GAP} />
          {!step.own && !step.problem && <LecturePlot plot={plot} dark={dark} />}
        </div>
        <nav className={steps.length > 60 ? "lec-steps many" : "lec-steps"} aria-label="Steps">
          {steps.map((s, i) => (
            <button key={s.id} className={i < at ? "done" : i === at ? "now" : ""} title={`${i + 1}. ${s.title}`} aria-label={`Step ${i + 1}, ${s.title}`} aria-current={i === at ? "step" : undefined}
              tabIndex={-1} data-segment={i + 1} onClick={() => { go(i); root.current.focus() }}><i /></button>
          ))}
        </nav>
      </div>
      <div className="sr" aria-live="polite">{`Step ${at + 1} of ${steps.length}, ${step.title}`}</div>
      {blank && <div className="lec-blank" data-testid="lecture-blank" onClick={() => setBlank(false)} />}
      {dialog === "help" && <Help close={() => setDialog(null)} />}
      {dialog === "edit" && <StepEditor key={step.id} step={step} order={steps.map((s) => s.id)} hidden={lecture.hidden} lit={lit} style={style} setStyle={setStyle} ask={ask} close={() => { setDialog(null); root.current?.focus() }} />}
    </div>
  )
}

/** What H lights: the parts clicked on the slide, else the paths that are lit in the editor, else what is selected there. */
function litOf({ picked, selection, highlight, scene }) {
  const nodes = new Set(scene.nodes.map((n) => n.id)), parts = [...picked]
  if (parts.length) return { what: "what is picked", nodes: parts.filter((id) => nodes.has(id)), edges: parts.filter((id) => !nodes.has(id)) }
  const groups = Object.values(highlight || {})
  if (groups.length) return { what: "the highlighted paths", nodes: [...new Set(groups.flatMap((g) => g.nodes || []))], edges: [...new Set(groups.flatMap((g) => g.edges || []))] }
  return { what: "what is selected", nodes: selection.nodes || [], edges: selection.edges || [] }
}

function Help({ close }) {
  return (
    <div className="lec-veil" onClick={close}>
      <div className="lec-help" role="dialog" aria-label="Keys of the lecture" data-testid="lecture-help">
        <dl>{KEYS.map(([keys, what]) => <div key={keys}><dt>{keys.split("  ").map((k) => <kbd key={k}>{k}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
      </div>
    </div>
  )
}

const toggleFull = () => {
  useFullScreen.toggled = true
  return (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())?.catch?.(() => {})
}

/** Full screen where the browser allows it; leaving it (Escape belongs to the browser then) leaves the lecture. */
function useFullScreen(leave) {
  const latest = useRef(leave)
  latest.current = leave
  useEffect(() => {
    let was = false, asked = performance.now()
    document.documentElement.requestFullscreen?.().then(() => { was = true }, () => {})
    const changed = () => {
      if (document.fullscreenElement) was = true
      else if (was && performance.now() - asked > 500 && !useFullScreen.toggled) latest.current()
      useFullScreen.toggled = false
    }
    document.addEventListener("fullscreenchange", changed)
    return () => {
      document.removeEventListener("fullscreenchange", changed)
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {})
    }
  }, [])
}
