// What a step says: the line of the program, its rule, its formula and its number. Lines that are too wide are set smaller.
import { useLayoutEffect, useRef } from "react"
import { Formula, Rich } from "../Formula.jsx"

const CODE_WIDTH = 60

/** The lines of the program's line and their size, as tpviz/drawing/lecture/page.py has them. */
export function codeLines(code, width) {
  if (code.length <= CODE_WIDTH) return { lines: [code], size: Math.min(32, width / (0.602 * Math.max(1, code.length))) }
  const lines = [""]
  for (const word of code.split(" ")) {
    const last = lines.at(-1)
    if (last && last.length + 1 + word.length > CODE_WIDTH) lines.push(`    ${word}`)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return { lines: lines.length > 4 ? [...lines.slice(0, 3), "    …"] : lines, size: width / (0.602 * CODE_WIDTH) }
}

/** Shrinks what is wider than the column, down to half its size. */
function Fitted({ children, className, testid, ...rest }) {
  const box = useRef(null)
  useLayoutEffect(() => {
    const element = box.current, inner = element.firstElementChild
    inner.style.transform = ""
    const wide = inner.scrollWidth, room = element.clientWidth
    if (wide > room && room > 0) inner.style.transform = `scale(${Math.max(0.4, room / wide)})`
  })
  return <div className={`lec-fit ${className}`} ref={box} data-testid={testid} {...rest}><span>{children}</span></div>
}

/** Sets lines closer that are too many for the slide, and where that does not do, smaller. */
function Column({ children, className }) {
  const box = useRef(null)
  useLayoutEffect(() => {
    const element = box.current, body = element.parentElement, style = getComputedStyle(body)
    const room = body.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)
    element.classList.remove("tight")
    element.style.cssText = ""
    if (element.offsetHeight <= room || room <= 0) return
    element.classList.add("tight")
    for (let scale = 1; element.offsetHeight * scale > room && scale > 0.4;) {
      scale -= 0.04
      element.style.cssText = `width:${100 / scale}%;transform:scale(${scale})`
    }
  })
  return <div className={`lec-text ${className}`} ref={box}>{children}</div>
}

function declaredLines(declared) {
  return declared.length <= 3 ? declared : [...declared.slice(0, 2), `# and ${declared.length - 2} more declarations`]
}

export function LectureText({ step, found, done, width }) {
  if (step.own) {
    return (
      <Column className="own">
        <h2 className="lec-name" data-testid="lecture-name">{step.title}</h2>
        {step.note && <p className="lec-own-note" data-testid="lecture-note">{step.note}</p>}
      </Column>
    )
  }
  const code = codeLines(step.code, width), problem = step.problem
  return (
    <Column className="">
      {step.declared.length > 0 && <div className="lec-declared">{declaredLines(step.declared).map((line, i) => <div key={i}>{line}</div>)}</div>}
      <div className="lec-code" data-testid="lecture-code" style={{ fontSize: code.size, lineHeight: `${Math.max(26, code.size * 1.25)}px` }}>{code.lines.map((line, i) => <div key={i}>{line}</div>)}</div>
      {problem ? <p className="lec-problem" data-testid="lecture-problem">{problem.message} <span className="muted">{problem.hint}</span></p> : (
        <>
          {step.rule && <Fitted className="lec-rule" testid="lecture-rule"><b>{step.rule}</b>{step.general && <span className="muted"><Formula tex={step.general} /></span>}</Fitted>}
          {found?.formula && <Fitted className="lec-formula" testid="lecture-formula"><Formula tex={found.formula} /></Fitted>}
          {found?.value && (
            <Fitted className={found.formula ? "lec-number" : "lec-number alone"} testid="lecture-number" data-value={found.number ?? undefined}>
              <Formula tex={found.before} /><span className="value"><Formula tex={`\\mathrm{${found.value.replace("−", "{-}")}}`} /></span>
            </Fitted>
          )}
          {!found && !done && step.rule && <p className="lec-note waiting" data-testid="lecture-waiting">The number is being computed.</p>}
          {found?.problem && <p className="lec-problem" data-testid="lecture-problem">{found.problem}</p>}
          {found?.note.length > 0 && <p className="lec-note" data-testid="lecture-found"><Rich parts={found.note} /></p>}
        </>
      )}
      {step.note && <p className="lec-note own" data-testid="lecture-note">{step.note}</p>}
    </Column>
  )
}
