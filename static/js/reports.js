// Reports: a choice reloads the page, definitions open by touch, all columns on a phone, printing with every table open.
(() => {
  document.addEventListener("change", (event) => {
    event.target.closest("form[data-on-change]")?.requestSubmit();
    if (event.target.matches("[data-all-columns]")) {
      event.target.closest("section").classList.toggle("all-columns", event.target.checked);
    }
  });
  // A definition stands under its word and inside the window, whatever scrolls around it.
  const GAP = 8;
  const stand = (event) => {
    const defined = event.target.closest?.("[data-defined]");
    if (!defined) return;
    const hint = defined.querySelector(".defined-hint"), box = defined.getBoundingClientRect();
    const width = Math.min(240, innerWidth - 2 * GAP);
    hint.style.width = `${width}px`;
    hint.style.left = `${Math.max(GAP, Math.min(box.left, innerWidth - width - GAP))}px`;
    const below = innerHeight - box.bottom > 140;
    hint.style.top = below ? `${box.bottom + 6}px` : "auto";
    hint.style.bottom = below ? "auto" : `${innerHeight - box.top + 6}px`;
  };
  const close = (but) => document.querySelectorAll("[data-defined].open").forEach((one) => one !== but && one.classList.remove("open"));
  ["mouseover", "focusin", "click"].forEach((name) => document.addEventListener(name, stand));
  document.addEventListener("scroll", () => close(), { capture: true, passive: true });
  document.addEventListener("click", (event) => {
    const defined = event.target.closest("[data-defined]");
    close(defined);
    defined?.classList.toggle("open");
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());

  // The wide table as several that paper has room for: its families of columns one under the other.
  const ROOM = 10;
  const parts = (table) => {
    const found = [];
    let from = 1;
    table.querySelectorAll(".report-families th[colspan]").forEach(({ colSpan }) => {
      const last = found.at(-1);
      if (last && last.to - last.from + colSpan <= ROOM) last.to += colSpan;
      else found.push({ from, to: from + colSpan });
      from += colSpan;
    });
    return found.map((part) => {
      const copy = table.cloneNode(true);
      copy.querySelector(".report-families")?.remove();
      copy.querySelectorAll("tr").forEach((row) => [...row.children].forEach((cell, i) => {
        if (i && (i < part.from || i >= part.to)) cell.remove();
      }));
      return copy;
    });
  };

  // On paper it is light, as wide as a page, and what is folded is open; afterwards all is as it was.
  const root = document.documentElement;
  const drawn = (theme) => {
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new Event("fenliu:theme"));
  };
  let before = "";
  window.addEventListener("beforeprint", () => {
    if (root.classList.contains("paper")) return;
    before = root.dataset.bsTheme;
    root.classList.add("paper");
    document.querySelectorAll(".report-table:has(.report-families)").forEach((table) => {
      const all = document.createElement("div");
      all.className = "report-parts";
      all.append(...parts(table));
      table.closest(".report-scroll").after(all);
    });
    document.querySelectorAll(".hours-table:not([open])").forEach((one) => { one.open = true; one.dataset.printed = ""; });
    drawn("light");
  });
  window.addEventListener("afterprint", () => {
    root.classList.remove("paper");
    document.querySelectorAll(".report-parts").forEach((one) => one.remove());
    document.querySelectorAll("[data-printed]").forEach((one) => { one.open = false; delete one.dataset.printed; });
    drawn(before || "light");
  });
})();
