// Light, dark or as the system: set before the first paint, so this one is loaded in <head> and not deferred.
(() => {
  const KEY = "fenliu-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try { return localStorage.getItem(KEY) || "auto"; } catch { return "auto"; }
  };
  const apply = () => {
    const choice = read();
    const dark = choice === "dark" || (choice === "auto" && system.matches);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    document.querySelectorAll("[data-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    });
    document.dispatchEvent(new CustomEvent("fenliu:theme", { detail: { dark } }));
  };
  const choose = (choice) => {
    try { localStorage.setItem(KEY, choice); } catch { /* a private window: for this page only */ }
    apply();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice], [data-theme-toggle]");
    if (!button) return;
    choose(button.dataset.themeChoice || (document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark"));
  });
  document.addEventListener("DOMContentLoaded", apply);
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => { if (event.key === KEY) apply(); });
  apply();
})();
