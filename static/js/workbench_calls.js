// A buyer's message to me, or a conversation that comes to me, while I look elsewhere: a sound, and the number of those
// who wait in the title.
(() => {
  const { account } = document.body.dataset;
  const KEY = "fenliu-sound";
  const button = () => document.querySelector("[data-sound]");
  const on = () => { try { return localStorage.getItem(KEY) !== "off"; } catch { return true; } };
  const show = () => {
    button()?.setAttribute("aria-pressed", String(on()));
    button()?.querySelector(".ti")?.classList.toggle("ti-volume", on());
    button()?.querySelector(".ti")?.classList.toggle("ti-volume-off", !on());
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sound]")) return;
    try { localStorage.setItem(KEY, on() ? "off" : "on"); } catch { /* private */ }
    show();
    if (on()) ring();
  });

  // Two short notes, made here: nothing to fetch.
  const ONCE = 1000; // many at once ring once
  let audio;
  let rangAt = 0;
  const ring = () => {
    if (Date.now() - rangAt < ONCE) return;
    rangAt = Date.now();
    try {
      audio = audio || new AudioContext();
      [[880, 0], [1175, 0.12]].forEach(([pitch, at]) => {
        const tone = audio.createOscillator();
        const level = audio.createGain();
        tone.frequency.value = pitch;
        level.gain.setValueAtTime(0.0001, audio.currentTime + at);
        level.gain.exponentialRampToValueAtTime(0.15, audio.currentTime + at + 0.02);
        level.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + at + 0.18);
        tone.connect(level).connect(audio.destination);
        tone.start(audio.currentTime + at);
        tone.stop(audio.currentTime + at + 0.2);
      });
    } catch { /* no sound before the first click on a page */ }
  };

  const plain = document.title;
  const title = () => {
    const waiting = document.querySelectorAll("#work-list .work-row:not(.is-answered):not(.work-row-found)").length;
    document.title = waiting ? `(${waiting}) ${plain}` : plain;
  };
  // What one looks at, in whichever tab, is no news: a tab in sight holds a lock for its conversation. Without TLS there
  // are no locks, and each tab knows of itself alone.
  const OWN_STEP = 5000; // nor is what one has just taken oneself
  const { locks } = navigator;
  const looksAt = (id) => `fenliu-looks-${id}`;
  const hold = (id) => {
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    locks?.request(looksAt(id), { mode: "shared" }, () => held);
    return release;
  };
  let shown = "";
  let release = () => {};
  const look = (here) => {
    const open = (here && document.querySelector("[data-open-conversation]")?.dataset.openConversation) || "";
    if (open === shown) return;
    release();
    shown = open;
    release = open ? hold(open) : () => {};
  };
  document.addEventListener("visibilitychange", () => look(!document.hidden));
  document.addEventListener("htmx:afterSettle", () => look(!document.hidden));
  window.addEventListener("pagehide", () => look(false));
  window.addEventListener("pageshow", () => look(!document.hidden));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const taken = event.detail.requestConfig.path.match(/\/conversations\/(\d+)\/take\/$/);
    if (taken) setTimeout(hold(taken[1]), OWN_STEP);
  });

  // Of several tabs one rings for an event: whichever claims it first, one in sight before those behind it.
  const CLAIMED = "fenliu-rang";
  const HELD = 5000; // so long a claim stands: every tab has heard of the event by then
  const claim = (event, mine) => {
    const id = `${event.shop}-${event.seq}`;
    if (locks) {
      locks.request(`fenliu-sound-${id}`, { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        const held = new Set((await locks.query()).held.map(({ name }) => name));
        if (!mine.every((one) => held.has(looksAt(one.id)))) ring();
        await new Promise((resolve) => { setTimeout(resolve, HELD); });
      });
      return;
    }
    try {
      if (localStorage.getItem(CLAIMED) === id) return;
      localStorage.setItem(CLAIMED, id);
    } catch { /* private */ }
    if (!mine.every((one) => String(one.id) === shown)) ring();
  };

  const forMe = (event) => (event.message
    ? event.conversations.filter((one) => event.message.sender === "buyer" && one.agent === account)
    : event.conversations.filter((one) => one.agent === account && one.state === "open"));
  const comes = (event) => Boolean(event.message)
    || event.decisions.some((one) => one.agent === account && one.outcome !== "queued");
  document.addEventListener("live", ({ detail }) => {
    const mine = forMe(detail);
    if (mine.length && comes(detail) && on()) setTimeout(() => claim(detail, mine), document.hidden ? 300 : 0);
  });
  document.addEventListener("htmx:afterSettle", title);
  show();
  title();
  look(!document.hidden);
})();
