// Automatic answers: lines are added, moved and deleted here, by buttons; the whole form is saved at once.
(() => {
  const form = () => document.getElementById("answers-form");
  const editor = () => document.getElementById("answers-editor");
  let stored = "";
  let leaving = false;

  const content = () => new URLSearchParams(new FormData(form())).toString();
  const changed = () => form()?.hasAttribute("data-changed") || (form() && content() !== stored);
  const told = () => {
    const bar = editor()?.querySelector("[data-save-bar]");
    if (bar) bar.hidden = !changed();
    form()?.dispatchEvent(new CustomEvent("answers:changed", { bubbles: true }));
  };

  const list = () => document.querySelector("[data-items]");
  const items = () => [...(list()?.children || [])];
  const say = (text) => {
    const line = document.querySelector("[data-items-said]");
    if (line) line.textContent = text;
  };
  const said = (name) => document.querySelector("[data-items-said]")?.dataset[name] || "";
  // What the closed lines show, how many there are, which buttons can do nothing.
  const tidy = () => {
    if (!list()) return;
    const all = items();
    all.forEach((item, n) => {
      item.querySelectorAll("[data-show]").forEach((shown) => {
        shown.textContent = item.querySelector(`[data-field="${shown.dataset.show}"]`).value || shown.dataset.empty || "";
      });
      const on = item.querySelector("[data-item-on]");
      item.classList.toggle("is-off", Boolean(on && !on.checked));
      item.querySelectorAll("[data-item-move]").forEach((button) => {
        const by = Number(button.dataset.itemMove);
        button.setAttribute("aria-disabled", String(n + by < 0 || n + by >= all.length));
      });
    });
    document.querySelector("[data-item-count]").textContent = all.length;
    document.querySelector("[data-items-none]").hidden = all.length > 0;
    const add = document.querySelector("[data-item-add]");
    if (add) add.disabled = all.length >= Number(list().dataset.most);
  };
  const refresh = () => { tidy(); told(); };

  const add = () => {
    const template = document.getElementById("answer-item-template");
    const key = `n${Date.now().toString(36)}`;
    const holder = document.createElement("ol");
    // The blank line is called "new" in names, ids and labels.
    holder.innerHTML = template.innerHTML.replaceAll('"new', `"${key}`);
    const item = holder.firstElementChild;
    list().append(item);
    item.querySelector("details").open = true;
    refresh();
    item.querySelector('[data-field="ask"]').focus();
  };
  const move = (item, by, button) => {
    const all = items();
    const to = all.indexOf(item) + by;
    if (to < 0 || to >= all.length) return;
    if (by < 0) all[to].before(item); else all[to].after(item);
    refresh();
    button.focus();
    say(said("moved").replace("{n}", to + 1));
  };
  const remove = (item) => {
    const next = item.nextElementSibling || item.previousElementSibling;
    item.remove();
    refresh();
    (next?.querySelector("[data-item-delete]") || document.querySelector("[data-item-add]"))?.focus();
    say(said("deleted"));
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard]")) leaving = true;
    if (event.target.closest("[data-item-add]")) add();
    const item = event.target.closest("[data-item]");
    if (!item) return;
    const mover = event.target.closest("[data-item-move]");
    if (mover) move(item, Number(mover.dataset.itemMove), mover);
    if (event.target.closest("[data-item-delete]")) remove(item);
  });
  document.addEventListener("input", (event) => { if (event.target.closest("#answers-form")) refresh(); });
  document.addEventListener("change", (event) => { if (event.target.closest("#answers-form")) refresh(); });
  // Enter in a line's field is no order to save everything.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && event.target.matches?.("#answers-form input")) event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => { if (!leaving && changed()) event.preventDefault(); });

  const begin = () => {
    if (!form()) return;
    stored = content();
    leaving = false;
    tidy();
    told();
  };
  document.addEventListener("DOMContentLoaded", begin);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "answers-editor") return;
    begin();
    const wrong = form()?.querySelector("[aria-invalid]");
    if (!wrong) {
      // What was pressed is gone with the bar it stood in.
      document.getElementById("main")?.focus({ preventScroll: true });
      document.querySelector("#answers-form [role=alert]")?.scrollIntoView({ block: "center" });
      return;
    }
    const details = wrong.closest("details");
    if (details) details.open = true;
    wrong.focus();
  });
})();
