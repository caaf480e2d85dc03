// The chat on another page: a button in the corner, and behind it the chat in a frame. Needs of the page's own
// Content-Security-Policy: script-src and frame-src with our origin; nothing inline.
(() => {
  const script = document.currentScript;
  if (!script || !/\/chat\/[^/]+\/widget\.js/.test(script.src)) return;
  const source = new URL(script.src);
  const home = source.origin;
  const path = source.pathname.replace(/widget\.js$/, "");
  const shop = path.split("/").slice(-2)[0];
  const known = self.fenliuChats?.[shop];
  if (!known || known.drawn) return;
  const said = script.dataset;
  const language = (said.lang || "").toLowerCase().startsWith("en") ? "en" : "zh-hans";
  const words = known[language];
  if (!known.origins.includes(location.origin)) {
    console.warn(`[fenliu] ${location.origin} is not among the websites of this shop's chat settings: the chat is not shown.`);
    return;
  }
  known.drawn = true;

  const KEY = `fenliu-chat:${home}${path}`;
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
  let token = said.token || store.read();
  let order = said.order ? { number: said.order, title: said.orderTitle || "", price: said.orderPrice || "" } : null;
  let open = false;
  let frame = null;
  let loaded = false;

  const style = `
    :host { all: initial; }
    button, iframe { font: 400 15px/22px -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "Segoe UI", sans-serif; }
    .open { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; display: flex; align-items: center; gap: 8px; height: 52px;
      padding: 0 20px 0 16px; border: 0; border-radius: 26px; background: #2f5bd7; color: #fff; cursor: pointer;
      box-shadow: 0 6px 20px rgb(27 34 48 / 28%); }
    .open:hover { background: #284fc0; }
    .open:focus-visible { outline: 3px solid #2f5bd7; outline-offset: 3px; }
    .open svg { width: 24px; height: 24px; fill: none; stroke: currentcolor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
    .open[hidden], .panel[hidden] { display: none; }
    .count { position: absolute; top: -6px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
      background: #c62a25; color: #fff; font-size: 12px; line-height: 22px; text-align: center; font-variant-numeric: tabular-nums; }
    .count[hidden] { display: none; }
    .panel { position: fixed; right: 20px; bottom: 20px; z-index: 2147483001; width: 384px; height: min(660px, calc(100vh - 40px)); border-radius: 14px;
      overflow: hidden; background: #f5f6f8; box-shadow: 0 12px 44px rgb(27 34 48 / 26%), 0 1px 4px rgb(27 34 48 / 14%); }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px), (max-height: 480px) {
      .panel { inset: 0; width: auto; height: 100%; border-radius: 0; }
      .open { right: 14px; bottom: calc(14px + env(safe-area-inset-bottom)); }
    }
    @media (prefers-color-scheme: dark) { .panel.may-be-dark { background: #0f1216; } }
    @media print { .open, .panel { display: none; } }`;

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
  const launcher = document.createElement("button");
  Object.assign(launcher, { type: "button", className: "open" });
  launcher.setAttribute("aria-haspopup", "dialog");
  launcher.setAttribute("aria-expanded", "false");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawing.setAttribute("d", "M3 20l1.3 -3.9c-2.324 -3.437 -1.426 -7.872 2.1 -10.374c3.526 -2.501 8.59 -2.296 11.845 .48c3.255 2.777 3.695 7.266 1.029 10.501c-2.666 3.235 -7.615 4.215 -11.574 2.293l-4.7 1M8 11.5h.01M12 11.5h.01M16 11.5h.01");
  svg.append(drawing);
  const count = document.createElement("span");
  Object.assign(count, { className: "count", hidden: true });
  launcher.append(svg, said.label || words.open, count);
  const panel = document.createElement("div");
  Object.assign(panel, { className: "panel", hidden: true });
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", words.title);
  panel.classList.toggle("may-be-dark", (said.theme || "auto") !== "light");
  root.append(launcher, panel);

  const tell = (fenliu, data = {}) => { if (loaded) frame.contentWindow.postMessage({ fenliu, ...data }, home); };
  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = words.title;
    const asked = new URLSearchParams({ lang: language === "en" ? "en" : "zh", theme: said.theme || "auto" });
    if (said.entry) asked.set("entry", said.entry);
    if (said.orderStatus) asked.set("order_status", said.orderStatus);
    frame.addEventListener("load", () => {
      loaded = true;
      tell("hello", { token, order });
      tell("shown", { shown: open });
    });
    frame.src = `${home}${path}?${asked}`;
    panel.append(frame);
  };
  let overflow = "";
  const show = (now) => {
    if (now === open) return;
    open = now;
    load();
    panel.hidden = !open;
    launcher.hidden = open;
    launcher.setAttribute("aria-expanded", String(open));
    // A page behind a chat that fills the phone does not scroll along.
    const whole = matchMedia("(max-width: 480px), (max-height: 480px)").matches;
    if (open && whole) {
      overflow = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
    } else if (!open) document.documentElement.style.overflow = overflow;
    tell("shown", { shown: open });
    if (open) frame.focus();
    else launcher.focus();
  };
  launcher.addEventListener("click", () => show(true));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && open) show(false); });
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
    const what = event.data;
    if (typeof what !== "object" || what === null) return;
    if (what.fenliu === "token") {
      token = typeof what.token === "string" ? what.token : null;
      if (!said.token) store.write(token);
    }
    if (what.fenliu === "unread") {
      const number = Number(what.count) || 0;
      count.hidden = !number;
      count.textContent = number > 99 ? "99+" : String(number);
      count.setAttribute("aria-label", words.unread.replace("{count}", String(number)));
    }
    if (what.fenliu === "hide") show(false);
  });

  const attach = () => {
    document.body.append(host);
    // Who has written before hears of an answer without opening the chat.
    if (token) load();
  };
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);

  // For the page's own buttons: fenliuChat.open(), fenliuChat.order({number, title, price}).
  window.fenliuChat ??= {
    open: () => show(true),
    close: () => show(false),
    order: (given) => {
      order = given;
      tell("order", { order });
    },
  };
})();
