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
  // Of several tabs one rings for an event: whichever claims it first. One that shows the conversation claims at once and
  // stays silent, a tab in sight comes before those behind it.
  const CLAIMED = "fenliu-rang";
  const HELD = 5000; // so long a claim stands: every tab has heard of the event by then
  const OWN_STEP = 5000; // what one has taken oneself is no news
  const claim = (id, sound) => {
    if (navigator.locks) {
      navigator.locks.request(`fenliu-sound-${id}`, { ifAvailable: true }, (lock) => {
        if (!lock) return null;
        if (sound) ring();
        return new Promise((resolve) => { setTimeout(resolve, HELD); });
      });
      return;
    }
    try { // no locks without TLS
      if (localStorage.getItem(CLAIMED) === id) return;
      localStorage.setItem(CLAIMED, id);
    } catch { /* private */ }
    if (sound) ring();
  };

  let tookAt = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (/\/take\/$/.test(event.detail.requestConfig.path)) tookAt = Date.now();
  });
  const forMe = (event) => (event.message
    ? event.conversations.filter((one) => event.message.sender === "buyer" && one.agent === account)
    : event.conversations.filter((one) => one.agent === account && one.state === "open"));
  const comes = (event) => Boolean(event.message)
    || event.decisions.some((one) => one.agent === account && one.outcome !== "queued");
  document.addEventListener("live", ({ detail }) => {
    const mine = forMe(detail);
    if (!mine.length || !comes(detail) || !on()) return;
    const id = `${detail.shop}-${detail.seq}`;
    const open = document.querySelector("[data-open-conversation]")?.dataset.openConversation;
    const seen = !document.hidden && mine.every((one) => String(one.id) === open);
    if (seen || Date.now() - tookAt < OWN_STEP) claim(id, false);
    else setTimeout(() => claim(id, true), document.hidden ? 300 : 100);
  });
  document.addEventListener("htmx:afterSettle", title);
  show();
  title();
})();
