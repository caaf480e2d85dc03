// What a page does with what happens in its shops: parts that ask to be fetched anew are, the status switch follows, and
// whoever listens to "live" on the document hears the event itself.
(() => {
  const body = document.body;
  const { shop, account, link, stream, beat } = body.dataset;
  if (!link) return;
  const csrf = () => JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"];
  const words = document.getElementById("live-line");

  // Named after what has changed; a part lists those it wants in hx-trigger="… from:body". Many at once are one.
  const GATHER = 120;
  const waiting = new Set();
  const ask = (name) => {
    if (!waiting.size) setTimeout(() => { const names = [...waiting]; waiting.clear(); names.forEach((one) => htmx.trigger(body, one)); }, GATHER);
    waiting.add(name);
  };
  const everything = () => ["listLive", "threadLive", "shopLive", "presenceLive"].forEach(ask);

  // Nothing reaches us: said after three seconds, for a short cut does nothing.
  let linked = false; // and for who looks from outside: <body data-live>
  let lineTimer;
  const stand = () => {
    clearTimeout(lineTimer);
    if (linked && navigator.onLine) { if (words) words.hidden = true; return; }
    lineTimer = setTimeout(() => { if (words) words.hidden = false; }, 3000);
  };
  const cut = () => { linked = false; delete body.dataset.live; stand(); };
  const connected = () => {
    linked = true;
    body.dataset.live = "";
    stand();
    everything(); // what happened meanwhile, or between the page's making and now; what is as it was answers 204
  };
  window.addEventListener("offline", stand);
  window.addEventListener("online", () => { stand(); everything(); });
  // A part that could not be fetched is asked for again.
  let againTimer;
  const again = (event) => {
    if (!event.target.matches?.("[data-poll], [data-refresh]")) return;
    clearTimeout(againTimer);
    againTimer = setTimeout(everything, 2000);
  };
  document.addEventListener("htmx:sendError", again);
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status >= 500) again(event);
    // Rights that went between the page's making and the stream's beginning: no event tells of them.
    else if (status === 403 && event.target.matches?.("[data-poll], [data-refresh]")) window.location.reload();
  });

  const presence = (status) => {
    if (status) document.dispatchEvent(new CustomEvent("presence", { detail: { status } }));
  };
  const toast = (name, values = {}) => {
    const text = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), words?.dataset[name] || "");
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "info" } }));
  };
  // What the plan of shifts did, and what ended with a session: nobody switched it by hand.
  const QUIET = ["shift", "signed_out", "session_ended", "credentials_reset", "account_closed"];
  const ownPresence = (event) => {
    const me = event.agents.find((one) => one.account === account);
    if (event.shop !== shop || !me) return;
    presence(me.status);
    if (event.kind === "ask_back") { toast("askedback", { who: event.ask_back.by || "" }); return; }
    if (event.kind !== "presence" || !event.presence || event.presence.by === account) return;
    const { reason } = event.presence;
    if (reason === "silence") toast("silence");
    else if (!QUIET.includes(reason)) toast("switched", { who: event.presence.by || "", status: words?.dataset[me.status] || "" });
  };

  const happened = (event) => {
    document.dispatchEvent(new CustomEvent("live", { detail: event }));
    ownPresence(event);
    if (event.kind === "heading") toast("heading");
    if (event.kind === "penalty") toast(event.change);
    const open = document.querySelector("[data-open-conversation]")?.dataset.openConversation;
    if (event.conversations.length || event.agents.length) ask("listLive");
    if (event.shop !== shop) return;
    ask("shopLive");
    if (event.kind === "presence") ask("presenceLive");
    if (event.conversations.some((one) => String(one.id) === open)) ask("threadLive");
  };

  const hear = (told) => {
    if (told.kind === "connected") connected();
    else if (told.kind === "cut") cut();
    else if (told.kind === "beat") { presence(told.statuses?.[shop]); }
    else if (told.kind === "reset") everything();
    else if (told.kind === "access") window.location.reload(); // other rights, other pages; drafts are kept
    else if (told.event) happened(told.event);
  };

  const page = () => ({ stream, beat: beat || "", csrf: csrf() });
  let say;
  if (window.SharedWorker) {
    const { port } = new SharedWorker(link, "fenliu-live");
    port.onmessage = ({ data }) => hear(data);
    say = (data) => port.postMessage(data);
    say(page());
  } else {
    const script = document.createElement("script");
    script.src = link;
    script.onload = () => {
      const link = new window.LiveLink(hear);
      say = (data) => link.page("page", data);
      say(page());
    };
    document.head.append(script);
  }
  window.addEventListener("pagehide", () => say?.(null));
  window.addEventListener("pageshow", (event) => { if (event.persisted) { say?.(page()); everything(); } });
})();
