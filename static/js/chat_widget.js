// The chat on another page: a button in the corner, and behind it the chat in a frame. Needs of the page's own
// Content-Security-Policy: script-src and frame-src with our origin; nothing inline. One widget for each shop, however
// often the script runs: a page that changes its content in place (Turbo and the like) runs it once a visit.
(() => {
  const script = document.currentScript;
  if (!script || !/\/chat\/[^/]+\/widget\.js/.test(script.src)) return;
  const source = new URL(script.src);
  const home = source.origin;
  const path = source.pathname.replace(/widget\.js$/, "");
  const shop = path.split("/").slice(-2)[0];
  const known = self.fenliuChats?.[shop];
  if (!known) return;
  if (!known.origins.includes(location.origin)) {
    console.warn(`[fenliu] ${location.origin} is not among the websites of this shop's chat settings: the chat is not shown.`);
    return;
  }
  const widgets = (self[Symbol.for("fenliu.chat")] ??= new Map());
  const there = widgets.get(home + path);
  if (there) {
    there.update(script.dataset);
    return;
  }

  const KEY = `fenliu-chat:${home}${path}`;
  const FRAME_TIMEOUT = 12_000;
  const START_TIMEOUT = 5000; // From the frame's load event, which comes for an error page too, to its first message.
  const WHOLE = matchMedia("(max-width: 480px), (max-height: 480px)");
  const store = {
    read: () => {
      try { return localStorage.getItem(KEY); } catch { return null; }
    },
    write: (token) => {
      try {
        if (token) localStorage.setItem(KEY, token);
        else localStorage.removeItem(KEY);
      } catch { /* for this page only */ }
    },
  };
  const languageOf = (said) => ((said.lang || "").toLowerCase().startsWith("en") ? "en" : "zh-hans");
  const orderOf = (said) =>
    (said.order ? { number: said.order, title: said.orderTitle || "", price: said.orderPrice || "" } : null);
  const placeOf = (said) => ({ entry: said.entry || "", order_status: said.orderStatus || "" });
  let said = { ...script.dataset };
  let words = known[languageOf(said)];
  let token = said.token || store.read();
  let order = orderOf(said);
  let open = false;
  let frame = null;
  let ready = false;
  let overflow = null;
  let timer = 0;

  const style = `
    :host { all: initial; }
    button, iframe, .cover { font: 400 15px/22px -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "Segoe UI", sans-serif; }
    button { cursor: pointer; }
    [hidden] { display: none !important; }
    .open { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; display: flex; align-items: center; gap: 8px; height: 52px;
      padding: 0 20px 0 16px; border: 0; border-radius: 26px; background: #2f5bd7; color: #fff;
      box-shadow: 0 6px 20px rgb(27 34 48 / 28%); }
    .open:hover { background: #284fc0; }
    button:focus-visible { outline: 3px solid #2f5bd7; outline-offset: 3px; }
    svg { width: 24px; height: 24px; fill: none; stroke: currentcolor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
    .count { position: absolute; top: -6px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
      background: #c62a25; color: #fff; font-size: 12px; line-height: 22px; text-align: center; font-variant-numeric: tabular-nums; }
    .panel { --ground: #f5f6f8; --text: #1b2230; --line: #c9cfda; --accent: #2f5bd7; position: fixed; right: 20px; bottom: 20px; z-index: 2147483001;
      width: 384px; height: min(660px, calc(100vh - 40px)); border-radius: 14px;
      overflow: hidden; background: var(--ground); box-shadow: 0 12px 44px rgb(27 34 48 / 26%), 0 1px 4px rgb(27 34 48 / 14%); }
    .panel.dark { --ground: #0f1216; --text: #e8ebf0; --line: #3a4250; --accent: #8ba8ff; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .cover { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 16px; padding: 56px 32px; box-sizing: border-box;
      background: var(--ground); color: var(--text); text-align: center; }
    .cover p { margin: 0; }
    .again { min-height: 44px; padding: 0 22px; border: 1px solid var(--accent); border-radius: 22px; background: transparent; color: var(--accent); }
    .leave { position: absolute; top: 8px; right: 8px; display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0;
      border-radius: 22px; background: transparent; color: inherit; }
    .leave:focus-visible { outline-offset: -3px; outline-color: var(--accent); }
    @media (max-width: 480px), (max-height: 480px) {
      .panel { inset: 0; width: auto; height: 100%; border-radius: 0; }
      .open { right: 14px; bottom: calc(14px + env(safe-area-inset-bottom)); }
      .leave { top: calc(8px + env(safe-area-inset-top)); }
    }
    @media (prefers-color-scheme: dark) { .panel.auto { --ground: #0f1216; --text: #e8ebf0; --line: #3a4250; --accent: #8ba8ff; } }
    @media print { .open, .panel { display: none; } }`;

  // -- what it is made of ----------------------------------------------------------------------------------------
  const make = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name }, more);
  const draw = (path_) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawing.setAttribute("d", path_);
    svg.append(drawing);
    return svg;
  };
  const host = document.createElement("fenliu-chat");
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const sheet = document.createElement("style");
    sheet.textContent = style;
    root.append(sheet);
  }
  const launcher = make("button", "open", { type: "button" });
  launcher.setAttribute("aria-haspopup", "dialog");
  launcher.setAttribute("aria-expanded", "false");
  const label = make("span", "");
  const count = make("span", "count", { hidden: true });
  launcher.append(draw("M3 20l1.3 -3.9c-2.324 -3.437 -1.426 -7.872 2.1 -10.374c3.526 -2.501 8.59 -2.296 11.845 .48c3.255 2.777 3.695 7.266 1.029 10.501c-2.666 3.235 -7.615 4.215 -11.574 2.293l-4.7 1M8 11.5h.01M12 11.5h.01M16 11.5h.01"), label, count);
  const panel = make("div", "panel", { hidden: true });
  panel.setAttribute("role", "dialog");
  // Over the frame until the chat in it answers, so that a way out does not depend on what the frame loads.
  const cover = make("div", "cover");
  const state = make("p", "");
  state.setAttribute("role", "status");
  const again = make("button", "again", { type: "button" });
  const leave = make("button", "leave", { type: "button" });
  leave.append(draw("M6 6l12 12M18 6l-12 12"));
  cover.append(state, again, leave);
  panel.append(cover);
  root.append(launcher, panel);
  const dress = () => {
    words = known[languageOf(said)];
    label.textContent = said.label || words.open;
    panel.setAttribute("aria-label", words.title);
    again.textContent = words.retry;
    leave.setAttribute("aria-label", words.close);
    const theme = said.theme || "auto";
    panel.classList.toggle("auto", theme === "auto");
    panel.classList.toggle("dark", theme === "dark");
  };

  // -- for the page's own code -------------------------------------------------------------------------------------
  const listeners = new Map();
  const emit = (name, detail) => [...(listeners.get(name) ?? [])].forEach((listener) => listener(detail));

  // -- the frame -------------------------------------------------------------------------------------------------
  const tell = (fenliu, data = {}) => { if (ready) frame.contentWindow.postMessage({ fenliu, ...data }, home); };
  const wait = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(fail, milliseconds);
  };
  const fail = () => {
    state.textContent = words.failed;
    again.hidden = false;
    emit("failed");
  };
  const expect = () => {
    ready = false;
    cover.hidden = false;
    again.hidden = true;
    state.textContent = words.opening;
    wait(FRAME_TIMEOUT);
  };
  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = words.title;
    const asked = new URLSearchParams({ lang: languageOf(said) === "en" ? "en" : "zh", theme: said.theme || "auto" });
    Object.entries(placeOf(said)).forEach(([name, value]) => { if (value) asked.set(name, value); });
    frame.addEventListener("load", () => { if (!ready) wait(START_TIMEOUT); });
    frame.src = `${home}${path}?${asked}`;
    expect();
    panel.prepend(frame);
  };
  const unload = () => {
    clearTimeout(timer);
    frame?.remove();
    frame = null;
    ready = false;
  };
  const start = () => {
    clearTimeout(timer);
    const focused = cover.contains(root.activeElement);
    ready = true;
    cover.hidden = true;
    tell("hello", { token, order });
    tell("shown", { shown: open });
    if (open && focused) frame.focus();
    emit("ready");
  };
  again.addEventListener("click", () => {
    unload();
    load();
    leave.focus();
  });

  // -- open and closed ---------------------------------------------------------------------------------------------
  // A phone's keyboard covers the page without making it smaller: the panel takes what is left.
  const fit = () => {
    const view = window.visualViewport;
    const covers = open && WHOLE.matches && view && view.scale <= 1.01;
    panel.style.top = covers ? `${view.offsetTop}px` : "";
    panel.style.bottom = covers ? "auto" : "";
    panel.style.height = covers ? `${view.height}px` : "";
  };
  const unlock = () => {
    if (overflow === null) return;
    document.documentElement.style.overflow = overflow;
    overflow = null;
  };
  const show = (now) => {
    if (now === open) return;
    open = now;
    load();
    panel.hidden = !open;
    launcher.hidden = open;
    launcher.setAttribute("aria-expanded", String(open));
    // A page behind a chat that fills the phone does not scroll along.
    if (open && WHOLE.matches) {
      overflow = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
    } else if (!open) unlock();
    fit();
    tell("shown", { shown: open });
    if (!open) launcher.focus();
    else if (ready) frame.focus();
    else leave.focus();
    emit(open ? "open" : "close");
  };
  const showCount = (number) => {
    count.hidden = !number;
    count.textContent = number > 99 ? "99+" : String(number);
    count.setAttribute("aria-label", words.unread.replace("{count}", String(number)));
    emit("unread", number);
  };
  const receive = (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
    const what = event.data;
    if (typeof what !== "object" || what === null) return;
    if (what.fenliu === "ready") start();
    if (what.fenliu === "token") {
      token = typeof what.token === "string" ? what.token : null;
      if (!said.token) store.write(token);
    }
    if (what.fenliu === "unread") showCount(Number(what.count) || 0);
    if (what.fenliu === "hide") show(false);
  };
  const escape = (event) => { if (event.key === "Escape" && open) show(false); };
  launcher.addEventListener("click", () => show(true));
  leave.addEventListener("click", () => show(false));

  // -- in the page, and in it again ----------------------------------------------------------------------------------
  // Beside the body, not in it: a page that replaces its body keeps the chat, with what is being written in it.
  const attach = () => {
    if (host.isConnected) return;
    document.documentElement.append(host);
    watcher.observe(document, { childList: true });
    watcher.observe(document.documentElement, { childList: true });
    if (frame) expect(); // A frame that is put in again loads again.
    // Who has written before hears of an answer without opening the chat.
    else if (token) load();
  };
  const watcher = new MutationObserver(attach);
  // The script once more, with what the page says now: another order, another entry, another buyer.
  const update = (dataset) => {
    const before = said;
    said = { ...dataset };
    dress();
    order = orderOf(said);
    const changed = ["lang", "theme", "token"].some((name) => (before[name] || "") !== (said[name] || ""));
    if (changed) {
      if ((before.token || "") !== (said.token || "")) {
        token = said.token || store.read();
        showCount(0);
      }
      const loaded = Boolean(frame);
      unload();
      if (loaded || token) load();
      return;
    }
    if (JSON.stringify(orderOf(before)) !== JSON.stringify(order)) tell("order", { order });
    if (JSON.stringify(placeOf(before)) !== JSON.stringify(placeOf(said))) tell("place", placeOf(said));
  };
  const destroy = () => {
    watcher.disconnect();
    unload();
    unlock();
    host.remove();
    window.removeEventListener("message", receive);
    document.removeEventListener("keydown", escape);
    document.removeEventListener("DOMContentLoaded", attach);
    ["resize", "scroll"].forEach((name) => window.visualViewport?.removeEventListener(name, fit));
    listeners.clear();
    widgets.delete(home + path);
    if (window.fenliuChat === widget) delete window.fenliuChat;
    Object.assign(widget, { open: () => {}, close: () => {}, order: () => {}, on: () => () => {}, destroy: () => {} });
  };

  const widget = {
    open: () => show(true),
    close: () => show(false),
    order: (given) => {
      order = given;
      tell("order", { order });
    },
    on: (name, listener) => {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      return () => { listeners.get(name)?.delete(listener); };
    },
    destroy,
  };
  widgets.set(home + path, { update });
  window.fenliuChat ??= widget;
  window.addEventListener("message", receive);
  document.addEventListener("keydown", escape);
  ["resize", "scroll"].forEach((name) => window.visualViewport?.addEventListener(name, fit));
  dress();
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
})();
