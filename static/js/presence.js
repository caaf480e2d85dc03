// The status switch stands on the page twice, for wide and for narrow screens: both show the status that was set.
(() => {
  document.addEventListener("presence", (event) => {
    document.querySelectorAll("[data-status-switch] [name=status]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === event.detail.status));
    });
  });
})();
