// The wall on a whole screen. It is drawn anew as things happen: so the page itself goes full screen, not the part, and a
// menu that is open is not fetched away from under the pointer.
(() => {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-full-screen]")) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else document.getElementById("main").requestFullscreen();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches(".wall-status form")) event.target.closest("details").open = false;
    if (event.target.id === "wall" && event.target.querySelector("details[open]")) event.preventDefault();
  });
})();
