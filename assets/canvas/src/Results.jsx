// The column on the right: kernel or distribution, width, what is selected, and how the numbers came about.
import { useEffect, useState } from "react"
import { DistributionPane } from "./DistributionPane.jsx"
import { Inspector } from "./Inspector.jsx"
import { KernelPane } from "./KernelPane.jsx"
import { WidthSlider } from "./WidthSlider.jsx"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"

/** Which of Python's panes stand in the column now. */
export function shownPanes({ results, inspector, tall }) {
  if (!results?.status || results.status.error) return []
  const kernel = results.tab === "kernel" && results.kernel?.labels.length > 0
  const distribution = results.distribution && (results.tab === "distribution" || isPinned({ results, inspector, tall }))
  return [...(kernel ? ["kernel_limit", "kernel_width"] : []), ...(distribution ? ["distribution"] : [])]
}

const isPinned = ({ results, inspector, tall }) => tall && results.pin && results.tab === "kernel" && !inspector

const TABS = [["kernel", "Kernel"], ["distribution", "Distribution"]]

export function Results({ tall, narrow }) {
  const results = useParam("results"), inspector = useParam("inspector"), send = useSend()
  if (!results?.status) return <aside className="side" />
  const { tab, status } = results, short = !tall
  const pinned = isPinned({ results, inspector, tall })
  return (
    <aside className="side" aria-label="Results" data-testid="results">
      <Progress busy={status.busy} />
      <Tabs tab={tab} choose={(name) => send({ type: "tab", tab: name })} />
      <div className="column">
        {status.error ? <Failure status={status} /> : (
          <div className={status.stale ? "shown stale" : "shown"} data-testid="plots" data-stale={status.stale || undefined}>
            {tab === "kernel" && results.kernel && <KernelPane kernel={results.kernel} room={narrow ? 360 : 400} />}
            {pinned && <div className="hr" />}
            {(tab === "distribution" || pinned) && results.distribution && <DistributionPane results={results} short={short} below={pinned} />}
          </div>
        )}
        {!short && !status.error && <div className="hr" />}
        {results.width && <WidthSlider width={results.width} length={narrow ? 336 : 376} note={short && inspector ? <Status status={status} inline /> : null} short={short} />}
        {inspector && <Inspector key={inspector.key} inspector={inspector} short={short} />}
      </div>
      {!(short && inspector) && <div className="foot"><Status status={status} /></div>}
    </aside>
  )
}

function Tabs({ tab, choose }) {
  const onKeyDown = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
    event.preventDefault()
    const at = TABS.findIndex(([name]) => name === tab), next = TABS[(at + 1) % TABS.length][0]
    choose(next)
    event.currentTarget.querySelector(`[data-tab=${next}]`).focus()
  }
  return (
    <div className="tabs" role="tablist" onKeyDown={onKeyDown}>
      {TABS.map(([name, label]) => (
        <button key={name} className={tab === name ? "tab on" : "tab"} role="tab" aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} data-tab={name} onClick={() => choose(name)}>{label}</button>
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
