// For those who listen: the drawing as a list of sentences, and what changed, said politely.
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react"
import { useParam } from "./link.jsx"
import { outlineOf } from "./outline.js"
import { plain } from "./plain.js"

const QUIET = 1200       // ms between two announcements of results

function useOutline() {
  const scene = useDeferredValue(useParam("scene")), text = useParam("text")
  const spoken = JSON.stringify((text.lines || []).filter((line) => line.node).map((line) => [line.node, line.moment]))
  return useMemo(() => {
    const lines = JSON.parse(spoken)
    return outlineOf(scene, new Map(lines.filter(([, moment]) => moment).map(([node, moment]) => [node, plain(moment)])), lines.map(([node]) => node))
  }, [scene, spoken])
}

export function Outline() {
  const lines = useOutline(), problems = useParam("text").problems || [], selection = useParam("selection"), results = useParam("results")
  return (
    <>
      <section className="unseen" aria-labelledby="tp-outline" data-testid="outline">
        <h2 id="tp-outline">Outline of the drawing</h2>
        <p>{lines.length === 1 ? "One node" : `${lines.length} nodes`}{problems.length > 0 && `, ${problems.length === 1 ? "one problem" : `${problems.length} problems`}`}. Arrow keys walk the drawing, question mark lists all keys.</p>
        <ul>{lines.map(({ id, text }) => <li key={id} data-node={id}>{text}</li>)}</ul>
      </section>
      <Announcer lines={lines} problems={problems} selection={selection} results={results} />
    </>
  )
}

function Announcer({ lines, problems, selection, results }) {
  const [said, setSaid] = useState(""), latest = useRef(lines)
  latest.current = lines
  const nodes = selection.nodes || [], chosen = nodes.join("\n"), edges = (selection.edges || []).length
  useChanged(chosen, () => {
    const one = nodes.length === 1 && latest.current.find(({ id }) => id === nodes[0].replace(/^gate:/, ""))
    setSaid(nodes.length > 1 ? `${nodes.length} nodes selected` : one ? (nodes[0].startsWith("gate:") ? `Gate of ${one.text}` : one.text) : edges ? "An edge is selected" : "Nothing is selected")
  })
  const worst = problems.length ? `${problems[0].severity === "warning" ? "Warning" : "Problem"} in line ${problems[0].line}: ${problems[0].message.replace(/`/g, "")}` : ""
  useChanged(worst, () => setSaid(worst || "No problems"))
  const status = results?.status, done = status && !status.busy && !status.stale ? JSON.stringify([status.error, status.limit, lines.map(({ text }) => /E Z² = [^.;]*\d/.exec(text)?.[0]).filter(Boolean), results.width?.text]) : null
  const pending = useRef(null), before = useRef(null)
  useEffect(() => {                     // what a slider gives on its way is not said: only what has stood for a moment
    if (done === null || done === before.current) return undefined
    pending.current = setTimeout(() => {
      const first = before.current === null
      before.current = done
      if (status.error) setSaid(`No limit: ${status.error}`)
      else if (!first || lines.length) {
        const last = latest.current.filter(({ text }) => text.includes("E Z² = ")).at(-1)
        setSaid(`Limit updated${status.limit ? `: ${status.limit.replace(/^Limit /, "")}` : ""}.${last ? ` ${last.id}: ${/E Z² = [^.;]*(?:\.\d+)?/.exec(last.text)[0]}.` : ""} Width ${results.width?.text}.`)
      }
    }, QUIET)
    return () => clearTimeout(pending.current)
  }, [done])                            // eslint-disable-line
  return <div className="unseen" aria-live="polite" aria-atomic="true" data-testid="announcer">{said}</div>
}

/** Calls `tell` when `value` changes, not at first. */
function useChanged(value, tell) {
  const had = useRef(value)
  useEffect(() => {
    if (had.current === value) return
    had.current = value
    tell()
  }, [value])                           // eslint-disable-line
}
