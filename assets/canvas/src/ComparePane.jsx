// Two versions of the program: both drawings, what changes and what does not, kernels and distributions over each other.
import { Chooser } from "./Chooser.jsx"
import { CompareDistribution } from "./CompareDistribution.jsx"
import { CompareDrawings } from "./CompareDrawings.jsx"
import { CompareKernel } from "./CompareKernel.jsx"
import { Failure, Line } from "./CompareParts.jsx"
import { CompareStart } from "./CompareStart.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { Menu } from "./Menu.jsx"
import { Icon } from "./icons.jsx"
import { useParam, useSend } from "./link.jsx"

const VIEWS = [["changes", "What changes"], ["kernel", "Kernel"], ["distribution", "Distribution"]]

export function ComparePane({ room, short }) {
  const compare = useParam("compare")
  if (!compare) return null
  return compare.held ? <Held compare={compare} room={room} short={short} /> : <CompareStart compare={compare} />
}

function Held({ compare, room, short }) {
  const send = useSend(), { versions, view, vector } = compare
  const failed = versions.find((v) => v.error)
  return (
    <div className={short ? "sec near compare" : "sec compare"} data-testid="compare" data-view={view} data-ready={(compare.ready && !compare.busy) || undefined}>
      <Head compare={compare} />
      <CompareDrawings versions={versions} room={room} short={short} />
      {!failed && compare.error && <Failure error={compare.error} hint={compare.hint} />}
      {!failed && !compare.error && (
        <>
          <div className="row compare-views">
            <div className="seg" role="group" aria-label="What is compared">
              {VIEWS.map(([name, label]) => (
                <button key={name} className={name === view ? "on" : ""} aria-pressed={name === view} data-compare-view={name} onClick={() => send({ type: "compare", view: name })}>{label}</button>
              ))}
            </div>
            <span className="grow" />
            {view === "distribution" && vector && (
              <Chooser options={compare.options} chosen={vector.name} choose={(name) => send({ type: "compare", vector: name })} testid="compare-vector" label="Vector that is compared"><Formula tex={vector.tex} /></Chooser>
            )}
            {view === "kernel" && compare.kind === "vectors" && (
              <Chooser several options={compare.options} chosen={compare.heat?.chosen ?? []} choose={(chosen) => send({ type: "compare", chosen })} testid="compare-vectors" label="Vectors of the kernel">{compare.heat?.chosen?.length ?? 0} vectors</Chooser>
            )}
          </div>
          <div className={compare.stale ? "stale-part" : undefined} data-stale={compare.stale || undefined}>
            {view === "changes" && compare.ready && <Changes compare={compare} />}
            {view === "kernel" && <CompareKernel compare={compare} room={room} />}
            {view === "distribution" && !compare.plot && <p className="muted hollow" style={{ height: (short ? 176 : 220) + 40 }}>Computing both distributions …</p>}
            {view === "distribution" && compare.plot && <CompareDistribution compare={compare} room={room} height={short ? 176 : 220} />}
            {compare.ready && view !== "kernel" && vector && <Formulas compare={compare} />}
            {!compare.ready && <p className="muted hollow">Computing both versions …</p>}
          </div>
        </>
      )}
    </div>
  )
}

/** What A and B are called, and what can be done with the two. */
function Head({ compare }) {
  const send = useSend(), act = (name) => send({ type: "action", name })
  return (
    <div className="row compare-head">
      <div className="compare-names">
        {compare.versions.map((v) => (
          <span key={v.letter} className="row compare-name" data-testid={`compare-${v.letter.toLowerCase()}`}>
            <Line letter={v.letter} /><b>{v.letter}</b><span className="compare-called"><Rich parts={v.name} /></span>{v.document && <span className="muted sm">the document</span>}
          </span>
        ))}
      </div>
      <button className="btn" data-action="compare-keep" title={`${compare.keep_help}. Undo brings the old one back.`} onClick={() => act("compare-keep")}>Keep {compare.keep}</button>
      <button className="ib step" aria-label="Swap A and B" title="Swap A and B" data-action="compare-swap" onClick={() => act("compare-swap")}><Icon name="swap" /></button>
      <button className="ib step" aria-label="End the comparison" title="End the comparison" data-action="compare-close" onClick={() => act("compare-close")}><Icon name="close" /></button>
    </div>
  )
}

function Changes({ compare }) {
  const send = useSend(), { lines, unchanged, only, vector, versions } = compare
  return (
    <>
      {lines.length > 0 && (
        <table className="changes" data-testid="compare-lines">
          <thead><tr><th scope="col">Changes</th>{versions.map((v) => <th key={v.letter} scope="col" title={plain(v.name)}>{v.letter}</th>)}<th scope="col">B − A</th></tr></thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.id} data-row={line.id} data-numbers={line.numbers ? JSON.stringify(line.numbers) : undefined} className={vector && line.vector === vector.name ? "on" : ""}
                onClick={() => line.vector && send({ type: "compare", vector: line.vector })} title={line.problem || undefined}>
                <th scope="row">{line.vector ? <button onClick={(event) => { event.stopPropagation(); send({ type: "compare", vector: line.vector }) }}><Formula tex={line.head} /></button> : <Formula tex={line.head} />}</th>
                <td data-side="A">{line.tex ? <Formula tex={line.first} /> : line.first}</td>
                <td data-side="B">{line.tex ? <Formula tex={line.second} /> : line.second}</td>
                <td data-side="difference">{line.difference}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {compare.more && <p className="muted sm remark">{compare.more}</p>}
      <p className={lines.length ? "compare-same" : "compare-same alone"} data-testid="compare-unchanged"><Icon name="check" /><span><Rich parts={unchanged} /></span></p>
      {only.map((parts, i) => <p key={i} className="muted compare-only" data-testid="compare-only"><Rich parts={parts} /></p>)}
    </>
  )
}

const plain = (parts) => parts.map((p) => p.text ?? p.tex).join("")

/** Z of the chosen vector in both versions. */
function Formulas({ compare }) {
  const { formulas, versions } = compare
  if (!formulas.some((steps) => steps.length)) return null
  return (
    <div className="compare-formulas" data-testid="compare-formulas">
      {formulas.map((steps, k) => (
        <div key={k} className="compare-formula" data-side={versions[k].letter}>
          <span className="row compare-letter"><Line letter={versions[k].letter} /><b>{versions[k].letter}</b></span>
          <div className="defs">
            {steps.length ? steps.map(({ left, right }, i) => (
              <div key={i} className="def"><span><Formula tex={left} /></span><span className="right"><Formula tex={right} /></span><span /></div>
            )) : <span className="muted">No limit</span>}
          </div>
        </div>
      ))}
    </div>
  )
}

/** The foot of the column: what is going on, and the exports. */
export function CompareFoot() {
  const compare = useParam("compare"), actions = useParam("actions"), send = useSend()
  const items = actions.filter((a) => a.name.startsWith("compare:")).map((a) => ({ id: a.name, label: a.label, enabled: a.enabled, data: { "data-export": a.name } }))
  if (!compare?.held) return <span className="hints">The document stays as it is until you keep a version</span>
  return (
    <>
      <span className="hints" data-testid="compare-status" data-busy={compare.busy || undefined}><kbd>B</kbd> hold this version</span><span className="grow" />
      <div className="upwards"><Menu label="Export" icon="export" testid="export-compare" align="right" items={items} choose={(name) => send({ type: "action", name })} /></div>
    </>
  )
}
