// A <details class="menu"> closes when the pointer or the Esc key goes elsewhere.
(() => {
  const closeAll = (but) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== but) menu.open = false;
  });
  document.addEventListener("click", (event) => closeAll(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    closeAll(null);
    menu?.querySelector("summary")?.focus();
  });
})();
