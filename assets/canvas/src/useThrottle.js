import { useEffect, useRef } from "react"

const EVERY = 60     // ms

/** Calls `deed(value)` at once, then at most every 60 ms with the newest value; `last` sends without waiting. */
export function useThrottle(deed) {
  const latest = useRef(deed), state = useRef({ at: 0, timer: null, value: null }).current
  latest.current = deed
  useEffect(() => () => clearTimeout(state.timer), [state])
  const fire = () => { clearTimeout(state.timer); state.timer = null; state.at = Date.now(); latest.current(state.value) }
  return (value, last = false) => {
    state.value = value
    const wait = EVERY - (Date.now() - state.at)
    if (last || wait <= 0) fire()
    else if (state.timer === null) state.timer = setTimeout(fire, wait)
  }
}
