// Parts of a page that fetch themselves anew, [data-poll] and [data-refresh]: not while nobody sees the page, not from under
// an open menu or dialog (data-poll="behind": goes on behind a dialog), not more often than every data-pause milliseconds.
// What is asked for meanwhile, or while an answer is on its way (it may have been made before), is owed: the part asks as
// soon as it may. htmx by itself forgets both: `throttle` drops, and what it queues is lost with a part that is replaced.
(() => {
  const PARTS = "[data-poll], [data-refresh]";
  const sent = new Map(); // by the part's id: when it last asked
  const busy = new Set();
  const owed = new Set();
  let timer;

  const rest = (part) => (sent.get(part.id) || 0) + Number(part.dataset.pause || 0) - Date.now();
  const covered = (part) => part.querySelector("details.menu[open]") || (part.dataset.poll !== "behind" && document.querySelector("dialog[open]"));
  const pay = () => {
    clearTimeout(timer);
    const rests = [];
    owed.forEach((id) => {
      const part = document.getElementById(id);
      if (!part) { owed.delete(id); return; }
      if (busy.has(id) || document.hidden || covered(part)) return; // asks when that is over
      if (rest(part) > 0) rests.push(rest(part));
      else htmx.ajax("GET", part.getAttribute("hx-get"), { source: part }).catch(() => {}); // a failure is told by its event
    });
    if (rests.length) timer = setTimeout(pay, Math.min(...rests));
  };
  const soon = () => setTimeout(pay); // after htmx has sent what it queued itself

  document.addEventListener("htmx:trigger", ({ target }) => {
    if (target.matches(PARTS) && busy.has(target.id)) owed.add(target.id);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target;
    if (!part.matches(PARTS)) return;
    const own = event.detail.requestConfig.triggeringEvent?.type === "conversationChanged"; // what one did oneself shows at once
    if (!document.hidden && !covered(part) && (own || rest(part) <= 0)) return;
    event.preventDefault();
    owed.add(part.id);
    soon();
  });
  document.addEventListener("htmx:beforeSend", ({ target }) => {
    if (!target.matches(PARTS)) return;
    sent.set(target.id, Date.now());
    busy.add(target.id);
    owed.delete(target.id);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const part = detail.requestConfig.elt;
    if (!part.matches(PARTS) || !covered(part)) return;
    detail.shouldSwap = false;
    owed.add(part.id);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const part = detail.requestConfig?.elt;
    if (!part?.matches(PARTS)) return;
    busy.delete(part.id);
    soon();
  });
  document.addEventListener("toggle", soon, true);
  document.addEventListener("close", soon, true);
  document.addEventListener("visibilitychange", soon);
})();
