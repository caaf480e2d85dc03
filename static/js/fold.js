// Long lists that are folded: a button shows the rest, and what is open stays so when the part is drawn anew.
(() => {
  const open = new Set();
  const show = (button) => {
    const id = button.getAttribute("aria-controls");
    button.setAttribute("aria-expanded", String(open.has(id)));
    document.getElementById(id)?.classList.toggle("is-unfolded", open.has(id));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (!button) return;
    const id = button.getAttribute("aria-controls");
    if (!open.delete(id)) open.add(id);
    show(button);
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-fold]").forEach(show));
})();
