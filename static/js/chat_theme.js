// Light or dark, as the page around says or the system has it: before the first paint, so this one is not deferred.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = root.dataset;
    root.dataset.bsTheme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
  };
  system.addEventListener("change", apply);
  apply();
})();
