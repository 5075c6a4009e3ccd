// A link carries a program behind the #: it is read when the window starts and when the address changes, sent to Python, and taken out of
// the address, so that a reload shows the work and not the link again. What is behind the # was never sent to a server.
import { useEffect } from "react"

export const LONGEST = 100_000
const MARK = "#p="

export function useSharedLink(send, notify, off) {
  useEffect(() => {
    if (off) return undefined
    const take = () => {
      const { hash, pathname, search } = window.location
      if (!hash.startsWith(MARK)) return
      window.history.replaceState(window.history.state, "", pathname + search)
      if (hash.length > LONGEST) notify({ severity: "error", message: `The link has ${hash.length} characters; the limit is ${LONGEST}.`, hint: "Ask for the .tpviz file instead." })
      else send({ type: "link", text: hash })
    }
    take()
    window.addEventListener("hashchange", take)
    return () => window.removeEventListener("hashchange", take)
  }, [send, notify, off])
}
