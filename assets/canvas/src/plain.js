// TeX of labels as plain words, for screen readers and for searching.
const WORDS = { top: "T", intercal: "T", cdot: "·", times: "×", to: "to", infty: "infinity", mathbb: "", mathrm: "", mathring: "", text: "", operatorname: "", left: "", right: "", quad: " ", sqrt: "root of ", tilde: "tilde ", bar: "bar ", hat: "hat ", dot: "dot ", sim: " ~ ", mathcal: "", ldots: "…", cdots: "…", partial: "∂", frac: "", big: "", Big: "", bigl: "", bigr: "", cdotp: "·", approx: " ≈ " }
const RAISED = { 2: "²", 3: "³" }

/** "U\\,\\xi^{1}" → "U xi1"; a square after a capital stays one: "E Z²". */
export function plain(tex) {
  return String(tex ?? "").replace(/\\([a-zA-Z]+) ?/g, (_, name) => name in WORDS ? WORDS[name] : name).replace(/\\[,;:! ]/g, " ")
    .replace(/\^\{?(\w)\}?/g, (_, k) => RAISED[k] && /Z/.test(tex) ? RAISED[k] : k).replace(/[\\{}^_$]/g, "").replace(/\s+/g, " ").trim()
}
