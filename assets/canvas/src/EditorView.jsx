// The editor's window. Lays out its parts, holds what is the window's own (armed tool, open pane, theme), and maps actions to deeds.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { Canvas } from "./Canvas.jsx"
import { Connection } from "./Connection.jsx"
import { FirstStart } from "./FirstStart.jsx"
import { installFonts } from "./Formula.jsx"
import { Notices, useNotices } from "./Notices.jsx"
import { OVERLAYS } from "./overlays.js"
import { Outline } from "./Outline.jsx"
import { HiddenPanes } from "./Panes.jsx"
import { Palette } from "./Palette.jsx"
import { RecoverOffer } from "./Recover.jsx"
import { Results } from "./Results.jsx"
import { TextPane } from "./TextPane.jsx"
import { TEXT_COMMANDS } from "./text/commands.js"
import { TopBar } from "./TopBar.jsx"
import { pickFile, readFile, saveFile } from "./files.js"
import { useKeyboard } from "./keyboard.js"
import { useLook } from "./look.js"
import { Lecture } from "./lecture/Lecture.jsx"
import { useQuietPlots } from "./plots.js"
import { useSharedLink } from "./useSharedLink.js"
import { LinkProvider, useModel, useParam, useSend } from "./link.jsx"
import { useClipboard } from "./useClipboard.js"
import { useKeeping } from "./useKeeping.js"

export function render({ model }) {
  useMemo(installFonts, [])
  return <LinkProvider value={model}><Window /></LinkProvider>
}

const SMALL = 960       // px, below which the panes stand one below the other: a zoom of 200 %, or a small screen
const hiddenUntilStyled = { visibility: "hidden" }     // the style sheet turns it on

function Window() {
  const frame = useParam("frame"), actions = useParam("actions"), tab = useParam("results")?.tab, send = useSend()
  const root = useRef(null), api = useRef({ canvas: null, text: null }), size = useSize(root)
  const [tool, setTool] = useState("select"), [folded, setFolded] = useState(false)
  const look = useLook(send)
  const notices = useNotices(), [ready, setReady] = useState(false), [overlay, setOverlay] = useState(null)

  const open = useCallback((file) => readFile(file, send, notices.add), [send, notices.add])
  const cancel = useCallback(() => {
    if (api.current.canvas?.cancel()) return
    if (frame.mode) send({ type: "mode-cancel" })
    else if (tool !== "select") setTool("select")
    else api.current.canvas?.clear()
  }, [frame.mode, tool, send])
  const focusField = useCallback((name, key) => {
    const shown = root.current.querySelector('[data-testid="inspector"]')?.dataset.key
    if (key && shown !== key) return false            // the inspector still shows what was selected before
    const field = root.current.querySelector(name ? `[data-field="${CSS.escape(name)}"]` : ".inspector [data-field]")
    field?.focus()
    field?.select?.()
    return !!field
  }, [])

  const typing = useTyping(api)
  const clipboard = useClipboard({ api, notify: notices.add })
  const pickSelected = (slot) => {              // in a mode: the node that the arrows led to
    const id = api.current.canvas?.selected()
    if (id) send(slot === undefined ? { type: "pick", id } : { type: "pick", id, slot })
    return true
  }
  const perform = useCallback((name) => {
    const action = actions.find((a) => a.name === name), canvas = api.current.canvas
    if (!action || (action.local && action.enabled === false)) return      // Python knows best what is enabled now
    const own = {
      "copy": clipboard.copy, "cut": clipboard.cut, "paste": () => clipboard.paste(false), "paste-untied": () => clipboard.paste(true),
      "tool:select": () => setTool("select"), "fit": () => canvas?.fit(), "fit-selection": () => canvas?.fitSelection(), "zoom-in": () => canvas?.zoomIn(), "zoom-out": () => canvas?.zoomOut(),
      "open": () => pickFile(open), "cancel": cancel, "focus-inspector": () => frame.mode ? pickSelected() : focusField(), "rename": () => retry(() => focusField("name", canvas?.selected()), 100), "toggle-text": () => setFolded((f) => !f), 
    }
    if (own[name]) return own[name]()
    if (look.perform(name)) return undefined
    if (TEXT_COMMANDS.has(name)) { setFolded(false); return retry(() => api.current.text?.run(name)) }
    if (name.startsWith("overlay:")) return setOverlay({ name: name.slice("overlay:".length) })
    api.current.text?.flush()
    canvas?.report()
    send({ type: "action", name })
    if (name === "type-text") typing.start()
  }, [actions, cancel, focusField, open, send, look.perform, typing])

  useKeyboard({ root, inside: frame.keeps === false, actions, perform, walk: (direction, extend) => api.current.canvas?.walk(direction, extend), digit: (slot) => frame.mode?.slots && pickSelected(slot), hold: typing.hold })
  useEffect(() => setReady(true), [])         // after the keys are listened to
  usePatches({ api, focusField, notify: notices.add, show: setOverlay })
  const [keeping, keeper] = useKeeping()
  useGuard(frame.unsaved && keeping.kept === "refused")
  useEffect(() => { keeper.refused = () => notices.add({ severity: "error", message: "Nothing was changed: the connection is lost.", hint: "tpviz is trying to get it back." }) }, [keeper, notices.add])
  useQuietPlots(root, useParam("results"))
  useSharedLink(send, notices.add, frame.keeps === false)
  const drop = useFileDrop(open)

  const tall = size.height >= 840, narrow = size.width <= 1300, small = size.width > 0 && size.width < SMALL * look.scale
  useEffect(() => {
    if (size.width) send({ type: "room", width: Math.round(size.width), height: Math.round(size.height), column: narrow ? 400 : 440 })
  }, [size.width, size.height, narrow, send])
  const classes = ["app", frame.empty && "empty", !tall && "short", narrow && "narrow", small && "small", (tab === "paths" || tab === "compare") && "wide"].filter(Boolean).join(" ")
  const Overlay = overlay && OVERLAYS[overlay.name]
  const chips = <Notices items={notices.items} dismiss={notices.dismiss} />
  return (
    <div className="tp-root" ref={root} data-theme={look.theme} data-mono={look.mono || undefined} style={{ ...hiddenUntilStyled, "--fs": look.scale }} {...drop.handlers}>
      <div className={classes} data-testid="editor" data-ready={(ready && keeping.ready) || undefined}>
        <TopBar perform={perform} look={look} />
        {!frame.empty && <Outline />}
        <Palette tool={tool} arm={setTool} />
        {frame.empty && !keeping.ready && keeping.expecting ? <div className="stage back" role="status">Bringing your drawing back…</div> : frame.empty ? <div className="stage"><FirstStart tool={tool} perform={perform} width={size.width} />{chips}</div> : (
          <main className="main">
            <div className="stage"><Canvas tool={tool} api={api} edit={() => retry(() => focusField())} />{chips}</div>
            <TextPane api={api} perform={perform} tall={tall} folded={folded} setFolded={setFolded} height={size.height} />
          </main>
        )}
        {!frame.empty && <Results tall={tall} narrow={narrow} />}
        <HiddenPanes tall={tall} empty={frame.empty} />
      </div>
      <Lecture size={size} perform={perform} />
      {Overlay && <Overlay {...overlay} close={() => setOverlay(null)} perform={perform} api={api} />}
      <Connection />
      {frame.empty && <RecoverOffer perform={perform} />}
      {drop.over && <div className="dropping">Drop the file to open it</div>}
    </div>
  )
}

/** Size of the window's root, kept up to date. */
function useSize(ref) {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setSize({ width: entry.contentRect.width, height: entry.contentRect.height }))
    watch.observe(ref.current)
    return () => watch.disconnect()
  }, [ref])
  return size
}

function usePatches({ api, focusField, notify, show }) {
  const model = useModel()
  useEffect(() => {
    const patch = (message) => {
      if (message.type === "download") saveFile(message)
      else if (message.type === "notice") notify(message)
      else if (message.type === "overlay") show(message)
      else if (message.type === "look") retry(() => api.current.canvas?.look(message), 60)
      else if (message.type === "fit") setTimeout(() => api.current.canvas?.fit(), 0)
      else if (message.type === "focus") retry(() => focusField(message.field, message.key), 60)
    }
    model.on("msg:custom", patch)
    return () => model.off("msg:custom", patch)
  }, [model, api, focusField, notify, show])
}

/** A field may come with the next update of the inspector, a moment after the request to focus it. */
function retry(attempt, times = 10) {
  if (!attempt() && times > 0) setTimeout(() => retry(attempt, times - 1), 30)
}

const PATIENCE = 60        // tries until the text pane is there

/** "Type the text": the pane may come a moment later; what is typed until then is text, not keys. */
function useTyping(api) {
  const held = useRef(null)
  return useMemo(() => ({
    start() {
      held.current = ""
      retry(() => {
        if (!api.current.text?.focus()) return false
        api.current.text.insert(held.current ?? "")
        held.current = null
        return true
      }, PATIENCE)
      setTimeout(() => { held.current = null }, PATIENCE * 35)
    },
    /** Takes the key while the pane is awaited. */
    hold({ key, ctrlKey, metaKey, altKey }) {
      if (held.current === null || ctrlKey || metaKey || altKey) return false
      if (key.length === 1) held.current += key
      else if (key === "Enter") held.current += "\n"
      else if (key === "Backspace") held.current = held.current.slice(0, -1)
      else return false
      return true
    },
  }), [api])
}

/** Asks before the tab is closed or reloaded, only where work would really be lost. */
function useGuard(unsaved) {
  useEffect(() => {
    if (!unsaved) return undefined
    const ask = (event) => { event.preventDefault() }
    window.addEventListener("beforeunload", ask)
    return () => window.removeEventListener("beforeunload", ask)
  }, [unsaved])
}

function useFileDrop(open) {
  const [over, setOver] = useState(false)
  const isFile = (event) => [...event.dataTransfer.types].includes("Files")
  const handlers = {
    onDragOver: (event) => { if (isFile(event)) { event.preventDefault(); setOver(true) } },
    onDragLeave: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOver(false) },
    onDrop: (event) => {
      if (!isFile(event)) return
      event.preventDefault()
      setOver(false)
      if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0])
    },
  }
  return { over, handlers }
}
