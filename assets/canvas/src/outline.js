// The drawing in sentences, one for each vector, scalar, input and output, in the order of the program.
import { plain } from "./plain.js"

const INITIAL = { initial: "initial vector", input: "input", scalar: "initial scalar", vector: "vector without a source", output: "output that reads nothing" }
const GATES = { gate: "Nonlin", lincomb: "LinComb", moment: "Moment" }
const listed = (words) => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

/** `[{id, text}]`; `moments` maps a name to its E Z². */
export function outlineOf(scene, moments, order) {
  const nodes = new Map(scene.nodes.map((n) => [n.id, n])), into = new Map(), from = new Map()
  for (const edge of scene.edges) {
    into.set(edge.target, [...(into.get(edge.target) || []), edge])
    from.set(edge.source, [...(from.get(edge.source) || []), edge])
  }
  const say = (id) => id.startsWith("gate:") ? id.slice(5) : id.startsWith("ghost:") ? "a missing vector" : id
  const gateName = (gate) => `${GATES[gate.kind] || "gate"}${gate.tex && plain(gate.tex) !== "+" ? ` ${plain(gate.tex)}` : ""}`
  const sources = (id) => (into.get(id) || []).slice().sort((a, b) => a.slot - b.slot).map((e) => (e.coefficient ? `${plain(e.coefficient)} ` : "") + say(e.source))
  const madeOf = (node) => {
    const edges = into.get(node.id) || []
    if (node.kind === "output") return edges.length ? `output, reads out ${listed(edges.map((e) => say(e.source)))}` : INITIAL.output
    const gate = edges.map((e) => nodes.get(e.source)).find((n) => n && n.id.startsWith("gate:"))
    if (gate) { const args = sources(gate.id); return args.length ? `${gateName(gate)} of ${listed(args)}` : `${gateName(gate)} without inputs` }
    const product = edges.find((e) => e.kind === "matmul")
    if (product) return `MatMul of ${plain(product.tex) || "a matrix"} with ${say(product.source)}`
    return edges.length ? `the same as ${say(edges[0].source)}` : node.kind === "initial" || !node.tex ? INITIAL[node.kind] || node.kind : INITIAL[node.kind] || node.kind
  }
  const leads = (node) => {
    const out = (from.get(node.id) || []).map((e) => {
      const target = nodes.get(e.target)
      if (e.kind === "readout") return `read out by ${say(e.target)}`
      if (e.kind === "matmul") return `${plain(e.tex) || "a matrix"} times it is ${say(e.target)}`
      return target && e.target.startsWith("gate:") ? `goes to gate ${plain(target.tex) || GATES[target.kind] || ""} of ${say(e.target)}` : `goes to ${say(e.target)}`
    })
    return [...new Set(out)]
  }
  const rank = new Map(order.map((name, i) => [name, i]))
  const shown = scene.nodes.filter((n) => !n.id.startsWith("gate:") && n.kind !== "ghost").sort((a, b) => (rank.get(a.id) ?? 1e9) - (rank.get(b.id) ?? 1e9))
  return shown.map((node) => {
    const to = leads(node), gate = nodes.get(`gate:${node.id}`), problem = node.error ?? gate?.error
    const text = `${node.id}: ${[madeOf(node), ...to].join(", ")}${moments.has(node.id) ? `; E Z² = ${moments.get(node.id)}` : ""}${problem ? `. Problem: ${problem.replace(/\n/g, " ")}` : ""}.`
    return { id: node.id, text: text.replace(/\.\.$/, ".") }
  })
}
