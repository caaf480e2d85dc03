// Countdowns tick between two looks at the server: <span data-countdown data-left="41" data-total="300">.
(() => {
  const started = new WeakMap();
  const clock = (seconds) => {
    const left = Math.max(0, Math.ceil(seconds));
    return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  };
  const tick = () => {
    document.querySelectorAll("[data-countdown]").forEach((element) => {
      if (!started.has(element)) started.set(element, performance.now());
      const total = Number(element.dataset.total);
      const left = Math.max(0, Number(element.dataset.left) - (performance.now() - started.get(element)) / 1000);
      const gone = total ? 1 - left / total : 1;
      element.classList.toggle("countdown-warn", gone >= 0.4 && gone < 0.8);
      element.classList.toggle("countdown-bad", gone >= 0.8);
      element.querySelector("[data-countdown-clock]")?.replaceChildren(clock(left));
      element.querySelector("[data-countdown-ring]")?.setAttribute("stroke-dasharray", `${total ? (left / total) * 100 : 0} 100`);
    });
  };
  tick();
  document.addEventListener("htmx:afterSettle", tick);
  setInterval(tick, 1000);
})();
