"use strict"
const svg = document.getElementById("drawing"), home = svg.dataset.box.split(" ").map(Number)
let box = [...home], from = null, moved = false
const show = () => svg.setAttribute("viewBox", box.join(" "))
const fit = () => { box = [...home]; show() }
const scale = () => Math.max(box[2] / svg.clientWidth, box[3] / svg.clientHeight)
function zoom(factor, x, y) {
  const wide = Math.min(Math.max(box[2] * factor, home[2] / 20), home[2] * 4), by = wide / box[2]
  box = [x - (x - box[0]) * by, y - (y - box[1]) * by, wide, box[3] * by]
  show()
}
function place(event) {
  const r = svg.getBoundingClientRect(), k = scale()
  return [box[0] + box[2] / 2 + (event.clientX - r.left - r.width / 2) * k, box[1] + box[3] / 2 + (event.clientY - r.top - r.height / 2) * k]
}
svg.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 200), ...place(event)) }, { passive: false })
svg.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; moved = false })
window.addEventListener("pointermove", (event) => {
  if (!from) return
  const dx = event.clientX - from[0], dy = event.clientY - from[1]
  if (!moved && Math.hypot(dx, dy) < 4) return
  moved = true
  box[0] -= dx * scale(); box[1] -= dy * scale(); from = [event.clientX, event.clientY]
  show()
})
window.addEventListener("pointerup", () => { from = null })
function choose(fact) {
  for (const part of document.querySelectorAll(".fact")) part.hidden = part.id !== "fact" + fact
  document.getElementById("none").hidden = fact !== null
  for (const part of document.querySelectorAll("[data-fact]")) part.classList.toggle("chosen", part.dataset.fact === fact)
}
const of = (event) => event.target.closest?.("[data-fact]")
document.addEventListener("click", (event) => { const part = of(event); if (part && !moved) choose(part.dataset.fact); else if (svg.contains(event.target) && !moved) choose(null) })
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && of(event)) { event.preventDefault(); choose(of(event).dataset.fact) }
  if (event.key === "Escape") choose(null)
})
const deeds = { in: () => zoom(1 / 1.25, box[0] + box[2] / 2, box[1] + box[3] / 2), out: () => zoom(1.25, box[0] + box[2] / 2, box[1] + box[3] / 2), fit }
for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => deeds[button.dataset.zoom]())
