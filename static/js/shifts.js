// The week of shifts by keyboard: one stop for Tab, arrows from day to day, and the place is kept when the week comes anew.
(() => {
  const cells = () => [...document.querySelectorAll("[data-week] button.shift")];
  let last = "";

  const stop = (cell) => {
    cells().forEach((other) => { other.tabIndex = other === cell ? 0 : -1; });
    last = cell.value;
  };
  // Where the week is wider than the screen, today stands beside the names.
  const toToday = () => {
    const week = document.querySelector("[data-week]");
    const today = week?.querySelector(".is-today");
    if (today) week.scrollLeft = today.offsetLeft - week.querySelector(".week-who").offsetWidth;
  };
  const begin = () => {
    const all = cells();
    if (all.length) stop(all.find((cell) => cell.value === last) || all[0]);
  };
  const step = (cell, key) => {
    const all = cells();
    const at = all.indexOf(cell);
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[key];
    if (by) return all[at + by];
    if (key === "Home") return all[at - (at % 7)];
    return key === "End" ? all[at - (at % 7) + 6] : undefined;
  };

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-week] button.shift") || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = step(event.target, event.key);
    if (!next) return;
    event.preventDefault();
    stop(next);
    next.focus();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("[data-week] button.shift")) stop(event.target);
  });

  // The week is fetched anew after a change: back to the day that was open, where it stood.
  let scrolled = [0, 0];
  document.addEventListener("htmx:beforeSwap", (event) => {
    const week = document.querySelector("[data-week]");
    if (event.detail.target?.id === "shifts-board" && week) scrolled = [week.scrollLeft, week.scrollTop];
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "shifts-board") return;
    const week = document.querySelector("[data-week]");
    if (week) [week.scrollLeft, week.scrollTop] = scrolled;
    const was = last;
    begin();
    const cell = cells().find((one) => one.value === was);
    if (cell && (document.activeElement === document.body || !document.activeElement)) cell.focus({ preventScroll: true });
  });

  // All of a list of ticks, or none.
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    const boxes = [...all.closest("[data-tick-group]").querySelectorAll("input[type=checkbox]")];
    const on = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = on; });
  });

  const start = () => { begin(); toToday(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
