// Width n from 10^2 to 10^6 on a logarithmic track, and the seed of the simulation.
import { useEffect, useRef, useState } from "react"
import { Formula } from "./Formula.jsx"
import { useSend } from "./link.jsx"
import { useThrottle } from "./useThrottle.js"

const LOW = 2, HIGH = 6, DECADES = [2, 3, 4, 5, 6]
const ANSWER = 800      // ms
const clip = (v) => Math.min(HIGH, Math.max(LOW, v))
const snap = (v) => Math.abs(v - Math.round(v)) < 0.025 ? Math.round(v) : Math.round(v * 1000) / 1000

/** n as the head of the slider shows it while it is dragged. */
const texOf = (log10) => Number.isInteger(log10) ? `10^{${log10}}` : String(Math.round(10 ** log10)).replace(/\B(?=(\d{3})+$)/g, "\\,")

export function WidthSlider({ width, length, note, short }) {
  const send = useSend(), track = useRef(null), dragging = useRef(false)
  const [mine, setMine] = useState(null)
  const tell = useThrottle((log10) => send({ type: "width", log10 }))
  useEffect(() => {             // ours until Python has it; an answer in between may belong to an earlier value
    if (mine === null || dragging.current) return undefined
    const later = setTimeout(() => setMine(null), Math.abs(width.log10 - mine) < 1e-6 ? 0 : ANSWER)
    return () => clearTimeout(later)
  }, [width.log10, mine])
  const value = mine ?? width.log10, x = (k) => (k - LOW) / (HIGH - LOW) * length

  const set = (log10, last) => { const next = snap(clip(log10)); setMine(next); tell(next, last) }
  const fromEvent = (event) => LOW + (event.clientX - track.current.getBoundingClientRect().left - 12) / length * (HIGH - LOW)
  const handlers = {
    onPointerDown: (event) => { if (event.button) return; dragging.current = true; event.currentTarget.setPointerCapture(event.pointerId); set(fromEvent(event), false) },
    onPointerMove: (event) => { if (dragging.current) set(fromEvent(event), false) },
    onPointerUp: (event) => { if (dragging.current) { dragging.current = false; set(fromEvent(event), true) } },
    onPointerCancel: () => { dragging.current = false },
    onKeyDown: (event) => {
      const to = { ArrowRight: value + 0.1, ArrowUp: value + 0.1, ArrowLeft: value - 0.1, ArrowDown: value - 0.1, PageUp: value + 1, PageDown: value - 1, Home: LOW, End: HIGH }[event.key]
      if (to === undefined) return
      event.preventDefault()
      set(Math.round(to * 10) / 10, true)
    },
  }
  return (
    <div className={short ? "sec width short" : "sec width"}>
      <div className="slider" style={{ width: length + 24 }}>
        <div className="sl-h"><span>Width <Formula tex="n" /></span><b data-testid="width-value"><Formula tex={mine === null ? width.tex : texOf(value)} /></b><span className="grow" /><Seed seed={width.seed} />{note}</div>
        <svg ref={track} className="track" width={length + 24} height="38" tabIndex={0} role="slider" aria-label="Width n" aria-valuemin={LOW} aria-valuemax={HIGH} aria-valuenow={value}
          aria-valuetext={`n = ${Math.round(10 ** value)}`} data-testid="width" {...handlers}>
          <rect className="catch" width={length + 24} height="38" />
          <g transform="translate(12 10)">
            <path className="trk" d={`M0 0H${length}`} /><path className="trk on" d={`M0 0H${x(value)}`} />
            {DECADES.map((k) => <path key={k} className="tick" d={`M${x(k)} 6V9`} />)}
            <circle className="knob" cx={x(value)} cy="0" r="7" />
          </g>
        </svg>
        {DECADES.map((k) => <span key={k} className="lb sl-t" style={{ left: 12 + x(k) }}><Formula tex={`10^{${k}}`} /></span>)}
      </div>
    </div>
  )
}

function Seed({ seed }) {
  const send = useSend(), [draft, setDraft] = useState(null)
  useEffect(() => setDraft(null), [seed])
  const commit = (text) => {
    const value = Math.trunc(Number(text))
    if (text.trim() === "" || !Number.isFinite(value) || value < 0) return setDraft(null)
    if (value !== seed) send({ type: "seed", seed: value })
    return undefined
  }
  const onKeyDown = (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (by) { event.preventDefault(); const next = String(Math.max(0, (Number(event.target.value) || 0) + by)); setDraft(next); commit(next) }
    else if (event.key === "Enter") commit(event.target.value)
    else if (event.key === "Escape") { setDraft(null); event.target.blur() }
  }
  const shown = draft ?? String(seed)
  return (
    <label className="seed muted sm" title="Seed of the simulation; arrow keys step it">seed
      <input inputMode="numeric" data-testid="seed" value={shown} style={{ width: `${Math.max(1, shown.length) + 1.2}ch` }} onChange={(event) => setDraft(event.target.value.replace(/\D/g, "").slice(0, 9))}
        onBlur={(event) => { if (draft !== null) commit(event.target.value) }} onKeyDown={onKeyDown} />
    </label>
  )
}
