// The drawing in React Flow. Python owns it: what the user does is sent, what Python answers is merged by id.
import { ReactFlow, ReactFlowProvider, applyEdgeChanges, applyNodeChanges, useReactFlow, useStoreApi } from "@xyflow/react"
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { CanvasChrome, Dots } from "./CanvasChrome.jsx"
import { Frames, GuideLines } from "./Frames.jsx"
import { Highlights } from "./Highlights.jsx"
import { ConnectionLine, useConnecting } from "./connecting.jsx"
import { ProgramEdge } from "./edges.jsx"
import { useDragging } from "./dragging.js"
import { HighlightContext, HighlightStore } from "./highlight.js"
import { useParam, useSend } from "./link.jsx"
import { mergeEdges, mergeNodes, sameSelection, selectionOf, withSelection } from "./merge.js"
import { ProgramNode } from "./nodes.jsx"
import { useViewport } from "./viewport.js"
import { step } from "./walk.js"

const nodeTypes = { program: ProgramNode }
const edgeTypes = { program: ProgramEdge }
const noAttribution = { hideAttribution: true }
const centred = [0.5, 0.5]
const middleButton = [1]
const zoomKeys = ["Control", "Meta"]
const severalKeys = ["Shift", "Control", "Meta"]
// 004: the pane has no size before its first layout. 008: an edge whose handle is not measured yet.
const report = (id, message) => { if (id !== "004" && id !== "008") console.warn(message) }

export function Canvas(props) {
  return <ReactFlowProvider><Flow {...props} /></ReactFlowProvider>
}

function Flow({ tool, api, edit }) {
  const scene = useParam("scene"), selection = useParam("selection"), highlight = useParam("highlight"), frame = useParam("frame"), legend = useParam("legend").length > 0
  const send = useSend(), flow = useReactFlow(), store = useStoreApi()
  const wrapper = useRef(null)
  const [nodes, setNodes] = useState(() => mergeNodes([], scene.nodes, selection))
  const [edges, setEdges] = useState(() => mergeEdges([], scene.edges, selection))
  const now = useRef({ nodes, edges, selection, boxing: false, sent: [] }).current

  const show = useCallback((next) => {
    if (next.nodes && next.nodes !== now.nodes) { now.nodes = next.nodes; setNodes(next.nodes) }
    if (next.edges && next.edges !== now.edges) { now.edges = next.edges; setEdges(next.edges) }
  }, [now])

  const dragging = useDragging()
  now.snap = !!frame.snap
  const highlights = useMemo(() => new HighlightStore(), [])
  useLayoutEffect(() => {
    highlights.set(highlight)
    wrapper.current.toggleAttribute("data-lit", highlights.active)
  }, [highlights, highlight])

  const view = useViewport({ wrapper, scene, name: frame.name, legend, flow, nodes: () => now.nodes })

  useLayoutEffect(() => {
    show({ nodes: mergeNodes(now.nodes, scene.nodes, now.selection), edges: mergeEdges(now.edges, scene.edges, now.selection) })
  }, [scene, show, now])

  useLayoutEffect(() => {         // a selection from Python; older answers to our own reports are passed over
    now.stamp = selection.stamp
    const answer = now.sent.findIndex((s) => sameSelection(s, selection))
    const stale = answer >= 0 && answer < now.sent.length - 1
    if (answer >= 0) now.sent.splice(0, answer + 1)
    if (stale) return
    const foreign = answer < 0 && !sameSelection(selection, now.selection)
    now.selection = selection
    show({ nodes: withSelection(now.nodes, selection.nodes), edges: withSelection(now.edges, selection.edges) })
    if (foreign) view.reveal(selection.nodes)
  }, [selection, show, now])      // eslint-disable-line

  const tell = useCallback((next) => {
    if (sameSelection(next, now.selection)) return
    now.selection = next
    now.sent = [...now.sent.slice(-20), next]
    send({ type: "select", nodes: next.nodes, edges: next.edges, stamp: now.stamp ?? null })     // unless the user made it, Python drops a report older than its own selection
  }, [now, send])
  const tellSelection = useCallback(() => { if (!now.boxing) tell(selectionOf(now.nodes, now.edges)) }, [now, tell])

  const ours = useCallback((change) => change.type !== "remove" && !(now.placing && change.type === "select"), [now])
  const onNodesChange = useCallback((changes) => {
    const adjusted = dragging.adjust(changes, now.nodes, flow.getViewport().zoom, now.snap)
    show({ nodes: applyNodeChanges(adjusted.filter(ours), now.nodes) })
    if (changes.some((c) => c.type === "select")) setTimeout(tellSelection, 0)
  }, [show, now, ours, tellSelection, dragging, flow])
  const onEdgesChange = useCallback((changes) => {
    show({ edges: applyEdgeChanges(changes.filter(ours), now.edges) })
    if (changes.some((c) => c.type === "select")) setTimeout(tellSelection, 0)
  }, [show, now, ours, tellSelection])

  const onNodeDragStop = useCallback((_event, _node, dragged) => {
    const positions = {}
    const held = new Set(dragged.map((n) => n.id))      // where the guides put them, not where the mouse is
    for (const { id, position } of now.nodes) if (held.has(id)) positions[id] = [Math.round(position.x), Math.round(position.y)]
    show({ nodes: now.nodes.map((n) => positions[n.id] ? { ...n, dragging: false, position: { x: positions[n.id][0], y: positions[n.id][1] } } : n) })
    const moved = now.nodes.some((n) => positions[n.id] && (n.position.x !== n.data.x || n.position.y !== n.data.y))
    if (moved) send({ type: "move", positions })
  }, [now, send, show])

  const connecting = useConnecting({ tool, nodes: () => now.nodes, toWorld: flow.screenToFlowPosition, send })
  const onPaneClick = useCallback((event) => {
    if (tool === "select" || tool === "matmul" || tool === "wire") return
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
    now.placing = true          // the click must not also report that nothing is selected: Python selects the new part
    setTimeout(() => { now.placing = false }, 0)
    send({ type: "place", tool, x: Math.round(x), y: Math.round(y) })
  }, [tool, flow, now, send])
  const select = useCallback((next) => {
    now.stamp = null
    show({ nodes: withSelection(now.nodes, next.nodes), edges: withSelection(now.edges, next.edges) })
    tell(next)
    view.reveal(next.nodes)
  }, [now, show, tell])           // eslint-disable-line
  const onNodeClick = useCallback((event, node) => {
    if (frame.mode) return send({ type: "pick", id: node.id })
    const alone = !(event.shiftKey || event.ctrlKey || event.metaKey)     // a click on one of several selects that one
    if (alone && now.nodes.filter((n) => n.selected).length > 1) select({ nodes: [node.id], edges: [] })
  }, [frame.mode, send, now, select])
  const toggle = useCallback((ids) => {
    select({ nodes: ids, edges: [] })
    send({ type: "action", name: "toggle-group" })
  }, [select, send])
  const onNodeDoubleClick = useCallback((event, node) => node.data.kind === "group" ? toggle([node.id]) : edit(), [toggle, edit])
  const onFocus = useCallback((event) => {   // Tab walks the nodes too
    const id = event.target.classList?.contains("react-flow__node") && event.target.matches(":focus-visible") && event.target.dataset.id
    if (id && !now.nodes.find((n) => n.id === id)?.selected) select({ nodes: [id], edges: [] })
  }, [now, select])

  api.current.canvas = {
    fit: () => view.fit(), fitSelection: () => view.fitNodes(now.selection.nodes), look: (where) => { view.look(where); return true }, zoomIn: () => view.zoomBy(1.25), zoomOut: () => view.zoomBy(0.8), cancel: connecting.cancel,
    select: (id) => select({ nodes: [id], edges: [] }),
    report: tellSelection,        // a key may come before the timer that reports a click's selection
    selected: () => now.selection.nodes.length === 1 ? now.selection.nodes[0] : null,
    chosen: () => now.selection,
    world: () => {                // what is in sight, in world units: left, top, right, bottom
      const box = wrapper.current.getBoundingClientRect(), a = flow.screenToFlowPosition({ x: box.left, y: box.top }), b = flow.screenToFlowPosition({ x: box.right, y: box.bottom })
      return [a.x, a.y, b.x, b.y]
    },
    clear: () => { const any = now.selection.nodes.length + now.selection.edges.length > 0; if (any) select({ nodes: [], edges: [] }); return any },
    choose: select,
    walk: (direction, extend) => {      // with Shift the next node joins the selection; the walk goes on from it
      const placed = { nodes: now.nodes.map((n) => ({ id: n.id, ...n.position })), edges: now.edges }
      const had = now.selection.nodes, next = step(placed, now.last && had.includes(now.last) ? now.last : had.at(-1), direction)
      if (!next) return
      now.last = next
      select({ nodes: extend ? [...had.filter((id) => id !== next), next] : [next], edges: [] })
    },
  }
  useEffect(() => () => { api.current.canvas = null }, [api])
  useEffect(() => {               // for what must not scale with the drawing
    const write = ({ transform }) => wrapper.current.style.setProperty("--zoom", transform[2])
    write(store.getState())
    return store.subscribe(write)
  }, [store])

  useEffect(() => {               // Python remembers with each edit what was in view
    let timer = null, last = ""
    const tell = () => {
      const [x, y, zoom] = store.getState().transform, now = [x, y, zoom].join()
      if (now === last || !Number.isFinite(x + y + zoom)) return
      last = now
      send({ type: "viewport", x, y, zoom })
    }
    const stop = store.subscribe(() => { clearTimeout(timer); timer = setTimeout(tell, 250) })
    return () => { stop(); clearTimeout(timer) }
  }, [store, send])
  const selecting = tool === "select"
  return (
    <HighlightContext.Provider value={highlights}>
      <div className="canvas" ref={wrapper} data-testid="canvas" data-tool-armed={tool} onPointerDownCapture={(event) => { now.stamp = null; connecting.start(event) }} onPointerMoveCapture={(event) => dragging.alt(event.altKey)} onClickCapture={connecting.swallowClick} onFocus={onFocus}>
        <Dots />
        <ReactFlow nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} nodeOrigin={centred}
          onNodesChange={onNodesChange} onEdgesChange={onEdgesChange} onNodeDragStop={onNodeDragStop} onPaneClick={onPaneClick} onNodeClick={onNodeClick} onNodeDoubleClick={onNodeDoubleClick}
          onNodeDragStart={(_event, node) => dragging.begin(node.id)}
          onSelectionStart={() => { now.boxing = true }} onSelectionEnd={() => { now.boxing = false; setTimeout(tellSelection, 0) }}
          onMoveStart={(event) => { if (event) view.touched() }} onError={report}
          nodesDraggable={selecting && !frame.mode} nodesConnectable={false} elementsSelectable={!frame.mode} nodesFocusable edgesFocusable={false}
          elevateNodesOnSelect={false} nodeDragThreshold={3} paneClickDistance={3} selectionOnDrag={selecting} selectionMode="partial"
          panOnDrag={middleButton} panOnScroll zoomActivationKeyCode={zoomKeys} multiSelectionKeyCode={severalKeys} selectionKeyCode={null} deleteKeyCode={null}
          zoomOnDoubleClick={false} minZoom={0.1} maxZoom={4} disableKeyboardA11y proOptions={noAttribution}>
          <Frames frames={scene.frames} nodes={nodes} select={(ids) => select({ nodes: ids, edges: [] })} toggle={toggle} />
          <Highlights edges={edges} />
          <GuideLines guides={dragging.guides} />
          <ConnectionLine line={connecting.line} tool={tool} nodes={nodes} />
        </ReactFlow>
        <CanvasChrome scene={scene} nodes={nodes} view={view} />
      </div>
    </HighlightContext.Provider>
  )
}
