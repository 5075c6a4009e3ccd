// The numbers of a line of program text: where they stand, and what they may become.
const NUMBER = /(?<![\p{L}\p{N}_.])(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])/gu
const LARGEST_EXPONENT = 64

/** Numbers `{from, to, value, least, most, whole, twin}` of a line; a minus that belongs to a number is part of it. */
export function numbersOf(line) {
  const hash = line.indexOf("#"), code = hash < 0 ? line : line.slice(0, hash), found = []
  for (const match of code.matchAll(NUMBER)) {
    let from = match.index
    const to = from + match[0].length, before = code.slice(0, from), after = code.slice(to)
    if (/(?:^|[(\[,=~/*+>-])\s*-$/.test(before) && !/^\s*\*\*/.test(after)) from -= 1
    const number = { from, to, value: Number(code.slice(from, to)), least: -Infinity, most: Infinity, whole: false, twin: null }
    const power = /\*\*\s*$/.test(code.slice(0, from))
    if (power) Object.assign(number, { whole: !/[.eE]/.test(match[0]), least: -LARGEST_EXPONENT, most: LARGEST_EXPONENT })
    if (power && number.whole && number.value >= 0) number.least = 0
    if (/^\s*\*\*/.test(after)) number.least = 0
    if (/^\s*width\b/.test(code)) number.positive = true
    found.push(number)
  }
  return withDistribution(code, found)
}

/** A variance is not negative; a covariance stands on both sides of the diagonal and keeps the matrix positive semidefinite. */
function withDistribution(code, found) {
  const normal = /~\s*N\s*\(/.exec(code)
  if (!normal) return found
  const inside = parts(code, normal.index + normal[0].length)
  if (inside.length !== 2) return found
  const [, [start, end]] = inside, rows = code.slice(start, end).trim().startsWith("[") ? matrix(code, start) : null
  for (const number of found) {
    if (number.from < start || number.to > end) continue
    if (!rows) { if (factor(code, number, start, end)) number.least = 0; continue }
    const i = rows.findIndex((row) => row.some(([a, b]) => a <= number.from && number.to <= b))
    const j = i < 0 ? -1 : rows[i].findIndex(([a, b]) => a <= number.from && number.to <= b)
    if (i < 0) continue
    if (i === j) number.least = 0
    const values = rows.map((row) => row.map(([a, b]) => Number(code.slice(a, b).trim() || NaN)))
    const opposite = i !== j && rows[j]?.[i]
    number.twin = opposite && values[i][j] === values[j][i] ? found.find((other) => opposite[0] <= other.from && other.to <= opposite[1]) || null : null
    if (values.every((row) => row.length === rows.length && row.every(Number.isFinite))) {
      number.fits = (value) => semidefinite(values.map((row, a) => row.map((x, b) => (a === i && b === j) || (number.twin && a === j && b === i) ? value : x)))
    }
  }
  return found
}

/** The number stands alone, or only products and quotients stand around it: its sign is that of the whole. */
function factor(code, { from, to }, start, end) {
  return /^[\s\w.*/()]*$/.test(code.slice(start, from) + code.slice(to, end))
}

/** Spans between commas of a bracket that opened before `start`. */
function parts(code, start) {
  const out = []
  let depth = 0, last = start
  for (let i = start; i < code.length; i++) {
    const c = code[i]
    if ((c === ")" || c === "]") && depth === 0) { out.push([last, i]); return out }
    if (c === "," && depth === 0) { out.push([last, i]); last = i + 1 }
    depth += (c === "(" || c === "[") - (c === ")" || c === "]")
  }
  return []
}

function matrix(code, start) {
  return parts(code, code.indexOf("[", start) + 1).map(([a, b]) => {
    const open = code.indexOf("[", a)
    return open >= 0 && open < b ? parts(code, open + 1) : []
  })
}

/** By elimination, with a little room for rounding. */
function semidefinite(rows) {
  const a = rows.map((row) => [...row]), size = Math.max(1e-300, ...a.flat().map(Math.abs)), k = a.length
  for (let p = 0; p < k; p++) {
    if (a[p][p] < -1e-12 * size) return false
    if (a[p][p] <= 1e-12 * size) {
      if (a[p].slice(p + 1).some((x) => Math.abs(x) > 1e-9 * size)) return false
      continue
    }
    for (let i = p + 1; i < k; i++) { const f = a[i][p] / a[p][p]; for (let j = p; j < k; j++) a[i][j] -= f * a[p][j] }
  }
  return true
}

/** How much a pixel changes: 1 % of the value, or 0.01; an eighth of a whole number. */
export const perPixel = ({ value, whole }) => whole ? 1 / 8 : Math.abs(value) > 1e-9 ? Number((Math.abs(value) * 0.01).toPrecision(1)) : 0.01

/** How much a key changes: the second digit of the value; going down from 1 that is 0.1 too. */
export function perKey({ value, whole }, down) {
  if (whole) return 1
  const size = Math.abs(value) * (down === value > 0 ? 1 - 1e-9 : 1)
  return size < 1e-9 ? 0.1 : Number((10 ** (Math.floor(Math.log10(size)) - 1)).toPrecision(1))
}

/** The legal value nearest to `wanted`, rounded to `step`, as it is written; null where there is none. */
export function written(number, wanted, step) {
  const unit = number.whole ? 1 : step
  let value = Number((Math.round(wanted / unit) * unit).toPrecision(6))
  value = Math.min(number.most, Math.max(number.least, number.positive ? Math.max(step, value) : value))
  if (number.fits && !number.fits(value)) return null
  return String(value === 0 ? 0 : value)
}
