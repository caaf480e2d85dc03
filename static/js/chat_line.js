// The line to the server: who the buyer is, one call, entering. chat_outbox.js sends over it, chat_follow.js listens.
(() => {
  const chat = window.fenliuChat;
  const { config } = chat;
  const KEY = `fenliu-chat:${config.shop}`;
  const framed = window.parent !== window;
  const PATIENCE = 20_000;
  const LONGEST_PAUSE = 15_000;

  const on = { news: () => {}, outbox: () => {}, network: () => {}, started: () => {}, order: () => {}, shown: () => {}, place: () => {} };
  let token = null;
  let entered = false; // A token that was kept is believed once the server has taken it.
  let cut = false;

  // -- the page around the chat: the token is kept there, under the shop's own address ---------------------------
  let around = null;
  const tell = (type, data = {}) => {
    if (around) window.parent.postMessage({ fenliu: type, ...data }, around);
  };
  const greeted = () => new Promise((resolve) => {
    window.addEventListener("message", (event) => {
      const said = event.data;
      if (event.source !== window.parent || !framed || !config.origins.includes(event.origin)) return;
      if (typeof said !== "object" || said === null || typeof said.fenliu !== "string") return;
      around = event.origin;
      if (said.fenliu === "hello") resolve(typeof said.token === "string" ? said.token : null);
      if (said.order && typeof said.order === "object") on.order(said.order);
      if (said.fenliu === "shown") on.shown(Boolean(said.shown));
      if (said.fenliu === "place") on.place({ entry: String(said.entry || "").slice(0, 50), order_status: String(said.order_status || "").slice(0, 20) });
    });
    // Nothing secret is in it: which website this is, is not known before it answers.
    if (framed) window.parent.postMessage({ fenliu: "ready" }, "*");
    // Framed by hand, without the script: then our own storage is what there is.
    setTimeout(() => resolve(undefined), framed ? 3000 : 0);
  });
  const stored = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const keep = (given) => {
    token = given;
    tell("token", { token });
    if (around) return;
    try {
      if (token) localStorage.setItem(KEY, token);
      else localStorage.removeItem(KEY);
    } catch { /* no storage: for this page only */ }
  };

  // -- one call --------------------------------------------------------------------------------------------------
  class Refusal extends Error {
    constructor(status, body, wait) {
      super(body?.message || chat.parts.word("fault"));
      Object.assign(this, { status, code: body?.code || "", wait });
    }
  }
  // AbortSignal.timeout is younger than the browsers inside some shopping apps.
  const timed = (after) => {
    const control = new AbortController();
    setTimeout(() => control.abort(), after);
    return control.signal;
  };
  const reach = (reached) => {
    if (cut === !reached) return;
    cut = !reached;
    on.network(cut);
  };
  const send = async (method, path, body, { signal, ...more } = {}) => {
    const headers = { ...more, ...(token ? { Authorization: `Chat ${token}` } : {}) };
    const asForm = body instanceof FormData;
    if (body && !asForm) headers["Content-Type"] = "application/json";
    const url = `${config.base}${path}${path.includes("?") ? "&" : "?"}lang=${config.language}`;
    let response;
    try {
      response = await fetch(url, {
        method, headers, cache: "no-store", credentials: "omit",
        signal: signal || timed(asForm ? PATIENCE * 3 : PATIENCE),
        body: body && !asForm ? JSON.stringify(body) : body,
      });
    } catch (error) {
      reach(false);
      throw error;
    }
    reach(true);
    if (!response.ok) {
      const answer = await response.json().catch(() => null);
      throw new Refusal(response.status, answer, Number(response.headers.get("Retry-After")) || 0);
    }
    return response;
  };
  const call = async (method, path, body) => (await send(method, path, body)).json();
  const from = () => ({ entry: config.entry, order_status: config.order_status });

  // -- entering --------------------------------------------------------------------------------------------------
  // Whoever finds the token refused enters anew, and who comes meanwhile waits for that: two at once would be two buyers.
  let entering = null;
  const enter = () => (entering ??= newly().finally(() => { entering = null; }));
  const newly = async () => {
    let told;
    try {
      told = await call("POST", "start/", from());
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401 || !token) throw error;
      keep(null);
      told = await call("POST", "start/", from());
    }
    if (told.token) keep(told.token);
    line.cursor = told.cursor;
    entered = true;
    on.started(told);
  };
  const begin = async () => {
    const given = await greeted();
    token = (around ? given : stored()) || null;
    for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        await enter();
        break;
      } catch (error) {
        if (error instanceof Refusal && error.status < 500 && error.status !== 429) {
          on.started(null, error);
          return;
        }
        await rest(error.wait ? error.wait * 1000 : pause);
      }
    }
    line.drain();
    line.follow();
  };

  // The token is not taken any more: somebody new, and what is not sent yet is theirs.
  const renew = async () => {
    try { await enter(); } catch { await rest(1000); }
  };

  // -- waiting -----------------------------------------------------------------------------------------------------
  // Until so many milliseconds have passed, the network is back, or somebody calls.
  const sleepers = new Set();
  const rest = (pause) => new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      sleepers.delete(done);
      resolve();
    };
    const timer = setTimeout(done, pause);
    sleepers.add(done);
  });
  const wake = () => [...sleepers].forEach((done) => done());
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => reach(false));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });

  const line = {
    on, begin, enter, call, send, from, renew, rest, wake, tell, framed, Refusal, LONGEST_PAUSE,
    cursor: 0,
    get cut() { return cut; },
    get known() { return entered && token !== null; },
    do: async (path, body = {}) => {
      on.news(await call("POST", path, body));
      wake();
    },
    earlier: (id) => call("GET", `messages/?before=${id}`),
    image: async (message) => URL.createObjectURL(await (await send("GET", `images/${message.id}/`)).blob()),
  };
  chat.line = line;
})();
