// Files come in by a picker or by dropping, and go out as downloads.
const LARGEST = 1_000_000
const TYPES = ".tp,.tpviz,.txt,.json"

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
    const bytes = new Uint8Array(await file.slice(0, LARGEST_BATCH + 1).arrayBuffer())
    let text = ""
    for (let k = 0; k < bytes.length; k += 0x8000) text += String.fromCharCode(...bytes.subarray(k, k + 0x8000))
    done(file.name, btoa(text))
  })
  input.addEventListener("cancel", () => input.remove())
  document.body.appendChild(input)
  input.click()
}

/** Sends the file's text to Python; refuses what is too large or of another type, and says so. */
export async function readFile(file, send, notify) {
  const refuse = (message, hint) => notify({ severity: "error", message, hint })
  if (!/\.(tp|tpviz|txt|json)$/i.test(file.name)) return refuse(`${file.name} is not a program.`, "Open a .tp, .tpviz, .txt or .json file.")
  if (file.size > LARGEST) return refuse(`${file.name} is larger than 1 MB.`, "The drawing stays as it is.")
  try {
    send({ type: "open", name: file.name, text: await file.text() })
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
