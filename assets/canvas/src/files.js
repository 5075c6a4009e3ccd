// Files come in by a picker or by dropping, and go out as downloads.
const LARGEST = 1_000_000
const TYPES = ".tp,.tpviz,.txt,.json,.svg,.pdf,.png,.tex,.html"
const LARGEST_FIGURE = 8_000_000

export function pickFile(open) {
  const input = document.createElement("input")
  input.type = "file"
  input.accept = TYPES
  input.style.display = "none"
  input.addEventListener("change", () => { if (input.files[0]) open(input.files[0]); input.remove() })
  input.addEventListener("cancel", () => input.remove())
  document.body.appendChild(input)
  input.click()
}

/** Lets the user choose a program that is only read, not opened; `done(name, text)`. Python refuses what is none. */
export function pickText(done) {
  pickFile(async (file) => done(file.name, await file.slice(0, LARGEST).text()))
}

const LARGEST_BATCH = 2_000_000

/** Lets the user choose a file of numbers; `done(name, base64)`. What is too large is told to Python, which refuses it. */
export function pickBatch(done) {
  const input = document.createElement("input")
  input.type = "file"
  input.accept = ".npy,.csv,.tsv,.txt"
  input.style.display = "none"
  input.addEventListener("change", async () => {
    const file = input.files[0]
    input.remove()
    if (!file) return
    done(file.name, await base64(file.slice(0, LARGEST_BATCH + 1)))
  })
  input.addEventListener("cancel", () => input.remove())
  document.body.appendChild(input)
  input.click()
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ""
  for (let k = 0; k < bytes.length; k += 0x8000) text += String.fromCharCode(...bytes.subarray(k, k + 0x8000))
  return btoa(text)
}

/** Sends the file to Python: the text of programs and documents, the bytes of figures, which carry theirs. Refuses what is too large or
 * of another type, and says so. */
export async function readFile(file, send, notify) {
  const refuse = (message, hint) => notify({ severity: "error", message, hint })
  const figure = /\.(svg|pdf|png|tex|html)$/i.test(file.name), limit = figure ? LARGEST_FIGURE : LARGEST
  if (!figure && !/\.(tp|tpviz|txt|json)$/i.test(file.name)) return refuse(`${file.name} is not a program.`, "Open a .tp, .tpviz, .txt or .json file, or a figure that tpviz wrote.")
  if (file.size > limit) return refuse(`${file.name} is larger than ${limit / 1e6} MB.`, "The drawing stays as it is.")
  try {
    if (figure) send({ type: "open-file", name: file.name, base64: await base64(file) })
    else send({ type: "open", name: file.name, text: await file.text() })
  } catch {
    refuse(`${file.name} could not be read.`, "The drawing stays as it is.")
  }
}

export function saveFile({ name, mime, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  document.body.appendChild(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
