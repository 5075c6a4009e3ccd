// How the window looks: theme, monochrome highlights, size of type. Remembered in this browser; Python is told, for its plots and figures.
import { useCallback, useEffect, useMemo, useState } from "react"

export const THEMES = ["light", "dark", "projector"]
const SIZES = [90, 100, 115, 130]
const LARGER = 1.15            // a projector's type, beside the chosen size

const read = (key) => { try { return localStorage.getItem(key) } catch { return null } }
const keep = (key, value) => { try { localStorage.setItem(key, value) } catch { /* private windows may refuse; the look still changes */ } }

const initial = () => ({
  choice: THEMES.find((t) => t === read("tpviz-theme")) || "system",
  mono: read("tpviz-monochrome") === "on",
  size: SIZES.find((s) => String(s) === read("tpviz-size")) || 100,
})

function useSystemDark() {
  const query = useMemo(() => matchMedia("(prefers-color-scheme: dark)"), [])
  const [dark, setDark] = useState(query.matches)
  useEffect(() => {
    const changed = () => setDark(query.matches)
    query.addEventListener("change", changed)
    return () => query.removeEventListener("change", changed)
  }, [query])
  return dark
}

/** `theme` is what is shown, `choice` what was chosen; `perform(name)` does the actions of the table that are the look's, `checked(name)` says which are chosen. */
export function useLook(send) {
  const [state, setState] = useState(initial), dark = useSystemDark()
  const theme = state.choice === "system" ? (dark ? "dark" : "light") : state.choice
  const scale = state.size / 100 * (theme === "projector" ? LARGER : 1)
  useEffect(() => { send({ type: "theme", theme }) }, [theme, send])
  useEffect(() => { send({ type: "look", monochrome: state.mono, scale }) }, [state.mono, scale, send])
  const perform = useCallback((name) => {
    const [kind, value] = name.split(":")
    const shown = state.choice === "system" ? theme : state.choice
    if (kind === "theme" && (value === "system" || THEMES.includes(value))) { keep("tpviz-theme", value); setState((s) => ({ ...s, choice: value })) }
    else if (name === "next-theme") { const next = THEMES[(THEMES.indexOf(shown) + 1) % THEMES.length]; keep("tpviz-theme", next); setState((s) => ({ ...s, choice: next })) }
    else if (name === "monochrome") { keep("tpviz-monochrome", state.mono ? "off" : "on"); setState((s) => ({ ...s, mono: !s.mono })) }
    else if (kind === "font" && SIZES.includes(Number(value))) { keep("tpviz-size", value); setState((s) => ({ ...s, size: Number(value) })) }
    else return false
    return true
  }, [state, theme])
  const checked = (name) => name === `theme:${state.choice}` || name === `font:${state.size}` || (name === "monochrome" && state.mono)
  return { theme, mono: state.mono, scale, perform, checked }
}
