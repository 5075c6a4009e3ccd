// Mathematics and running text with mathematics. Strings from Python are typeset by KaTeX without trust or shown as text, never as HTML.
import katex from "katex"
import { memo } from "react"
import fontFaces from "virtual:katex-fonts"
import { plain } from "./plain.js"

const OPTIONS = { output: "html", trust: false, strict: "ignore", throwOnError: true, maxExpand: 200, maxSize: 20 }
const cache = new Map()

/** A browser ignores @font-face inside a shadow root, so the faces stand in the document's head. */
export function installFonts() {
  if (document.getElementById("tpviz-fonts")) return
  const style = document.createElement("style")
  style.id = "tpviz-fonts"
  style.textContent = fontFaces
  document.head.appendChild(style)
}

function typeset(tex) {
  if (!cache.has(tex)) {
    if (cache.size > 2000) cache.clear()
    let html = null
    try { html = katex.renderToString(tex, OPTIONS) } catch { /* shown as it was written */ }
    cache.set(tex, html)
  }
  return cache.get(tex)
}

export const Formula = memo(function Formula({ tex }) {
  const html = typeset(String(tex ?? ""))
  return html === null ? <span className="raw-tex">{tex}</span> : <span className="tex" role="math" aria-label={plain(tex)} dangerouslySetInnerHTML={{ __html: html }} />
})

/** Typesets into an element that React does not own. */
export function typesetInto(element, tex) {
  const html = typeset(String(tex))
  if (html === null) element.textContent = tex
  else { element.className = "tex"; element.innerHTML = html }
}

/** A list of `{text}` and `{tex}` parts, or one string. */
export function Rich({ parts }) {
  if (!parts) return null
  if (typeof parts === "string") return <>{parts}</>
  return parts.map((part, i) => part.tex === undefined ? <span key={i} className="words">{part.text}</span> : <Formula key={i} tex={part.tex} />)
}
