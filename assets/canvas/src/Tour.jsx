// Five steps through the real window. It holds nobody: what is lit can be used meanwhile, Escape and Skip end it at any time.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"

const SEEN = "tpviz-tour", EXAMPLE = "rnn"
export const tourSeen = () => { try { return localStorage.getItem(SEEN) === "seen" } catch { return true } }
const remember = () => { try { localStorage.setItem(SEEN, "seen") } catch { /* it will be offered again */ } }

const STEPS = [
  ["[data-testid=canvas]", "The drawing is the program", <>Circles are vectors, gates are functions, dashed edges are random matrices. The arrow keys walk from node to node; <kbd>Enter</kbd> edits the one you are at.</>],
  [".palette", "Draw", <>Choose a shape and click on the canvas, or press its key: <kbd>X</kbd> a vector, <kbd>W</kbd> a matrix times it, <kbd>N</kbd> a function of it. What is selected is what the next part grows from.</>],
  ["[data-testid=program]", "The same program as text", <>Type here and the drawing follows; draw, and the text follows. Problems are underlined, most with a button that mends them.</>],
  ["[data-testid=results]", "The limit, at once", <>The kernel of the limit beside a simulation at width <i>n</i>, the distribution of a vector, the paths that make the tangent kernel. All of it follows every edit.</>],
  ["[data-testid=search]", "Everything by its name", <><kbd>Ctrl K</kbd> finds every action, example and node; <kbd>?</kbd> lists all keys. <kbd>Ctrl Z</kbd> takes back anything.</>],
]
const GAP = 12, CARD = 344, EDGE = 12

/** Beside the target, wherever there is room: right, left, below, above; over it where it fills the window. */
function placed(target, root, height) {
  const room = { right: root.width - target.right, left: target.left, below: root.height - target.bottom, above: target.top }
  const x = Math.min(Math.max(EDGE, target.left + (target.width - CARD) / 2), root.width - CARD - EDGE), y = Math.min(Math.max(EDGE, target.top + 40), root.height - height - EDGE)
  if (room.right > CARD + 2 * GAP) return { left: target.right + GAP, top: y }
  if (room.left > CARD + 2 * GAP) return { left: target.left - CARD - GAP, top: y }
  if (room.below > height + 2 * GAP) return { left: x, top: target.bottom + GAP }
  if (room.above > height + 2 * GAP) return { left: x, top: target.top - height - GAP }
  return { left: Math.max(EDGE, x), top: Math.max(EDGE, Math.min(target.bottom, root.height) - height - 2 * GAP) }
}

export function Tour({ close }) {
  const empty = useParam("frame").empty, send = useSend(), [at, setAt] = useState(0), [where, setWhere] = useState(null)
  const layer = useRef(null), card = useRef(null), next = useRef(null)
  const [selector, title, text] = STEPS[at], last = at === STEPS.length - 1

  useEffect(() => { remember(); if (empty) send({ type: "example", id: EXAMPLE }) }, [])        // eslint-disable-line -- something to show
  const measure = useCallback(() => {
    const root = layer.current?.getBoundingClientRect(), found = layer.current?.getRootNode().querySelector(selector)
    if (!root || !found) return setWhere(null)
    const box = found.getBoundingClientRect()
    const target = { left: box.left - root.left, top: box.top - root.top, right: box.right - root.left, bottom: box.bottom - root.top, width: box.width, height: box.height }
    return setWhere({ target, card: placed(target, root, card.current?.offsetHeight || 160) })
  }, [selector])
  useLayoutEffect(() => {
    const target = layer.current.getRootNode().querySelector(selector)
    target?.scrollIntoView({ block: "nearest" })
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(layer.current)
    if (target) watch.observe(target)
    return () => watch.disconnect()
  }, [measure, selector, empty])
  useEffect(() => { next.current?.focus({ preventScroll: true }) }, [at, !where])
  useEffect(() => {
    const leave = (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close() } }
    document.addEventListener("keydown", leave, true)
    return () => document.removeEventListener("keydown", leave, true)
  }, [close])

  const go = (to) => { if (to >= STEPS.length) close(); else if (to >= 0) setAt(to) }
  const onKeyDown = (event) => {
    event.nativeEvent.stopImmediatePropagation()
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by) { event.preventDefault(); go(at + by) }
  }
  const t = where?.target
  return (
    <div className="tour" ref={layer}>
      {t && <div className="lit" style={{ left: t.left, top: t.top, width: t.width, height: t.height }} data-testid="tour-lit" data-target={selector} />}
      <div className="tour-card" ref={card} role="dialog" aria-label={`Tour, step ${at + 1} of ${STEPS.length}`} aria-describedby="tp-tour-text" data-testid="tour" data-step={at + 1}
        style={where?.card || { left: EDGE, top: 64 }} onKeyDown={onKeyDown}>
        <div className="row"><h3>{title}</h3><span className="grow" /><span className="muted sm">{at + 1} of {STEPS.length}</span></div>
        <p id="tp-tour-text" aria-live="polite">{text}</p>
        <div className="row">
          <button className="tb" data-testid="tour-skip" onClick={close}>{last ? "Close" : "Skip"}</button><span className="grow" />
          {at > 0 && <button className="tb" data-testid="tour-back" onClick={() => go(at - 1)}><Icon name="left" />Back</button>}
          <button className="btn" data-testid="tour-next" ref={next} onClick={() => go(at + 1)}>{last ? "Done" : "Next"}</button>
        </div>
      </div>
    </div>
  )
}
