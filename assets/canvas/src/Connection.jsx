// While the server is away: what is going on, and what to do if it does not come back by itself.
import { useParam } from "./link.jsx"
import { useKeeping } from "./useKeeping.js"

export function Connection() {
  const [keeping] = useKeeping(), text = useParam("text"), frame = useParam("frame")
  if (!keeping.lost) return null
  const download = () => {
    const url = URL.createObjectURL(new Blob([text.source], { type: "text/plain" })), link = document.createElement("a")
    link.href = url
    link.download = `${frame.name.replace(/\.tp(viz)?$/, "")}.tp`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  const refused = keeping.kept === "refused"
  return (
    <div className="lost" role="alert" data-testid="lost">
      <b>{keeping.back ? "The server is back" : "Connection lost, trying again"}</b>
      <span className="muted">{refused ? "This browser keeps nothing: save the text before you reload." : "Your drawing is kept. What you type now is kept, too."}</span>
      {refused && <button className="btn" onClick={download}>Save the text</button>}
      {keeping.back && <button className="btn" onClick={() => location.reload()}>Reload</button>}
    </div>
  )
}
