// Quick answers: a click inserts one; "/" at the start of an answer searches them, arrows choose, Enter inserts.
(() => {
  const box = () => document.getElementById("answer-text");
  const list = () => document.getElementById("quick-list");
  const rows = () => [...(list()?.querySelectorAll("[role=option]:not([hidden])") || [])];
  const isOpen = () => list() && !list().hidden;
  let chosen = 0;

  const mark = () => {
    rows().forEach((row, index) => row.setAttribute("aria-selected", String(index === chosen)));
    const row = rows()[chosen];
    row?.scrollIntoView({ block: "nearest" });
    if (row) box()?.setAttribute("aria-activedescendant", row.id); else box()?.removeAttribute("aria-activedescendant");
  };
  const show = (open) => {
    if (!list()) return;
    list().hidden = !open;
    document.querySelector("[data-quick-open]")?.setAttribute("aria-expanded", String(open));
    if (!open) box()?.removeAttribute("aria-activedescendant");
  };
  const filter = (words) => {
    const wanted = words.trim().toLowerCase();
    list().querySelectorAll("[role=option]").forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    list().querySelector(".quick-none").hidden = rows().length > 0;
    chosen = 0;
    mark();
  };
  const insert = (text) => {
    const area = box();
    if (!area) return;
    if (area.value.startsWith("/")) area.value = "";
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    show(false);
    area.focus();
  };
  const searching = () => box()?.value.startsWith("/") && !box().value.includes("\n");

  document.addEventListener("input", (event) => {
    if (event.target !== box() || !list()) return;
    show(searching());
    if (searching()) filter(box().value.slice(1));
  });
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-quick-text]");
    if (one) { insert(one.dataset.quickText); return; }
    if (event.target.closest("[data-quick-open]")) {
      if (isOpen()) { show(false); return; }
      filter("");
      show(true);
      box()?.focus();
      return;
    }
    if (isOpen() && !event.target.closest("[data-quick]") && event.target !== box()) show(false);
  });
  // Before the answer box's own Enter sends.
  document.addEventListener("keydown", (event) => {
    if (!isOpen() || event.target !== box() || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { chosen = (chosen + step + rows().length) % Math.max(1, rows().length); mark(); }
    else if (event.key === "Enter" && rows()[chosen]) insert(rows()[chosen].dataset.quickText);
    else if (event.key === "Escape") show(false);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
