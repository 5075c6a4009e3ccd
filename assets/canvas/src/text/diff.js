// What has to change to come from one text to another: whole lines that stay are kept, and of a changed line only its middle.
const MOST = 1_000_000       // cells of the table of common lines; beyond it the middle is one change

/** Changes `{from, to, insert}` that turn `a` into `b`, in order. Python's `text_link.spans` finds the same ones. */
export function changesBetween(a, b) {
  if (a === b) return []
  const x = a.split("\n"), y = b.split("\n")
  let top = 0, end = 0
  while (top < x.length && top < y.length && x[top] === y[top]) top++
  while (end < x.length - top && end < y.length - top && x[x.length - 1 - end] === y[y.length - 1 - end]) end++
  const starts = offsets(x), changes = []
  const add = (i, j, k, l) => {          // lines i…j of a are lines k…l of b
    if (i === j && k === l) return
    const from = starts[i], to = starts[j], insert = y.slice(k, l).map((line) => `${line}\n`).join("")
    changes.push(trimmed(a, { from, to, insert }))
  }
  const n = x.length - top - end, m = y.length - top - end
  if (n * m > MOST || n === m) {
    if (n === m) for (let i = 0; i < n; i++) { if (x[top + i] !== y[top + i]) add(top + i, top + i + 1, top + i, top + i + 1) }
    else add(top, top + n, top, top + m)
  } else {
    let i = 0, k = 0
    for (const [p, q] of common(x.slice(top, top + n), y.slice(top, top + m))) {
      add(top + i, top + p, top + k, top + q)
      i = p + 1
      k = q + 1
    }
    add(top + i, top + n, top + k, top + m)
  }
  return inside(changes, a.length)
}

/** Where each line starts, and where the text would go on after the last one. */
function offsets(lines) {
  const at = [0]
  for (const line of lines) at.push(at.at(-1) + line.length + 1)
  return at
}

function trimmed(a, { from, to, insert }) {
  while (from < to && insert && a[from] === insert[0]) { from++; insert = insert.slice(1) }
  while (to > from && insert && (to > a.length ? "\n" : a[to - 1]) === insert.at(-1)) { to--; insert = insert.slice(0, -1) }
  return { from, to, insert }
}

/** The last line has no line break of its own: a change that would take or give one takes or gives that of the line before. */
function inside(changes, length) {
  return changes.map((change) => {
    let { from, to, insert } = change
    if (to <= length) return change
    const over = to - length
    to = length
    if (insert.endsWith("\n")) return { from: Math.min(from, length), to, insert: from > length ? `\n${insert.slice(0, -1)}` : insert.slice(0, -1) }
    return over && from > 0 ? { from: from - 1, to, insert } : { from, to, insert }
  })
}

/** A longest common subsequence of lines, as pairs of indices. */
function common(x, y) {
  const w = y.length + 1, table = new Uint32Array((x.length + 1) * w)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) table[i * w + j] = x[i] === y[j] ? table[(i + 1) * w + j + 1] + 1 : Math.max(table[(i + 1) * w + j], table[i * w + j + 1])
  }
  const pairs = []
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    if (x[i] === y[j]) pairs.push([i++, j++])
    else if (table[(i + 1) * w + j] >= table[i * w + j + 1]) i++
    else j++
  }
  return pairs
}
