// The paths of the network: words and what they give to the NTK, and one pair of paths, which is lit on the drawing.
import { Chooser } from "./Chooser.jsx"
import { EmptyState } from "./EmptyState.jsx"
import { Formula, Rich } from "./Formula.jsx"
import { Swatch } from "./Highlights.jsx"
import { Icon } from "./icons.jsx"
import { Angle } from "./InputsEditor.jsx"
import { useSend } from "./link.jsx"

export function PathsPane({ paths, busy }) {
  const send = useSend()
  if (!paths.network) return (
    <div className="sec">
      <EmptyState testid="paths-empty" title="Paths belong to a network." action={["readout-last", "tool:vector"]}>
        Its tangent kernel is a sum over pairs of paths from an input to the output. Give the program an output: press R with a vector selected, or write <code>output f = v.T @ x / sqrt(n)</code>.
      </EmptyState>
    </div>
  )
  if (paths.error) return <><Head paths={paths} /><Hollow title={paths.error} bad>{paths.hint}</Hollow></>
  if (!paths.ready) return busy ? <Hollow>Looking for the paths …</Hollow> : <Hollow>Stopped. <button className="link" onClick={() => send({ type: "tab", tab: "paths" })}>Compute again</button></Hollow>
  return (
    <div className="paths" data-testid="paths">
      <Head paths={paths} />
      <Words paths={paths} />
      <Sum sum={paths.sum} />
      {paths.missed.length > 0 && <p className="told muted sm" data-testid="path-missed"><Rich parts={paths.missed} /></p>}
      {paths.pair && <Pair pair={paths.pair} />}
      {paths.pair && (paths.pair.isomorphic ? <Product pair={paths.pair} /> : <Vanishing pair={paths.pair} />)}
      {paths.matrix && <Matrix matrix={paths.matrix} at={paths.pair?.index} />}
    </div>
  )
}

function Hollow({ title, bad = false, children }) {
  return (
    <div className={bad ? "failure" : "sec told-empty"} role={bad ? "alert" : undefined} data-testid={bad ? "paths-error" : "paths-empty"}>
      {bad && <Icon name="error" />}<div>{title && <b>{title}</b>}<p className="muted">{children}</p></div>
    </div>
  )
}

function Head({ paths }) {
  return (
    <div className="sec path-head">
      <div className="row"><span className="headline" data-testid="paths-kernel" data-value={paths.number}>{paths.ready && <Formula tex={`${paths.left}=${paths.kernel}`} />}</span><span className="grow" /><span className="muted sm" data-testid="paths-counts">{paths.counts}</span></div>
      <div className="row muted sm turn"><span className="said"><Formula tex="\bar\xi" /> is <Formula tex="\xi" /> turned by</span><Angle angle={paths.angle} intent={(angle) => ({ type: "paths", angle })} testid="paths-angle" />{paths.snapped && <span>→ {paths.snapped}</span>}</div>
    </div>
  )
}

function Words({ paths }) {
  const send = useSend()
  return (
    <div className="words" role="listbox" aria-label="Words" data-testid="words">
      <div className="wr h" aria-hidden="true"><span>Word</span><span className="n">paths</span><span className="n">pairs</span><span className="what">contribution to the kernel</span><span /></div>
      {paths.rows.map((row) => (
        <button key={row.id} className={row.chosen ? "wr on" : "wr"} role="option" aria-selected={row.chosen} data-word={row.id} data-value={row.number} onClick={(event) => { send({ type: "paths", word: row.word }); if (event.detail) event.currentTarget.blur() }}>
          <span className="w"><Formula tex={row.tex} />{row.note && <span className="muted sm"> {row.note}</span>}</span><span className="n">{row.paths}</span><span className="n">{row.pairs}</span>
          <span className="barbox"><span className={row.negative ? "bar minus" : "bar"} style={{ width: `${100 * row.bar}%` }} /></span><span className="n">{row.value}</span>
        </button>
      ))}
      {paths.more && <div className="wr-more muted sm" data-testid="more-words">… and {paths.more}</div>}
    </div>
  )
}

function Sum({ sum }) {
  return (
    <div className={sum.agrees ? "told row sm" : "told row sm differs"} data-testid="paths-sum" data-agrees={sum.agrees} data-kernel={sum.kernel} data-paths={sum.paths}>
      <Icon name={sum.agrees ? "check" : "warning"} /><span><Rich parts={sum.text} /></span>
    </div>
  )
}

function Pair({ pair }) {
  const send = useSend(), act = (name) => send({ type: "action", name })
  return (
    <div className="sec ruled" data-testid="pair" data-index={pair.index} data-count={pair.count} data-isomorphic={pair.isomorphic}>
      <div className="row">
        <h3 className="pair-head">{pair.head}</h3>
        <span className="muted pair-word">{pair.isomorphic ? <><span className="with">with the word </span><Formula tex={pair.word} /></> : <><Formula tex="p" />: <Formula tex={pair.word} /></>}</span>
        <span className="grow" />
        {pair.partners.length > 1 && (
          <Chooser options={pair.partners} chosen={pair.partner} choose={(name) => send({ type: "paths", partner: pair.partners.find((o) => o.name === name).word })} testid="partner" label="Word of q">
            <span title="A path q of another word, from the same parameter">q: <Formula tex={pair.partner_tex} /></span>
          </Chooser>
        )}
        <button className="ib step" aria-label="Previous pair" title="Previous pair (←)" data-testid="previous-pair" disabled={pair.count < 2} onClick={() => act("previous-pair")}><Icon name="left" /></button>
        <button className="ib step" aria-label="Next pair" title="Next pair (→)" data-testid="next-pair" disabled={pair.count < 2} onClick={() => act("next-pair")}><Icon name="right" /></button>
      </div>
      <div className="pq">
        <Swatch style={1} /><Formula tex="p" /><Route parts={pair.p} testid="path-p" />
        <Swatch style={2} /><Formula tex="q" /><Route parts={pair.q} testid="path-q" />
      </div>
    </div>
  )
}

const MOST = 11

/** The vertices one by one, so that a long path breaks into lines; a very long one loses its middle. */
function Route({ parts, testid }) {
  const shown = parts.length > MOST ? [...parts.slice(0, 4), "\\to\\cdots", ...parts.slice(-4)] : parts
  return <span className="route" data-testid={testid} data-vertices={parts.length}>{shown.map((tex, i) => <Formula key={i} tex={`{}${tex}`} />)}</span>
}

function Product({ pair }) {
  return (
    <div className="sec ruled product" data-testid="product" data-value={pair.number}>
      <span className="factor"><Formula tex="\langle p,q\rangle=" /><Formula tex={`${pair.value}=`} /></span>
      {pair.factors.map(({ tex, value }, i) => <span key={i} className="factor"><Formula tex={`\\displaystyle${i ? "\\cdot\\," : "{}"}${tex}`} /><Formula tex={`${i ? "\\cdot\\," : ""}${value}`} /></span>)}
    </div>
  )
}

/** Paths of different words: their product at finite width falls like 1/√n. */
function Vanishing({ pair }) {
  return (
    <div className="sec ruled" data-testid="vanishing">
      <p><Formula tex="p\not\cong q" />: <Formula tex="\langle p,q\rangle=0" />. At width <Formula tex="n" /> a typical <Formula tex="\langle J^p,J^q\rangle" /> falls like <Formula tex="1/\sqrt n" />.</p>
      {pair.finite.length === 0 ? <p className="muted sm told-wait">Running networks of finite width …</p> : (
        <table className="finite" data-testid="finite">
          <tbody>
            <tr><th><Formula tex="n" /></th>{pair.finite.map((r) => <td key={r.n}><Formula tex={r.tex} /></td>)}</tr>
            <tr><th><Formula tex="|\langle J^p,J^q\rangle|" /></th>{pair.finite.map((r) => <td key={r.n} data-width={r.n} data-value={r.number}>{r.value}</td>)}</tr>
            <tr><th><Formula tex="\cdot\sqrt n" /></th>{pair.finite.map((r) => <td key={r.n}>{r.scaled}</td>)}</tr>
          </tbody>
        </table>
      )}
    </div>
  )
}

function Matrix({ matrix, at }) {
  const send = useSend(), k = matrix.columns.length
  return (
    <div className="sec ruled row all-pairs" data-testid="pair-matrix">
      <div className="about"><h3>All pairs of <Formula tex={matrix.word} /></h3><p className="muted sm">Rows are paths of <Formula tex="\xi" />, columns of <Formula tex="\bar\xi" />. They add up to {matrix.total}.</p></div>
      <div className="pairs" style={{ gridTemplateColumns: `auto repeat(${k},minmax(44px,${k > 3 ? 52 : 68}px))` }}>
        <span />{matrix.columns.map((tex, j) => <span key={j} className="end"><Formula tex={tex} /></span>)}
        {matrix.rows.map((tex, i) => [
          <span key={i} className="end"><Formula tex={tex} /></span>,
          ...matrix.cells[i].map((cell, j) => {
            const on = cell.index !== null && cell.index === at
            return <button key={`${i} ${j}`} disabled={cell.index === null} className={on ? "c on" : "c"} aria-pressed={on} style={{ background: cell.fill, color: cell.ink }} data-cell={`${i},${j}`} data-value={cell.number} onClick={() => send({ type: "paths", pair: cell.index })}>{cell.text}</button>
          }),
        ])}
      </div>
    </div>
  )
}
