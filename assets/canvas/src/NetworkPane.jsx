// The kernels of the network over a batch of inputs: limits beside a network of finite width, over the angle, and against the width.
import { Formula } from "./Formula.jsx"
import { InputsEditor } from "./InputsEditor.jsx"
import { ColourBar, Square } from "./KernelPane.jsx"
import { Icon } from "./icons.jsx"
import { useModel, useSend } from "./link.jsx"

const LEFT = 34, BETWEEN = 14         // room for the names left of the first square, and between the squares
const SMALLEST = 15                   // px of a cell that has room for its name
const CAPTION = 112                   // px that a caption, or a colour bar with its numbers, takes
const NUMBERS = 30                    // px of a cell that has room for its number: where space is short it needs no colour bar then

export function NetworkPane({ network, batch, room, short, busy }) {
  return (
    <div className="sec near network" data-testid="network" data-view={network.view}>
      <InputsEditor batch={batch} />
      {network.error ? <div className="failure inpane" role="alert" data-testid="network-error"><Icon name="error" /><div><b>{network.error}</b>{network.hint && <p className="muted">{network.hint}</p>}</div></div>
        : network.view === "angle" ? <Angles network={network} short={short} />
          : network.view === "convergence" ? <Convergence network={network} short={short} />
            : <Heatmaps network={network} room={room} short={short} busy={busy} />}
    </div>
  )
}

const VIEWS = [["heatmaps", "Heatmaps"], ["angle", "Angle"], ["convergence", "Convergence"]]

export function NetworkViews({ view }) {
  const send = useSend()
  return (
    <div className="seg" role="group" aria-label="View of the kernels">
      {VIEWS.map(([name, label]) => <button key={name} className={name === view ? "on" : ""} aria-pressed={name === view} data-view={name} onClick={() => send({ type: "network", view: name })}>{label}</button>)}
    </div>
  )
}

function Heatmaps({ network, room, short, busy }) {
  const model = useModel(), send = useSend(), { labels, kernels } = network
  if (!kernels.length) return <p className="muted hollow">{busy ? "Computing the kernels …" : <>Stopped. <button className="link" onClick={() => send({ type: "network", view: network.view })}>Compute again</button></>}</p>
  const n = Math.max(1, labels.length), cell = Math.min(network.cell, short ? 160 / n : 180 / n, (room - LEFT - BETWEEN) / 2 / n), side = n * cell
  const names = cell >= SMALLEST ? labels : []
  const wide = Math.max(side, CAPTION)
  return kernels.map((kernel, k) => {
    const below = k === 1 && names.length > 0
    return <div key={kernel.name} className="kernel-row" data-testid={`kernel-${kernel.name}`} data-limit={JSON.stringify(kernel.limit)} data-found={JSON.stringify(kernel.found)}>
      <div className="row heats">
        <div style={{ width: LEFT + wide }}>
          <div className="sm caption" style={{ marginLeft: LEFT }}><b>{kernel.text}</b> <span className="muted"><Formula tex={`\\mathring${kernel.tex}`} />, limit</span></div>
          <Square labels={names} n={n} cell={cell} left={LEFT} below={below} testid={`${kernel.name}-limit`}>{model.get_child(`${kernel.name}_limit`)}</Square>
        </div>
        <div style={{ width: wide }}>
          <div className="sm caption muted">width <Formula tex={network.width} /></div>
          {kernel.found === null && !kernel.note ? <div className="heat waiting-heat" style={{ width: side, height: side }} /> : <Square labels={names} n={n} cell={cell} left={0} below={below} testid={`${kernel.name}-width`}>{model.get_child(`${kernel.name}_width`)}</Square>}
        </div>
      </div>
      {short && cell >= NUMBERS ? <p className="muted sm apart" style={{ marginLeft: LEFT }}>{kernel.note}</p>
        : <div className="row under-heats" style={{ marginLeft: LEFT }}><ColourBar bar={kernel.bar} width={wide} /><span className="muted sm remark">{kernel.note}</span></div>}
    </div>
  })
}

function Angles({ network, short }) {
  const model = useModel(), { curve } = network
  return (
    <div data-testid="curve" data-curve={JSON.stringify(curve)}>
      <div className="histogram" style={{ height: short ? 250 : 320 }}>{model.get_child("kernel_curve")}</div>
      <div className="key"><Line>NTK</Line><Line dashed>NNGP</Line><span className="muted">the first input, turned</span></div>
    </div>
  )
}

function Convergence({ network, short }) {
  const model = useModel(), found = network.convergence
  return (
    <div data-testid="convergence" data-found={JSON.stringify(found)}>
      <div className="histogram" style={{ height: short ? 250 : 320 }}>{model.get_child("kernel_convergence")}</div>
      <div className="key">
        <span><svg width="12" height="12" aria-hidden="true"><rect x="1" y="1" width="10" height="10" className="mark-ntk" /></svg>NTK</span><span><svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="5" className="mark-nngp" /></svg>NNGP</span>
        <Line dashed><Formula tex="1/\sqrt n" /></Line><span className="muted">relative error against <Formula tex="n" /></span>
      </div>
    </div>
  )
}

function Line({ dashed = false, children }) {
  return <span><svg width="22" height="12" aria-hidden="true"><path d="M0 6H22" className="curve" strokeDasharray={dashed ? "6 4" : undefined} /></svg>{children}</span>
}
