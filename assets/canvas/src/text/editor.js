// The CodeMirror view of the program text: its parts put together, its keys, and how it talks to Python.
import { acceptCompletion, autocompletion, clearSnippet, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, completionStatus, startCompletion } from "@codemirror/autocomplete"
import { cursorMatchingBracket, deleteLine, moveLineDown, moveLineUp, standardKeymap, toggleComment } from "@codemirror/commands"
import { bracketMatching } from "@codemirror/language"
import { nextDiagnostic, linter, previousDiagnostic } from "@codemirror/lint"
import { closeSearchPanel, findNext, findPrevious, openSearchPanel, search, searchPanelOpen } from "@codemirror/search"
import { EditorState, Prec } from "@codemirror/state"
import { EditorView, closeHoverTooltips, drawSelection, hasHoverTooltips, keymap, tooltips } from "@codemirror/view"
import { TEXT_KEYS } from "./commands.js"
import { completing } from "./complete.js"
import { Draft, remote } from "./draft.js"
import { programLanguage } from "./language.js"
import { infoAt, lineInfo, margins, setInfo } from "./margin.js"
import { diagnosticsOf, problemToFix, showProblems } from "./problems.js"
import { nudge, scrubbing } from "./scrub.js"

const MAX_TEXT = 1_000_000
const SETTLE = 250       // ms after which the caret's line is taken as chosen
const FOLLOW = 1500      // ms for which an undo from the text may bring the caret along

/**
 * The editor in `parent`. `deeds`: `send(message)`, `keep(text)`, `choose(node)`, `fix(problem)`, `perform(action)`.
 * Gives `receive(param)`, `flush`, `focus`, `insert(text)`, `run(action)`, `goTo(problem)`, `destroy`.
 */
export function createEditor(parent, param, deeds) {
  const root = parent.getRootNode(), shell = parent.closest(".tp-root")
  let program = param, travelled = 0, caretTimer = null
  const draft = new Draft(param, (message) => deeds.send({ type: "text", ...message }), deeds.keep)
  const drafted = () => draft
  draft.begin = (id) => { draft.flush(); draft.drag = id }
  draft.end = () => { draft.flush(); draft.drag = null }

  const chooseLine = (line) => { const node = infoAt(view.state, line)?.node; if (node) deeds.choose(node) }
  const travel = (name) => () => { travelled = Date.now(); deeds.perform(name); return true }
  const fix = () => { const problem = problemToFix(view.state); if (problem) deeds.fix(problem); return true }
  const escape = (target) => {
    if (completionStatus(target.state)) return closeCompletion(target)
    if (hasHoverTooltips(target.state)) { target.dispatch({ effects: closeHoverTooltips.of(null) }); return true }
    if (clearSnippet(target)) return true
    if (searchPanelOpen(target.state)) return closeSearchPanel(target)
    target.contentDOM.blur()
    return true
  }

  const listener = EditorView.updateListener.of((update) => {
    const typed = update.transactions.filter((tr) => tr.docChanged && !tr.annotation(remote))
    if (typed.length) draft.changed(typed.length === update.transactions.filter((tr) => tr.docChanged).length ? update.changes : typed.map((tr) => tr.changes).reduce((a, b) => a.compose(b)), update.state.doc)
    clearTimeout(caretTimer)
    const { main } = update.state.selection
    if (update.selectionSet && !update.docChanged && main.empty && update.transactions.some((tr) => tr.isUserEvent("select"))) {
      const line = update.state.doc.lineAt(main.head)
      if (update.transactions.some((tr) => tr.isUserEvent("select.pointer"))) chooseLine(line)
      else caretTimer = setTimeout(() => { if (view.hasFocus) chooseLine(view.state.doc.lineAt(view.state.selection.main.head)) }, SETTLE)
    }
  })

  const commands = {
    "fix": fix, "find": openSearchPanel, "next-problem": nextDiagnostic, "complete": startCompletion, "toggle-comment": toggleComment, "line-up": moveLineUp, "line-down": moveLineDown,
    "number-up": nudge(1, drafted), "number-down": nudge(-1, drafted),
  }
  const keys = [
    { key: "Mod-y", run: travel("redo"), preventDefault: true },
    { key: "Escape", run: escape }, { key: "Tab", run: acceptCompletion },
    ...Object.entries(TEXT_KEYS).map(([name, key]) => ({ key, run: commands[name], scope: name === "find" ? "editor search-panel" : "editor" })),
    { key: "Mod-Shift-k", run: deleteLine }, { key: "Mod-Shift-\\", run: cursorMatchingBracket }, { key: "Shift-F8", run: previousDiagnostic }, { key: "F3", run: findNext, shift: findPrevious, scope: "editor search-panel", preventDefault: true },
    { key: "Mod-g", run: findNext, shift: findPrevious, scope: "editor search-panel", preventDefault: true }, { key: "Escape", run: closeSearchPanel, scope: "search-panel" },
  ]

  const view = new EditorView({
    root, parent,
    state: EditorState.create({
      doc: draft.doc,
      extensions: [
        programLanguage, margins(chooseLine), scrubbing(drafted), listener, bracketMatching(), closeBrackets(), drawSelection(), linter(null), search({ top: true }),
        autocompletion({ override: [completing(() => program)], icons: false, defaultKeymap: false, maxRenderedOptions: 60, activateOnCompletion: () => false }),
        tooltips({ parent: shell, position: "fixed" }), EditorState.tabSize.of(4),
        Prec.high(keymap.of([...completionKeymap.filter((b) => b.key !== "Escape"), ...keys])), keymap.of([...closeBracketsKeymap, ...standardKeymap]),
        EditorView.contentAttributes.of({ "data-testid": "text", tabindex: "0", "aria-label": "Program text", spellcheck: "false", autocorrect: "off", autocapitalize: "off", translate: "no" }),
        EditorState.changeFilter.of((tr) => tr.newDoc.length <= MAX_TEXT || !!tr.annotation(remote)),
        EditorView.domEventHandlers({
          keydown: (event) => {               // whatever Caps Lock makes of the letter
            if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return false
            return travel(event.shiftKey ? "redo" : "undo")()
          },
          blur: () => { draft.flush() },
          beforeinput: (event) => {           // undo from a menu of the browser is the document's undo, too
            const name = { historyUndo: "undo", historyRedo: "redo" }[event.inputType]
            if (!name) return false
            event.preventDefault()
            return travel(name)()
          },
        }),
      ],
    }),
  })
  view.contentDOM.programText = () => view.state.doc.toString()

  const show = () => {
    const pending = draft.pending()
    view.dispatch({ effects: setInfo.of(lineInfo(program.lines, draft.server, pending)) })
    view.dispatch(showProblems(view.state, diagnosticsOf(program.problems, draft.server, pending, deeds.fix)))
  }
  const seen = {}
  const bringIntoView = () => {        // the selected node's line, and the first problem's
    const current = program.lines.findIndex((row) => row.state === "current") + 1, wrong = program.problems[0]?.line ?? 0
    for (const [key, number] of [["current", current], ["wrong", wrong]]) {
      if (seen[key] === number) continue
      seen[key] = number
      if (number > 0 && number <= view.state.doc.lines && !view.hasFocus) view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(number).from, { y: "nearest", yMargin: 26, x: "start" }) })
    }
  }
  show()
  bringIntoView()

  return {
    receive(next) {
      program = next
      const changes = draft.receive(next)
      if (changes) {
        const spec = { changes, annotations: remote.of(true) }
        if (Date.now() - travelled < FOLLOW && view.hasFocus) {
          let end = null
          changes.iterChangedRanges((_a, _b, _from, to) => { end = to })
          if (end !== null) Object.assign(spec, { selection: { anchor: end }, scrollIntoView: true })
        }
        view.dispatch(spec)
      }
      show()
      bringIntoView()
    },
    flush: () => draft.flush(),
    focus: () => { view.focus(); return view.hasFocus },
    insert(text) { if (text) view.dispatch(view.state.replaceSelection(text), { userEvent: "input.type" }) },
    run: (name) => { view.focus(); commands[name](view); return true },
    goTo({ line, column, end }) {
      const { doc } = view.state, at = doc.line(Math.min(line, doc.lines)), clip = (c) => Math.min(at.to, at.from + Math.max(1, c) - 1)
      view.dispatch({ selection: { anchor: clip(column), head: clip(Math.max(column, end)) }, scrollIntoView: true })
      view.focus()
    },
    destroy() { clearTimeout(caretTimer); draft.close(); view.destroy() },
  }
}
