// The places of Python's plots are always mounted; a plot comes into its place when it has something to show. What is not shown waits here, out of sight.
import { useMemo } from "react"
import { useModel, useParam } from "./link.jsx"
import { layOutOnlyRendered } from "./plots.js"
import { shownPanes } from "./Results.jsx"

const NAMES = ["kernel_limit", "kernel_width", "distribution", "nngp_limit", "nngp_width", "ntk_limit", "ntk_width", "kernel_curve", "kernel_convergence"]

export function HiddenPanes({ tall, empty }) {
  const model = useModel(), results = useParam("results"), inspector = useParam("inspector")
  useMemo(() => layOutOnlyRendered(model.get_child(NAMES[0]).props.parent), [model])
  const shown = empty ? [] : shownPanes({ results, inspector, tall })
  return (
    <div className="waiting" aria-hidden="true">
      {NAMES.filter((name) => !shown.includes(name)).map((name) => <div key={name}>{model.get_child(name)}</div>)}
    </div>
  )
}
