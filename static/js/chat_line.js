// What goes over the network: who the buyer is, what waits to be sent, what comes in.
(() => {
  const chat = window.fenliuChat;
  const { config } = chat;
  const KEY = `fenliu-chat:${config.shop}`;
  const framed = window.parent !== window;
  const PATIENCE = 20_000;
  const LONGEST_PAUSE = 15_000;
  const EVERY = 3000;
  const EVERY_HIDDEN = 15_000;
  const EVERY_IDLE = 60_000;
  const FIRST_WORD = 8000;
  const SILENCE = 45_000;

  const on = { news: () => {}, outbox: () => {}, network: () => {}, started: () => {}, order: () => {}, shown: () => {} };
  let token = null;
  let cursor = 0;
  let cut = false;

  // -- the page around the chat: the token is kept there, under the shop's own address ---------------------------
  let around = null;
  const tell = (type, data = {}) => {
    if (around) window.parent.postMessage({ fenliu: type, ...data }, around);
  };
  const greeted = new Promise((resolve) => {
    window.addEventListener("message", (event) => {
      const said = event.data;
      if (event.source !== window.parent || !framed || !config.origins.includes(event.origin)) return;
      if (typeof said !== "object" || said === null || typeof said.fenliu !== "string") return;
      around = event.origin;
      if (said.fenliu === "hello") resolve(typeof said.token === "string" ? said.token : null);
      if (said.order && typeof said.order === "object") on.order(said.order);
      if (said.fenliu === "shown") on.shown(Boolean(said.shown));
    });
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
  const enter = async () => {
    let told;
    try {
      told = await call("POST", "start/", from());
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401 || !token) throw error;
      keep(null);
      told = await call("POST", "start/", from());
    }
    if (told.token) keep(told.token);
    cursor = told.cursor;
    on.started(told);
  };
  const begin = async () => {
    const given = await greeted;
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
    drain();
    follow();
  };

  // -- sending: one after the other, in the order in which it was written; what the network swallows goes again ------
  const outbox = [];
  let draining = false;
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(15)), (n) => n.toString(36).padStart(2, "0")).join("").slice(0, 30);
  const put = (item) => {
    outbox.push({ ...item, message_id: fresh(), at: Date.now(), state: "waiting" });
    on.outbox();
    drain();
  };
  const post = (item) => {
    const shared = { message_id: item.message_id, ...from() };
    if (item.question) shared.question = item.question;
    if (item.file) {
      const form = new FormData();
      Object.entries(shared).forEach(([name, value]) => form.append(name, value));
      form.append("image", item.file, "image");
      return call("POST", "images/", form);
    }
    const what = item.order ? { order: item.order } : item.hot_question ? { hot_question: item.hot_question } : { text: item.text };
    return call("POST", "messages/", { ...shared, ...what });
  };
  const remove = (item) => {
    const at = outbox.indexOf(item);
    if (at >= 0) outbox.splice(at, 1);
  };
  const drop = (item) => {
    remove(item);
    on.outbox();
  };
  // What has arrived, by whichever way that is heard of first, waits no longer.
  const settle = (messages) => messages.forEach((message) => {
    const item = message.message_id && outbox.find((it) => it.message_id === message.message_id);
    if (!item) return;
    item.done = true;
    if (item.url) message.url = item.url;
    remove(item);
  });
  const again = (item) => {
    item.state = "waiting";
    on.outbox();
    drain();
  };
  const drain = async () => {
    if (draining || !token) return;
    draining = true;
    let pause = 1000;
    for (let item; (item = outbox.find((it) => it.state !== "failed")); ) {
      try {
        Object.assign(item, { state: "sending", why: "" });
        on.outbox();
        const told = await post(item);
        pause = 1000;
        on.news({ ...told, messages: [told.message] });
        wake();
      } catch (error) {
        const refused = error instanceof Refusal;
        if (item.done) continue;
        if (refused && error.status === 401) await renew();
        else if (refused && error.status < 500 && error.status !== 429) {
          Object.assign(item, { state: "failed", why: error.message });
          on.outbox();
        } else {
          Object.assign(item, { state: "kept", why: error.status === 429 ? error.message : "" });
          on.outbox();
          await rest(refused && error.wait ? error.wait * 1000 : pause);
          pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
      }
    }
    draining = false;
  };
  // The token is not taken any more: somebody new, and what is not sent yet is theirs.
  const renew = async () => {
    try { await enter(); } catch { await rest(1000); }
  };

  // -- following -------------------------------------------------------------------------------------------------
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
  window.addEventListener("offline", () => {
    reach(false);
    listening?.abort();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });

  const look = async () => {
    const told = await call("GET", `updates/?after=${cursor}`);
    cursor = Math.max(cursor, told.cursor);
    on.news(told);
  };
  // Told to look: once for all that comes within a moment. What concerns all who wait is looked at by each in a moment
  // of their own, the sooner the nearer they are to their turn.
  let looking = { timer: 0, due: Infinity };
  const lookWithin = (longest) => {
    const due = Date.now() + 100 + Math.random() * longest;
    if (due >= looking.due) return;
    clearTimeout(looking.timer);
    looking = {
      due,
      timer: setTimeout(() => {
        looking = { timer: 0, due: Infinity };
        look().catch(() => {});
      }, due - Date.now()),
    };
  };
  const WITHIN = { you: () => 150, line: () => Math.min(200 + patience() * 250, 12_000), people: () => 8000 };
  let patience = () => 0;

  // Server-sent events by fetch: an EventSource can send no header, and a token does not belong into an address.
  let listening = null;
  let lastId = "";
  const heard = (block) => {
    const fields = Object.fromEntries(block.split("\n").map((it) => [it.slice(0, it.indexOf(":")), it.slice(it.indexOf(":") + 1).trim()]));
    if (fields.id) lastId = fields.id;
    if (!fields.data) return;
    const told = JSON.parse(fields.data);
    if (fields.event === "message") on.news({ messages: [told.message] });
    if (fields.event === "look" || fields.event === "reset" || told.look) lookWithin((WITHIN[told.about] ?? WITHIN.you)());
  };
  // Until it ends; false where there is none to be had.
  const listen = async () => {
    listening = new AbortController();
    const { signal } = listening;
    let silence = setTimeout(() => listening?.abort(), FIRST_WORD);
    let some = false;
    try {
      const from_ = lastId ? { "Last-Event-ID": lastId } : {};
      const response = await send("GET", `stream/?after=${cursor}`, undefined, { signal, ...from_ });
      if (response.status !== 200) return false;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let kept = ""; ; some = true) {
        const { done, value } = await reader.read();
        if (done) return some;
        clearTimeout(silence);
        silence = setTimeout(() => listening?.abort(), SILENCE);
        const blocks = (kept + value).split("\n\n");
        kept = blocks.pop();
        blocks.forEach(heard);
      }
    } catch (error) {
      // Nothing at all came: something on the way keeps streams back.
      if (signal.aborted && !some && !cut) return false;
      throw error;
    } finally {
      clearTimeout(silence);
      listening = null;
    }
  };
  // Who has nothing open and does not look need not listen: nobody can write to them.
  let needed = () => true;
  const follow = async () => {
    let missed = 0;
    for (let pause = 1000; ; ) {
      try {
        await look();
        pause = 1000;
        if (!needed()) await rest(EVERY_IDLE);
        // Where nothing streams, every so often it is tried again: the server may have been started anew.
        else if (missed % 20 === 0 && await listen()) {
          missed = 0;
          await rest(Math.random() * 1500);
        } else {
          missed += 1;
          await rest(document.hidden ? EVERY_HIDDEN : EVERY);
        }
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) await renew();
        else if (error instanceof Refusal && [403, 404].includes(error.status)) return on.started(null, error);
        await rest(error.wait ? error.wait * 1000 : pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  };

  const image = async (message) => URL.createObjectURL(await (await send("GET", `images/${message.id}/`)).blob());

  chat.line = {
    on, begin, call, put, drop, again, settle, wake, outbox, image, tell, framed, Refusal,
    get cut() { return cut; },
    listenWhile: (condition) => { needed = condition; },
    patient: (places) => { patience = places; },
    do: async (path, body = {}) => {
      const told = await call("POST", path, body);
      on.news(told);
      wake();
    },
    earlier: (id) => call("GET", `messages/?before=${id}`),
  };
})();
