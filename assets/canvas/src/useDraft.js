// The text while it is edited: sent a moment after the last key, and Python's text taken over when the user is not typing.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"
import { movedCaret } from "./syntax.js"

const PAUSE = 300        // ms after the last key until the text is sent
const ANSWER = 3000      // ms for which a sent text may go unanswered before Python's text wins

export function useDraft(source, area, send) {
  const [text, setText] = useState(source)
  const state = useRef({ text: source, timer: null, sent: null, sentAt: 0 }).current

  const put = useCallback((next) => { state.text = next; setText(next) }, [state])
  const flush = useCallback(() => {
    if (state.timer === null) return
    clearTimeout(state.timer)
    state.timer = null
    state.sent = state.text
    state.sentAt = Date.now()
    send({ type: "text", source: state.text })
  }, [state, send])
  const edit = useCallback((next) => {
    put(next)
    clearTimeout(state.timer)
    state.timer = setTimeout(flush, PAUSE)
  }, [state, put, flush])

  useEffect(() => {
    if (state.timer !== null) return undefined                       // still typing: our text is newer
    if (source === state.sent || state.sent === null) { state.sent = null; put(source); return undefined }
    const wait = ANSWER - (Date.now() - state.sentAt)
    const take = () => { state.sent = null; if (state.timer === null) put(source) }
    if (wait <= 0) { take(); return undefined }
    const later = setTimeout(take, source === state.text ? 0 : 400)  // an answer to an earlier text, unless nothing newer follows
    return () => clearTimeout(later)
  }, [source])           // eslint-disable-line

  useLayoutEffect(() => {
    const field = area.current
    if (!field || field.value === text) return
    const { selectionStart, selectionEnd, value } = field
    field.value = text
    field.setSelectionRange(movedCaret(value, text, selectionStart), movedCaret(value, text, selectionEnd))
  }, [text, area])
  useEffect(() => () => clearTimeout(state.timer), [state])
  return { text, edit, flush }
}
