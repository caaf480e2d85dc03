// Reports: a choice reloads the page, definitions open by touch, all columns on a phone, printing with every table open.
(() => {
  document.addEventListener("change", (event) => {
    event.target.closest("form[data-on-change]")?.requestSubmit();
    if (event.target.matches("[data-all-columns]")) {
      event.target.closest("section").classList.toggle("all-columns", event.target.checked);
    }
  });
  document.addEventListener("click", (event) => {
    const defined = event.target.closest("[data-defined]");
    document.querySelectorAll("[data-defined].open").forEach((one) => one !== defined && one.classList.remove("open"));
    defined?.classList.toggle("open");
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("[data-defined].open").forEach((one) => one.classList.remove("open"));
  });
  // On paper it is light, and what is folded is open; afterwards all is as it was.
  const themed = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new Event("fenliu:theme"));
  };
  let before = "light";
  window.addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.bsTheme;
    if (before !== "light") themed("light");
    document.querySelectorAll(".hours-table:not([open])").forEach((one) => { one.open = true; one.dataset.printed = ""; });
  });
  window.addEventListener("afterprint", () => {
    if (before !== "light") themed(before);
    document.querySelectorAll("[data-printed]").forEach((one) => { one.open = false; delete one.dataset.printed; });
  });
})();
