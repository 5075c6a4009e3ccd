import { Menu } from "./Menu.jsx"
import { Icon, Logo } from "./icons.jsx"
import { keyName } from "./keyboard.js"
import { useParam, useSend } from "./link.jsx"

export function TopBar({ perform, theme, toggleTheme }) {
  const frame = useParam("frame"), actions = useParam("actions"), examples = useParam("examples"), send = useSend()
  const menu = (name) => actions.filter((action) => action.menu === name).map((action) => ({
    id: action.name, label: action.label, key: action.keys?.[0] && keyName(action.keys[0]), enabled: action.enabled, separator: action.separator,
    data: { "data-action": action.name },
  }))
  return (
    <header className="top">
      <div className="brand"><Logo /><b>tpviz</b></div>
      {["File", "Edit", "View"].map((name) => <Menu key={name} label={name} testid={name} items={menu(name)} choose={perform} />)}
      <Menu label="Examples" testid="Examples" items={examples.map((e) => ({ id: e.id, label: e.title, hint: e.subtitle, data: { "data-example": e.id } }))}
        choose={(id) => send({ type: "example", id })} />
      <span className="sep" />
      <IconAction name="undo" actions={actions} perform={perform} />
      <IconAction name="redo" actions={actions} perform={perform} />
      <span className="sep" />
      <div className="doc" data-testid="document"><b title={frame.name}>{frame.name}</b><span>{frame.saved}</span></div>
      <span className="grow" />
      <Menu label="Export" icon="export" testid="Export" align="right" items={menu("Export")} choose={perform} />
      <span className="sep" />
      <button className="ib" aria-label={theme === "dark" ? "Light theme" : "Dark theme"} title={theme === "dark" ? "Light theme" : "Dark theme"} data-testid="theme" onClick={toggleTheme}>
        <Icon name={theme === "dark" ? "moon" : "sun"} />
      </button>
    </header>
  )
}

function IconAction({ name, actions, perform }) {
  const action = actions.find((a) => a.name === name)
  if (!action) return null
  const title = action.keys?.length ? `${action.label} (${keyName(action.keys[0])})` : action.label
  return (
    <button className={action.enabled === false ? "ib off" : "ib"} aria-label={action.label} title={title} data-action={name} disabled={action.enabled === false}
      onClick={() => perform(name)}><Icon name={name} /></button>
  )
}
