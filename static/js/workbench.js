// The workbench: drafts outlive polling and reloads, the thread stays where one reads, Enter sends, images are pasted.
(() => {
  const REST = 3000; // a pointer that has not moved for so long no longer keeps the list still
  const box = () => document.getElementById("answer-text");
  const form = () => document.querySelector("[data-answer]");
  const thread = () => document.querySelector("[data-thread]");

  // Drafts, one a conversation, for as long as the tab lives.
  const key = () => (form() ? `fenliu-draft-${form().dataset.answer}` : "");
  const keep = (text) => { try { if (text) sessionStorage.setItem(key(), text); else sessionStorage.removeItem(key()); } catch { /* private */ } };
  const kept = () => { try { return sessionStorage.getItem(key()) || ""; } catch { return ""; } };
  const restore = () => { if (box() && !box().value) box().value = kept(); };
  document.addEventListener("input", (event) => { if (event.target === box()) keep(box().value); });

  // The thread: at its end to begin with; afterwards only moved for who was at the end.
  let atEnd = true;
  const toEnd = () => { if (thread()) thread().scrollTop = thread().scrollHeight; };
  const measure = () => { const t = thread(); if (t) atEnd = t.scrollHeight - t.scrollTop - t.clientHeight < 60; };
  document.addEventListener("load", (event) => { if (event.target.closest?.("[data-thread]") && atEnd) toEnd(); }, true);

  const wide = window.matchMedia("(min-width: 768px)");
  const begin = () => { restore(); toEnd(); if (wide.matches) box()?.focus({ preventScroll: true }); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();

  // Older messages go in above what one reads: it stays where it is.
  let below = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    measure();
    below = event.target.matches?.("[data-earlier]") && thread() ? thread().scrollHeight - thread().scrollTop : null;
    if (event.target.id === "answer" && event.detail.xhr.status === 200) keep("");
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (below !== null && thread()) thread().scrollTop = thread().scrollHeight - below;
    if (below !== null) atEnd = false;
    below = null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "answer") { atEnd = true; if (!box()?.value) restore(); box()?.focus({ preventScroll: true }); }
    if (atEnd) toEnd();
  });

  // The list does not move under a moving pointer; a form that somebody fills in is not fetched anew.
  let moved = 0;
  let later;
  document.addEventListener("pointermove", (event) => { if (event.target.closest?.("[data-quiet-list]")) moved = Date.now(); });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target;
    if (part.id === "work-list" && event.detail.requestConfig.triggeringEvent?.type !== "conversationChanged"
        && part.matches(":hover") && Date.now() - moved < REST) {
      event.preventDefault();
      clearTimeout(later);
      later = setTimeout(() => htmx.trigger(document.body, "listLive"), REST);
    }
    const filled = part.matches("[data-refresh]") && part.querySelector("[data-keep-while-dirty]");
    if (filled && (filled.querySelector("input:checked") || filled.querySelector("[name=reason]")?.value)) event.preventDefault();
  });

  // Images: chosen or pasted, named before they go, and taken back with one click.
  const showFile = () => {
    const input = form()?.querySelector("[data-answer-image]");
    const line = form()?.querySelector("[data-answer-file]");
    if (!input || !line) return;
    line.hidden = !input.files.length;
    line.querySelector("[data-answer-file-name]").textContent = input.files[0]?.name || "";
  };
  document.addEventListener("change", (event) => { if (event.target.matches("[data-answer-image]")) { showFile(); box()?.focus(); } });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-answer-file-drop]")) return;
    form().querySelector("[data-answer-image]").value = "";
    showFile();
  });
  const take = (files) => {
    const input = form()?.querySelector("[data-answer-image]");
    if (!input || !files?.length) return false;
    input.files = files;
    showFile();
    return true;
  };
  document.addEventListener("dragover", (event) => {
    if (form() && event.dataTransfer?.types.includes("Files")) { event.preventDefault(); form().classList.add("is-dropping"); }
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form()?.classList.remove("is-dropping"); });
  document.addEventListener("drop", (event) => {
    form()?.classList.remove("is-dropping");
    if (event.dataTransfer?.files.length && take(event.dataTransfer.files)) { event.preventDefault(); box()?.focus(); }
  });
  document.addEventListener("paste", (event) => {
    if (event.target !== box() || !event.clipboardData?.files.length) return;
    if (take(event.clipboardData.files)) event.preventDefault();
  });

  // Keys. Enter sends, but not while an input method is choosing characters.
  document.addEventListener("keydown", (event) => {
    if (event.target === box()) {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && wide.matches) {
        event.preventDefault();
        form().requestSubmit();
      }
      if (event.key === "Escape") box().blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    if (event.key === "j" || event.key === "J") {
      const rows = [...document.querySelectorAll("[data-row]")];
      const next = rows[(rows.findIndex((row) => row.hasAttribute("aria-current")) + 1) % rows.length];
      next?.click();
    }
    document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  });
})();
