// Colouring of one line of program text, as runs of characters with a class.
const KEYWORD = /^(width|input|embedding|matrix|vector|scalar|function|readout|output)\b/
const NUMBER = /(?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w])/g

/** Runs `{text, name}` of `line`; `problems` mark the columns [column, end), counted from 1. */
export function runs(line, problems = []) {
  const names = new Array(line.length).fill("")
  const paint = (from, to, name) => { for (let i = Math.max(0, from); i < Math.min(to, line.length); i++) names[i] = names[i] ? `${names[i]} ${name}` : name }
  const hash = line.indexOf("#"), code = hash < 0 ? line : line.slice(0, hash)
  if (hash >= 0) paint(hash, line.length, "comment")
  const keyword = KEYWORD.exec(code)
  if (keyword) paint(0, keyword[0].length, "keyword")
  for (const match of code.matchAll(NUMBER)) paint(match.index, match.index + match[0].length, "number")
  for (const { column, end, severity } of problems) paint(column - 1, Math.max(end, column + 1) - 1, severity === "warning" ? "wavy warn" : "wavy")
  const result = []
  for (let i = 0; i < line.length; i++) {
    const last = result.at(-1)
    if (last && last.name === names[i]) last.text += line[i]
    else result.push({ text: line[i], name: names[i] })
  }
  return result
}

/** For each line of `now` the line of `then` that it was, or -1: equal lines at the start and at the end are the same lines. */
export function correspondence(then, now) {
  const map = new Array(now.length).fill(-1)
  let start = 0
  while (start < then.length && start < now.length && then[start] === now[start]) { map[start] = start; start++ }
  for (let i = now.length - 1, j = then.length - 1; i >= start && j >= start && then[j] === now[i]; i--, j--) map[i] = j
  return map
}

/** Where the caret at `at` in `before` belongs in `after`. */
export function movedCaret(before, after, at) {
  let start = 0
  while (start < at && before[start] === after[start]) start++
  return start === at ? at : Math.max(start, at + after.length - before.length)
}
