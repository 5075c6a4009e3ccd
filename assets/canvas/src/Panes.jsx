// Python's panes are always mounted: Bokeh measures every child of the window and fails on a plot that was never rendered.
// What is not shown waits here, out of sight.
import { useModel, useParam } from "./link.jsx"
import { shownPanes } from "./Results.jsx"

const NAMES = ["kernel_limit", "kernel_width", "distribution", "nngp_limit", "nngp_width", "ntk_limit", "ntk_width", "kernel_curve", "kernel_convergence"]

export function HiddenPanes({ tall, empty }) {
  const model = useModel(), results = useParam("results"), inspector = useParam("inspector")
  const shown = empty ? [] : shownPanes({ results, inspector, tall })
  return (
    <div className="waiting" aria-hidden="true">
      {NAMES.filter((name) => !shown.includes(name)).map((name) => <div key={name}>{model.get_child(name)}</div>)}
    </div>
  )
}
