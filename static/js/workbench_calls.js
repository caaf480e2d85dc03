// A buyer's message to me while I look elsewhere: a sound, and the number of those who wait in the title.
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
  let audio;
  const ring = () => {
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
  document.addEventListener("live", ({ detail }) => {
    const said = detail.kind === "message" || detail.kind === "open" ? detail.conversations.find((one) => one.agent === account) : null;
    const mine = detail.message ? detail.message.sender === "buyer" : detail.kind === "open";
    if (said && mine && on() && (document.hidden || String(said.id) !== document.querySelector("[data-open-conversation]")?.dataset.openConversation)) ring();
  });
  document.addEventListener("htmx:afterSettle", title);
  show();
  title();
})();
