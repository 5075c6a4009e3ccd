// Completion: names in scope by the part they play, functions, keywords with templates. Python says what the names are.
import { snippetCompletion } from "@codemirror/autocomplete"
import { KEYWORDS } from "./language.js"

const FUNCTIONS = {
  relu: "max(z, 0)", leaky_relu: "z where z > 0, else a·z", abs: "|z|", sign: "−1, 0 or 1", step: "1 where z > 0, else 0", erf: "error function", tanh: "hyperbolic tangent",
  sigmoid: "1/(1 + exp(−z))", softplus: "log(1 + exp(z))", gelu: "z Φ(z), exact", silu: "z·sigmoid(z)", exp: "exponential", log: "natural logarithm", sqrt: "square root",
  sin: "sine", cos: "cosine", maximum: "the larger of two", minimum: "the smaller of two", clip: "z cut to [a, b]", mean: "a Moment: the average over coordinates, alone on its line",
  quotient: "(φ(μ + εν) − φ(μ))/ε",
}
const ARGUMENTS = { leaky_relu: "${1:z}, ${2:0.1}", maximum: "${1:x}, ${2:y}", minimum: "${1:x}, ${2:y}", clip: "${1:z}, ${2:-1}, ${3:1}", quotient: "${1:phi}, ${2:mu}, ${3:nu}, ${4:eps}" }
const TEMPLATES = {
  constant: ["constant ${1:sw2} = ${2:2}", "a number with a name"], width: ["width ${1:m} = ${2:2}*n", "a class of vectors, a multiple of another one wide"],
  input: ["input ${1:xi} = [${2:1.0, 0.5}]", "a network input in R^d"], embedding: ["embedding ${1:U} ~ N(0, ${2:1}/d)", "n × d, for inputs"],
  matrix: ["matrix ${1:W} ~ N(0, ${2:1}/n)", "n × n with iid Gaussian entries"], vector: ["vector ${1:b} ~ N(${2:0}, ${3:1})", "an initial vector, iid coordinates"],
  scalar: ["scalar ${1:eps} = ${2:0.01}", "an initial scalar"], function: ["function ${1:phi}(z) = ${2:relu(z)}", "a named nonlinearity"],
  readout: ["readout ${1:v} ~ N(0, ${2:1})", "the readout's entries"], bias: ["bias ${1:c} ~ N(0, ${2:0.1})", "an output bias, one number"],
  output: ["output ${1:f} = ${2:v}.T @ ${3:x} / sqrt(n)", "the network's scalar output"],
}
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*$/u
const ROLE = { vector: "vector", readout: "vector", scalar: "scalar", constant: "constant", matrix: "matrix", embedding: "matrix", function: "function", input: "input", bias: "scalar", width: "class", output: "output" }

/** `program()` is the protocol's `text`. */
export const completing = (program) => (context) => {
  const line = context.state.doc.lineAt(context.pos), before = line.text.slice(0, context.pos - line.from)
  if (before.includes("#")) return null
  const word = WORD.exec(before)?.[0] ?? "", head = before.slice(0, before.length - word.length)
  if (/[\d.]$/.test(head) && !context.explicit) return null          // the T of a transpose, the e of a number
  if (!word && !context.explicit && !/@ ?$/.test(head)) return null
  const options = offered(head, program(), line, context.state.doc).filter((option) => option.label.startsWith(word) || context.explicit)
  if (!context.explicit && options.some((option) => option.label === word)) return null     // it is whole: keys belong to the text
  return options.length ? { from: context.pos - word.length, options } : null
}

function offered(head, program, line, doc) {
  const above = program.names.filter((n) => n.line !== line.number), free = fresh(program.names)
  const named = (...roles) => above.filter((n) => roles.includes(n.role)).map((n) => known(n, program, line, doc))
  if (!head.trim()) return KEYWORDS.map((keyword) => template(keyword, free))
  if (/@\s*$/.test(head)) {
    const matrix = /([\p{L}\p{N}_]+)(?:\s*\.\s*T)?\s*@\s*$/u.exec(head)?.[1], embeds = program.names.find((n) => n.name === matrix)?.role === "embedding"
    return embeds ? named("input") : named("vector", "readout", ...(/^\s*output\b/.test(head) ? [] : ["input"]))
  }
  if (/~\s*$/.test(head)) return [snippetCompletion("N(${1:0}, ${2:1})", { label: "N", detail: "mean, variance", type: "function" })]
  if (/^\s*(matrix|embedding|vector|readout)\s[^~]*(:|\sx)\s*[\p{L}\p{N}_]*$/u.test(head)) return [base(), ...named("width")]
  if (/^\s*(constant|width|matrix|embedding|vector|scalar|readout|bias|input)\b[^=~]*$/.test(head)) return []
  if (/^\s*(constant|width|matrix|embedding|vector|scalar|readout|bias|input)\b/.test(head)) return [...named("constant", ...(/^\s*width/.test(head) ? ["width"] : [])), ...calls(["sqrt", "exp", "log"])]
  if (/^\s*function\b/.test(head)) {
    const parameters = /\(([^()]*)\)\s*=/.exec(head)?.[1]
    return parameters === undefined ? [] : [...parameters.split(",").map((p) => ({ label: p.trim(), type: "scalar", detail: "parameter", boost: 2 })).filter((p) => p.label), ...named("function", "constant"), ...calls()]
  }
  if (/^\s*output\b/.test(head)) return /=/.test(head) ? named("readout", "bias", "constant") : []
  const start = /=\s*$/.test(head) && !/[(]/.test(head)
  return [...named("vector", "readout", "scalar", "constant", "function"), ...(start ? [...named("matrix", "embedding").map((o) => ({ ...o, apply: `${o.label} @ ` })), ...calls(["mean"])] : []), ...calls()]
}

const calls = (which = Object.keys(FUNCTIONS).filter((f) => f !== "mean")) => which.map((name) => snippetCompletion(`${name}(${ARGUMENTS[name] || "${1:z}"})`, { label: name, type: "function", detail: "function", info: FUNCTIONS[name], boost: -1 }))
const base = () => ({ label: "n", type: "class", detail: "class", info: "the base width" })

function known({ name, role, line, width }, program, here, doc) {
  const row = program.lines[line - 1], text = line <= doc.lines ? doc.line(line).text.replace(/\s*#.*/, "").trim() : ""
  const what = [row?.instruction && row.instruction !== "—" ? row.instruction : "", row?.kind, width && width !== "n" ? `class ${width}` : ""].filter(Boolean).join(" · ")
  const later = line > here.number
  return { label: name, type: ROLE[role] || "scalar", detail: later ? "defined below" : role, info: [text, what].filter(Boolean).join("\n"), boost: later ? -50 : role === "readout" ? -5 : Math.min(20, line / 20) }
}

/** A name for a new thing: the template's own, or the first with a number that is free. */
function fresh(names) {
  const taken = new Set(names.map((n) => n.name))
  return (stem) => { let k = 2, name = stem; while (taken.has(name)) name = `${stem}${k++}`; return name }
}

function template(keyword, free) {
  const [text, info] = TEMPLATES[keyword], body = text.replace(/^(\w+ \$\{1:)(\w+)/, (_all, start, stem) => start + free(stem))
  return snippetCompletion(body, { label: keyword, type: "keyword", detail: "keyword", info })
}
