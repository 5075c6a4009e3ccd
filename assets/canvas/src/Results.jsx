// The column on the right: kernel or distribution, width, what is selected, and how the numbers came about.
import { useEffect, useState } from "react"
import { CompareFoot, ComparePane } from "./ComparePane.jsx"
import { DistributionPane } from "./DistributionPane.jsx"
import { Inspector } from "./Inspector.jsx"
import { KernelPane } from "./KernelPane.jsx"
import { Menu } from "./Menu.jsx"
import { NetworkPane, NetworkViews } from "./NetworkPane.jsx"
import { PathsPane } from "./PathsPane.jsx"
import { WidthSlider } from "./WidthSlider.jsx"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"

/** Which of Python's panes stand in the column now. */
export function shownPanes({ results, inspector, tall }) {
  if (!results?.status) return []
  if (results.tab === "paths" || results.tab === "compare") return []
  if (isNetwork(results)) return networkPanes(results.network)
  if (results.status.error) return []
  const kernel = results.tab === "kernel" && results.kernel?.labels.length > 0
  const distribution = results.distribution && (results.tab === "distribution" || isPinned({ results, inspector, tall }))
  return [...(kernel ? ["kernel_limit", "kernel_width"] : []), ...(distribution ? ["distribution"] : [])]
}

const isNetwork = (results) => results.tab === "kernel" && results.kind === "network" && !!results.network

function networkPanes(network) {
  if (network.error) return []
  if (network.view === "angle") return ["kernel_curve"]
  if (network.view === "convergence") return ["kernel_convergence"]
  return network.kernels.flatMap((k) => [`${k.name}_limit`, ...(k.found || k.note ? [`${k.name}_width`] : [])])
}

const isPinned = ({ results, inspector, tall }) => tall && results.pin && results.tab === "kernel" && !isNetwork(results) && !inspector

const TABS = [["kernel", "Kernel"], ["distribution", "Distribution"], ["paths", "Paths"], ["compare", "Compare"]]

export function Results({ tall, narrow }) {
  const results = useParam("results"), inspector = useParam("inspector"), send = useSend()
  if (!results?.status) return <aside className="side" />
  const { tab, status } = results, short = !tall, room = narrow ? 360 : 400
  const pinned = isPinned({ results, inspector, tall }), network = isNetwork(results)
  const own = tab === "paths" || tab === "compare"      // these panes say themselves what is wrong, and have their own foot
  const failed = status.error && !own && !network
  return (
    <aside className="side" aria-label="Results" data-testid="results">
      <Progress busy={status.busy} />
      <Tabs tab={tab} choose={(name) => send({ type: "tab", tab: name })} />
      <div className="column">
        {tab === "kernel" && results.is_network && <KernelKind kind={results.kind} view={network ? results.network.view : null} />}
        {failed ? <Failure status={status} /> : (
          <div className={status.stale && tab !== "compare" ? "shown stale" : "shown"} data-testid="plots" data-stale={status.stale || undefined}>
            {network && <NetworkPane network={results.network} batch={results.batch} room={room} short={short} busy={status.busy} />}
            {tab === "kernel" && !network && results.kernel && <KernelPane kernel={results.kernel} room={room} near={results.is_network} />}
            {pinned && <div className="hr" />}
            {(tab === "distribution" || pinned) && results.distribution && <DistributionPane results={results} short={short} below={pinned} />}
            {tab === "compare" && <ComparePane room={narrow ? 360 : 472} short={short} />}
            {tab === "paths" && results.paths && <PathsPane paths={results.paths} busy={status.busy} />}
          </div>
        )}
        {!own && !short && !failed && <div className="hr" />}
        {!own && results.width && <WidthSlider width={results.width} length={narrow ? 336 : 376} note={short && inspector ? <Status status={status} inline /> : null} short={short} />}
        {inspector && <Inspector key={inspector.key} inspector={tab === "compare" ? { ...inspector, formulas: [] } : inspector} short={short} />}
      </div>
      {tab === "paths" ? <div className="foot"><PathsFoot paths={results.paths} status={status} /></div> : tab === "compare" ? <div className="foot"><CompareFoot /></div> : !(short && inspector) && <div className="foot"><Status status={status} /></div>}
    </aside>
  )
}

/** Of a program with an output: the kernel of its vectors, or NNGP and NTK. */
function KernelKind({ kind, view }) {
  const send = useSend()
  return (
    <div className="row kinds">
      <div className="seg" role="group" aria-label="Kernel of">
        {[["vectors", "Vectors"], ["network", "Network"]].map(([name, label]) => (
          <button key={name} className={name === kind ? "on" : ""} aria-pressed={name === kind} data-kind={name} onClick={() => send({ type: "kernel", kind: name })}>{label}</button>
        ))}
      </div>
      {view && <NetworkViews view={view} />}
    </div>
  )
}

const FORMATS = ["svg", "pdf", "png", "tex"]

function PathsFoot({ paths, status }) {
  const send = useSend(), actions = useParam("actions"), slow = useLasting(status.busy, SLOW)
  const items = actions.filter((a) => FORMATS.includes(a.name.replace("export:", ""))).map((a) => ({ id: a.name, label: a.label, enabled: a.enabled, data: { "data-export": a.name } }))
  return (
    <>
      {paths?.network && <span className="hints"><kbd>←</kbd><kbd>→</kbd> pairs <kbd>↑</kbd><kbd>↓</kbd> words</span>}<span className="grow" />
      {slow ? <button className="link" data-testid="cancel" onClick={() => send({ type: "cancel" })}>Cancel</button>
        : paths?.pair && <div className="upwards"><Menu label="Export" icon="export" testid="export-paths" align="right" items={items} choose={(name) => send({ type: "action", name })} /></div>}
    </>
  )
}

function Tabs({ tab, choose }) {
  const onKeyDown = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
    event.preventDefault()
    const at = TABS.findIndex(([name]) => name === tab), by = event.key === "ArrowLeft" ? TABS.length - 1 : 1, next = TABS[(at + by) % TABS.length][0]
    choose(next)
    event.currentTarget.querySelector(`[data-tab=${next}]`).focus()
  }
  return (
    <div className="tabs" role="tablist" onKeyDown={onKeyDown}>
      {TABS.map(([name, label]) => (
        <button key={name} className={tab === name ? "tab on" : "tab"} role="tab" aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} data-tab={name} onClick={(event) => { choose(name); if (event.detail) event.currentTarget.blur() }}>{label}</button>
      ))}
    </div>
  )
}

/** True once `value` has been true for `delay` ms. */
function useLasting(value, delay) {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!value) { setLasting(false); return undefined }
    const timer = setTimeout(() => setLasting(true), delay)
    return () => clearTimeout(timer)
  }, [value, delay])
  return lasting
}

const SLOW = 300

function Progress({ busy }) {
  return useLasting(busy, SLOW) ? <div className="progress" role="progressbar" aria-label="Computing" data-testid="progress" /> : null
}

function Status({ status, inline = false }) {
  const slow = useLasting(status.busy, SLOW), send = useSend()
  return (
    <span className={inline ? "status inline" : "status"} data-testid="status" data-busy={status.busy || undefined}>
      {!inline && !status.busy && !status.error && status.limit && <Icon name="check" />}
      {!inline && status.limit && <span>{status.limit}</span>}{status.simulation && <span>{status.simulation}</span>}
      {slow && <><span className="grow" /><button className="link" data-testid="cancel" onClick={() => send({ type: "cancel" })}>Cancel</button></>}
    </span>
  )
}

function Failure({ status }) {
  return (
    <div className="failure" role="alert" data-testid="results-error">
      <Icon name="error" /><div><b>{status.error}</b>{status.hint && <p className="muted">{status.hint}</p>}</div>
    </div>
  )
}
