// Copies text: by the clipboard where the page may use it (https, localhost), else by the copy event of the document.

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch { /* not allowed, or no such thing on a page without https */ }
  let done = false
  const put = (event) => { event.preventDefault(); event.stopImmediatePropagation(); event.clipboardData.setData("text/plain", text); done = true }
  document.addEventListener("copy", put, true)
  try { document.execCommand("copy") } catch { /* the user copies by hand: the field is selected */ }
  document.removeEventListener("copy", put, true)
  return done
}
