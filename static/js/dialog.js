// Native dialogs by data attributes: data-dialog-open="id" opens, data-dialog-close closes.
// A dialog that htmx puts into #dialog-host opens by itself and is gone when closed.
(() => {
  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) open(document.getElementById(opener.dataset.dialogOpen));
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog")?.close();
    if (event.target.matches?.("dialog[data-dialog-light]")) event.target.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "dialog-host") open(event.detail.target.querySelector("dialog"));
  });
  document.addEventListener("close", (event) => {
    if (event.target.parentElement?.id === "dialog-host") event.target.remove();
  }, true);
  // A view that has done what the dialog was for answers with HX-Trigger: dialogClose.
  document.addEventListener("dialogClose", () => {
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  });
})();
