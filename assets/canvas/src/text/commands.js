// The actions of the table that the text does itself, with their keys in CodeMirror's spelling.
export const TEXT_KEYS = {
  "fix": "Mod-.", "find": "Mod-f", "next-problem": "F8", "complete": "Ctrl-Space", "toggle-comment": "Mod-/", "line-up": "Alt-Shift-ArrowUp", "line-down": "Alt-Shift-ArrowDown",
  "number-up": "Alt-ArrowUp", "number-down": "Alt-ArrowDown",
}
export const TEXT_COMMANDS = new Set(Object.keys(TEXT_KEYS))
