// The shapes. A click arms a tool for the mouse; a tool's key adds that part at once (keyboard.js).
import { Picture } from "./icons.jsx"
import { keyName } from "./keyboard.js"
import { useParam } from "./link.jsx"

export function Palette({ tool, arm }) {
  const actions = useParam("actions").filter((action) => action.menu === "tool")
  return (
    <nav className="palette" aria-label="Shapes">
      {actions.map((action, i) => {
        const name = action.name.replace("tool:", ""), on = name === tool
        return (
          <button key={name} className={["tool", on && "on", i === 0 && "first"].filter(Boolean).join(" ")} data-tool={name} aria-pressed={on}
            disabled={action.enabled === false} title={action.keys?.length ? `${action.label} (${keyName(action.keys[0])})` : action.label} onClick={() => arm(name)}>
            <Picture tool={name} /><span>{action.label}</span>
          </button>
        )
      })}
    </nav>
  )
}
