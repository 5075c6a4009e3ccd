// Problems in the text: wavy underlines, their sentence on hover with the button that fixes it, and the key that does so at the caret.
import { forEachDiagnostic, setDiagnostics } from "@codemirror/lint"

/** The problems of the protocol as diagnostics of the editor's text; `changes` lead to it from Python's text `server`. */
export function diagnosticsOf(problems, server, changes, fix) {
  return problems.flatMap((problem) => {
    if (problem.line > server.lines) return []
    const line = server.line(problem.line), clip = (column) => Math.min(Math.max(line.from, line.from + column - 1), line.to)
    let from = changes.mapPos(clip(problem.column), 1), to = changes.mapPos(clip(problem.end), -1)
    if (to < from) [from, to] = [to, from]
    if (problem.severity !== "warning" && to === from) from = Math.max(changes.mapPos(line.from, 1), from - 1)
    return [{
      from, to, severity: problem.severity === "warning" ? "warning" : "error", message: problem.message, problem,
      renderMessage: () => sentence(problem),
      actions: problem.fix ? [{ name: problem.fix, apply: () => fix(problem) }] : [],
    }]
  })
}

/** A message with its hint; what stands between backquotes is program text. */
function sentence({ message, hint }) {
  const box = document.createElement("span")
  for (const [i, part] of `${message}${hint ? ` ${hint}` : ""}`.split("`").entries()) box.appendChild(document.createElement(i % 2 ? "code" : "span")).textContent = part
  return box
}

export const showProblems = (state, found) => setDiagnostics(state, found)

/** The problem that the fix key means: at the caret, else on its line, else the first one that has a fix. */
export function problemToFix(state) {
  const at = state.selection.main.head, line = state.doc.lineAt(at)
  let best = null, rank = 4
  forEachDiagnostic(state, ({ problem }, from, to) => {
    if (!problem?.fix) return
    const mine = from <= at && at <= to ? 1 : from <= line.to && line.from <= to ? 2 : 3
    if (mine < rank) { rank = mine; best = problem }
  })
  return best
}
