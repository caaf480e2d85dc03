// The wall on a whole screen. It is drawn anew as things happen: so the page itself goes full screen, not the part. A menu
// closes by what was chosen in it (the wall stands still under an open one: parts.js).
(() => {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-full-screen]")) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else document.getElementById("main").requestFullscreen();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches(".wall-status form")) event.target.closest("details").open = false;
  });
})();
