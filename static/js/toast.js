// Messages at the edge: Django's, those a view sends (HX-Trigger: {"toast": {"text", "tone"}}), and htmx's failures.
(() => {
  const LASTS = 6000;
  const host = () => document.getElementById("toasts");
  const leave = (line) => {
    if (!line.classList.contains("toast-line-error")) setTimeout(() => line.remove(), LASTS);
  };
  const show = (text, tone) => {
    const template = host()?.querySelector("template");
    if (!template || !text) return;
    const line = template.content.firstElementChild.cloneNode(true);
    line.classList.add(`toast-line-${tone || "info"}`);
    line.querySelector("[data-toast-text]").textContent = text;
    host().append(line);
    leave(line);
  };
  const word = (name) => host()?.dataset[name] || "";
  document.addEventListener("DOMContentLoaded", () => host()?.querySelectorAll(".toast-line").forEach(leave));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) event.target.closest(".toast-line").remove();
  });
  document.addEventListener("toast", (event) => show(event.detail.text, event.detail.tone));
  // Parts that fetch themselves come again by themselves; the line at the top says that nothing reaches us.
  const byItself = (event) => event.target.matches?.("[data-poll], [data-refresh]");
  document.addEventListener("htmx:sendError", (event) => { if (!byItself(event)) show(word("offline"), "error"); });
  document.addEventListener("htmx:timeout", () => show(word("offline"), "error"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 500 && byItself(event)) return;
    const said = event.detail.xhr.getResponseHeader("X-Message");
    const name = { 403: "forbidden", 404: "gone", 409: "conflict" }[status] || "fault";
    show(said ? decodeURIComponent(said) : word(name), "error");
  });
})();
