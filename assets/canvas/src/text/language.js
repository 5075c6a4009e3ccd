// The program text as CodeMirror reads it: keywords, comments, numbers.
import { StreamLanguage, syntaxHighlighting } from "@codemirror/language"
import { tagHighlighter, tags } from "@lezer/highlight"

export const KEYWORDS = ["constant", "width", "input", "embedding", "matrix", "vector", "scalar", "function", "readout", "bias", "output"]
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*/u
const NUMBER = /(?:\d[\d_]*(?:\.[\d_]*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/u

const parser = {
  name: "tensor program",
  token(stream) {
    if (stream.eatSpace()) return null
    if (stream.match("#", false)) { stream.skipToEnd(); return "comment" }
    if (stream.match(NUMBER)) return "number"
    const word = stream.match(WORD)
    if (word) {
      const first = !stream.string.slice(0, stream.start).trim()
      return first && KEYWORDS.includes(word[0]) && !stream.match(/\s*=/, false) ? "keyword" : "variableName"
    }
    stream.next()
    return null
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "["] } },
}

const classes = tagHighlighter([{ tag: tags.keyword, class: "keyword" }, { tag: tags.comment, class: "comment" }, { tag: tags.number, class: "number" }])

export const programLanguage = [StreamLanguage.define(parser), syntaxHighlighting(classes)]
