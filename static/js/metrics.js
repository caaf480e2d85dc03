// Parts that poll: not while the page is hidden, nor while a dialog is open over them.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-poll]")) return;
  if (document.hidden || document.querySelector("dialog[open]")) event.preventDefault();
});
