// What the command palette finds, and how well it fits what was typed.
import { keyName } from "./keyboard.js"
import { nodeName } from "./nodes.jsx"
import { plain } from "./plain.js"

const START = /[\s:.,()/-]/

/** How well the letters of `word` occur in `text`, in order: 0 not at all; more for the start of words and for runs. */
function fit(word, text) {
  const whole = text.indexOf(word)
  if (whole >= 0) return 100 + word.length * 4 + (whole === 0 ? 40 : START.test(text[whole - 1]) ? 25 : 0) - Math.min(20, text.length / 6)
  let at = -1, score = 0
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1)
    if (next < 0) return 0
    score += next === at + 1 ? 4 : next === 0 || START.test(text[next - 1]) ? 6 : 1
    at = next
  }
  return score < word.length * 2.5 ? 0 : score     // letters scattered over a long sentence are no match
}

/** Every word of the query must be found in the label, or in the keywords, which count less. */
export function score(query, { label, keywords = "" }) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean), text = label.toLowerCase(), more = keywords.toLowerCase()
  let sum = 0
  for (const word of words) {
    const best = Math.max(fit(word, text), more.includes(word) ? 60 + (START.test(more[more.indexOf(word) - 1] || " ") ? 10 : 0) : 0)
    if (!best) return 0
    sum += best
  }
  return sum
}

/** The best of the entries, at most `limit`; without a query all, the recent ones first. What cannot be done now comes last. */
export function find(entries, query, recent, limit = query.trim() ? 80 : Infinity) {
  const rank = (entry) => { const at = recent.indexOf(entry.id); return at < 0 ? 0 : recent.length - at }
  const found = query.trim()
    ? entries.map((entry) => ({ entry, points: score(query, entry) })).filter(({ points }) => points > 0).map((f) => ({ ...f, points: f.points + rank(f.entry) }))
    : entries.filter((entry) => !entry.quiet).map((entry) => ({ entry, points: rank(entry) }))
  const least = query.trim() ? Math.max(0, ...found.map((f) => f.points)) / 4 : -1      // beside a whole word, scattered letters are noise
  return found.filter((f) => f.points >= least).map((f, i) => ({ ...f, i })).sort((a, b) => (a.entry.off ? 1 : 0) - (b.entry.off ? 1 : 0) || b.points - a.points || a.i - b.i).slice(0, limit).map((f) => f.entry)
}

/** All that the palette knows: the table of actions, the examples, the nodes and matrices of the drawing, the vectors for Distribution. */
export function entriesOf({ actions, examples, scene, results, perform, send, canvas }) {
  const out = actions.filter((a) => a.name !== "overlay:palette").map((a) => ({
    id: a.name, label: a.group === "Export" && !/export/i.test(a.label) ? `Export as ${a.label}` : a.group === "Draw" && a.menu === "tool" && a.name !== "tool:select" ? `Add: ${a.label}` : a.label,
    keywords: `${a.keywords || ""} ${a.group} ${a.help || ""}`, group: a.group, key: a.keys?.[0] && keyName(a.keys[0]), on: a.checked === true,
    off: a.enabled === false ? a.needs || "Not possible now" : "", run: () => perform(a.name),
  }))
  for (const e of examples) out.push({ id: `example:${e.id}`, label: `Open example: ${e.title}`, keywords: `${e.id} ${e.subtitle}`, group: "Examples", run: () => send({ type: "example", id: e.id }) })
  const goTo = (nodes, edges = []) => canvas()?.choose({ nodes, edges })
  for (const n of scene.nodes) {
    if (n.kind === "ghost") continue
    const made = n.id.startsWith("gate:")
    out.push({ id: `node:${n.id}`, label: made ? `Gate of ${n.id.slice(5)}` : n.id, keywords: `${nodeName(n)} ${plain(n.tex || "")} node go to`, group: "Go to", quiet: true, run: () => goTo([n.id]) })
  }
  const products = new Map()
  for (const edge of scene.edges) if (edge.tex && edge.kind !== "wire") products.set(edge.tex, [...(products.get(edge.tex) || []), edge.id])
  for (const [tex, ids] of products) out.push({ id: `edges:${tex}`, label: plain(tex), keywords: "matrix MatMul edges select go to", group: ids.length === 1 ? "Go to" : `Go to ${ids.length} edges`, quiet: true, run: () => goTo([], ids) })
  for (const { name } of results?.distribution?.options || [])
    out.push({ id: `distribution:${name}`, label: `Distribution of ${name}`, keywords: "histogram density coordinates", group: "Results", quiet: true,
      run: () => { send({ type: "tab", tab: "distribution" }); send({ type: "distribution", vector: name }) } })
  return out
}
