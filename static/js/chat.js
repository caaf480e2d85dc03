// The buyer's screen: what was said, who answers, what waits. Scripts before this one bring parts, line and foot.
(() => {
  const chat = window.fenliuChat;
  const { line, foot } = chat;
  const { word, icon, button, time, day, bubble, choices, note } = chat.parts;
  const $ = (id) => document.getElementById(id);
  const main = $("chat");
  const log = $("chat-log");
  const scroll = $("chat-scroll");
  const RATED_WITHIN = 2 * 3600_000;
  const APART = 5 * 60_000;

  let state = null;
  let shop = { greeting: "", questions: [], hot_questions: [] };
  let again = "";
  let ended = "";
  let unread = 0;
  let shown = !line.framed;
  const known = new Map();
  let order = [];

  // -- scrolling ---------------------------------------------------------------------------------------------------
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const room = () => `${scroll.clientHeight} ${scroll.scrollHeight}`;
  let following = true;
  let measured = "";
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    following = true;
    measured = room();
    $("chat-below").hidden = true;
  };
  const keeping = (change) => {
    const stay = following || atEnd();
    change();
    if (stay) toEnd();
  };
  // Images grow after they are there: who stood at the end stays there.
  new ResizeObserver(() => { if (following) toEnd(); }).observe(log);
  new ResizeObserver(() => { if (following) toEnd(); }).observe(scroll);
  scroll.addEventListener("scroll", () => {
    // The room has changed, by a keyboard for example, and not the reader's mind.
    if (following && room() !== measured) {
      toEnd();
      return;
    }
    following = atEnd();
    measured = room();
    if (following) $("chat-below").hidden = true;
    const earlier = $("chat-earlier");
    if (scroll.scrollTop < 40 && !earlier.hidden && !earlier.disabled && !following) earlier.click();
  });
  $("chat-below").addEventListener("click", toEnd);
  // A phone's keyboard covers the page without making it smaller. In a frame the page around sees to that.
  const view = line.framed ? null : window.visualViewport;
  const fit = () => {
    const covered = view.scale <= 1.01 && window.innerHeight - view.height > 1;
    main.style.height = covered ? `${view.height}px` : "";
    main.style.marginTop = covered ? `${view.offsetTop}px` : "";
  };
  ["resize", "scroll"].forEach((name) => view?.addEventListener(name, fit));

  // -- the log -----------------------------------------------------------------------------------------------------
  const pick = (text) => line.put({ kind: "text", text });
  const drawn = (message) => {
    const options = { pick };
    if (message.image) options.load = () => (message.url ? Promise.resolve(message.url) : line.image(message));
    return bubble(message, options);
  };
  // The time stands where there was a pause, the name where somebody else begins.
  const divide = () => order.reduce((before, id) => {
    const entry = known.get(id);
    const { message, node } = entry;
    const apart = !before || day(before.at) !== day(message.at) || Date.parse(message.at) - Date.parse(before.at) > APART
      || before.conversation !== message.conversation;
    if (apart) {
      entry.time ??= note(time(message.at));
      node.before(entry.time);
    } else entry.time?.remove();
    node.classList.toggle("msg-next", !apart && before.from === message.from && before.name === message.name);
    return message;
  }, null);
  const later = (a, b) => Date.parse(a.at) - Date.parse(b.at) || a.id - b.id;
  // Each message once, wherever it belongs; the new ones among them.
  const take = (messages) => {
    const fresh = messages.filter((message) => !known.has(message.id));
    if (!fresh.length) return [];
    fresh.forEach((message) => known.set(message.id, { message, node: null }));
    order = [...known.values()].map((it) => it.message).sort(later).map((it) => it.id);
    fresh.sort(later).forEach((message) => {
      const at = order.indexOf(message.id);
      const made = drawn(message);
      known.get(message.id).node = made;
      // Before the next one that is there, with the time that stands above it.
      const next = order.slice(at + 1).map((id) => known.get(id)).find((it) => it.node);
      log.insertBefore(made, next ? (next.time?.isConnected ? next.time : next.node) : null);
    });
    divide();
    return fresh;
  };
  const WAITS = { sending: "sending", waiting: "sending", kept: "kept", failed: "failed" };
  const drawOutbox = () => keeping(() => {
    $("chat-outbox").replaceChildren(...line.outbox.map((item) => {
      const load = item.url ? () => Promise.resolve(item.url) : undefined;
      const made = bubble({ ...item, from: "buyer", image: Boolean(item.url) }, { load });
      made.classList.add(`msg-${item.state}`);
      const meta = chat.parts.make("msg-meta");
      meta.append(icon(item.state === "failed" ? "alert" : "clock"), item.why || word(WAITS[item.state]));
      if (item.state === "failed") {
        meta.append(button("", word("retry"), () => line.again(item)), button("", word("discard"), () => line.drop(item)));
      }
      made.append(meta);
      return made;
    }));
  });

  // -- what stands above and below -----------------------------------------------------------------------------------
  const current = () => state?.conversation ?? null;
  const open = () => current() !== null && current().state !== "closed";
  // The end of a conversation, while it is news.
  const end = () => {
    const conversation = current();
    if (!conversation || conversation.state !== "closed" || again === conversation.id) return null;
    if (ended === conversation.id) return conversation;
    const recent = Date.parse(state.now) - Date.parse(conversation.closed_at) < RATED_WITHIN;
    return recent && !conversation.rating ? conversation : null;
  };
  const STANDING = {
    robot: () => ["on", word("with_robot")],
    queued: () => ["wait", word("waiting")],
    open: ({ agent, agent_away: away }) => (away
      ? ["off", word("with_nobody")]
      : ["on", agent?.name ? word("with_agent", { name: agent.name }) : word("with_somebody")]),
    closed: () => ["", ""],
  };
  const standing = () => {
    const line_ = $("chat-standing");
    const [dot, words] = open() ? STANDING[current().state](current()) : [state.anybody_online ? "on" : "off", ""];
    main.dataset.dot = dot;
    line_.textContent = words || line_.dataset.welcome || word("before");
  };
  const notice = () => {
    const box = $("chat-notice");
    const say = (name, tone, text, more = "") => {
      const now = `${tone}|${text}|${more}`;
      box.hidden = !text;
      if (box.dataset.said === now) return;
      box.dataset.said = now;
      box.dataset.tone = tone;
      box.replaceChildren(...(text ? [icon(name), chat.parts.make("", text, "span")] : []));
      if (more) box.append(chat.parts.make("", more, "b"));
    };
    const conversation = open() ? current() : null;
    if (line.cut) return say("cut", "warn", word("offline"));
    if (!state || end()) return say("", "", "");
    if (conversation?.queue && state.anybody_online) {
      const { position, notice: words } = conversation.queue;
      return say("clock", "", words || word("waiting"), position ? word("position", { position }) : "");
    }
    if (conversation?.state === "open") return say("clock", "", conversation.agent_away ? word("away") : "");
    if (conversation?.state === "robot") return say("", "", "");
    return say("clock", "", state.anybody_online ? "" : word("nobody"));
  };
  // Before the first word: the greeting as it will be sent, and what there is to choose from.
  let begun = null;
  const beginning = () => {
    const box = $("chat-begin");
    const now = !open() && !end() && !line.outbox.length;
    box.hidden = !now;
    if (!now || begun === shop) return;
    begun = shop;
    const parts = [];
    if (shop.greeting) parts.push(bubble({ from: "auto", kind: "text", text: shop.greeting }));
    if (shop.questions.length) {
      parts.push(choices(word("picks"), shop.questions, (question) => line.put({ kind: "text", text: question, question })));
    }
    if (shop.hot_questions.length) {
      const asks = shop.hot_questions.map((it) => it.question);
      parts.push(choices(word("hot"), asks, (ask) => foot.tap(shop.hot_questions[asks.indexOf(ask)])));
    }
    box.replaceChildren(...parts);
  };
  const draw = () => {
    if (!state) return notice();
    main.dataset.state = current()?.state || "none";
    standing();
    notice();
    beginning();
    $("chat-close").hidden = !open();
    foot.show({
      conversation: end(),
      hot: open() || line.outbox.length ? shop.hot_questions : [],
      mayAskHuman: Boolean(open() && current().may_ask_human),
    });
    return undefined;
  };

  // -- what comes in -------------------------------------------------------------------------------------------------
  const tellUnread = () => {
    document.title = unread ? `(${unread}) ${chat.name}` : chat.name;
    line.tell("unread", { count: unread });
  };
  chat.name = document.title;
  const seen = () => {
    if (document.hidden || !shown || !unread) return;
    unread = 0;
    tellUnread();
  };
  const follow = (told) => {
    if (told.cursor === undefined || (state && told.cursor < state.cursor)) return;
    const [before, was] = [current(), open()];
    state = { cursor: told.cursor, now: told.now, anybody_online: told.anybody_online, conversation: told.conversation };
    const now = current();
    if (!before || !now || before.id !== now.id) return;
    if (was && now.state === "closed") ended = now.id;
    const [then, since] = [before.agent?.name ?? null, now.agent?.name ?? null];
    // Said when somebody is really there: not of who has it on the offline list, but of them when they come.
    const there = now.state === "open" && now.agent && !now.agent_away;
    if (there && (before.state !== "open" || before.agent_away || then !== since)) {
      log.append(note(since ? word("joined", { name: since }) : word("joined_somebody")));
    }
  };
  line.on.news = (told) => keeping(() => {
    line.settle(told.messages || []);
    const fresh = take(told.messages || []);
    follow(told);
    if (fresh.some((message) => message.from === "buyer")) drawOutbox();
    draw();
    const theirs = fresh.filter((message) => message.from !== "buyer");
    if (theirs.length && (document.hidden || !shown)) {
      unread += theirs.length;
      tellUnread();
    }
    if (theirs.length && !atEnd()) $("chat-below").hidden = false;
    fresh.filter((message) => message.kind === "order_card").forEach((message) => foot.known(message.text.split("\n")[0]));
  });
  line.on.outbox = () => {
    drawOutbox();
    if (line.outbox.some((item) => item.state === "waiting")) toEnd();
    draw();
  };
  line.on.network = draw;
  line.on.order = foot.setOrder;
  // The page around shows another place of the shop now: what it asks and greets with may be another.
  line.on.place = (place) => {
    Object.assign(chat.config, place);
    if (state && !open()) line.enter().catch(() => {});
  };
  line.listenWhile(() => open() || (shown && !document.hidden));
  line.patient(() => (current()?.queue ? current().queue.position ?? 40 : 0));
  line.on.shown = (now) => {
    shown = now;
    seen();
    if (now) line.wake();
    if (now && matchMedia("(pointer: fine)").matches) foot.focus();
  };
  line.on.started = (told, error) => {
    $("chat-loading").hidden = true;
    if (!told) {
      log.append(note(error?.status === 404 ? word("gone") : error?.message || word("fault")));
      main.dataset.state = "gone";
      foot.show({ conversation: null, hot: [], mayAskHuman: false });
      $("chat-say").hidden = true;
      return;
    }
    shop = { greeting: told.greeting, questions: told.questions, hot_questions: told.hot_questions };
    log.setAttribute("aria-live", "off");
    take(told.messages);
    follow(told);
    draw();
    $("chat-earlier").hidden = !told.more;
    toEnd();
    requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
    if (!line.framed && matchMedia("(pointer: fine)").matches) foot.focus();
  };

  // -- what is pressed -------------------------------------------------------------------------------------------------
  $("chat-earlier").addEventListener("click", async (event) => {
    event.target.disabled = true;
    try {
      const told = await line.earlier(order[0]);
      const from = scroll.scrollHeight - scroll.scrollTop;
      log.setAttribute("aria-live", "off");
      take(told.messages);
      scroll.scrollTop = scroll.scrollHeight - from;
      $("chat-earlier").hidden = !told.more;
      requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
    } catch { /* the notice says that the network is away */ }
    event.target.disabled = false;
  });
  // Twice: a slip of the thumb must not cost a place in the line.
  const close = $("chat-close");
  const ask = (sure) => {
    clearTimeout(close.timer);
    close.classList.toggle("is-sure", sure);
    close.textContent = sure ? word("close_sure") : word("close");
    if (sure) close.timer = setTimeout(() => ask(false), 4000);
  };
  close.addEventListener("click", async () => {
    if (!close.classList.contains("is-sure")) return ask(true);
    ask(false);
    try {
      await line.do("close/");
    } catch (error) {
      foot.complain(error instanceof line.Refusal ? error.message : word("offline"));
    }
    return undefined;
  });
  $("chat-again").addEventListener("click", () => {
    again = current()?.id || "";
    draw();
    toEnd();
    foot.focus();
  });
  // Not shown from now on, not only when the page around has said so: what comes in between is unread.
  const hide = () => {
    shown = false;
    line.tell("hide");
  };
  $("chat-hide").hidden = !line.framed;
  $("chat-hide").addEventListener("click", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && line.framed && !$("chat-large").open) hide();
  });
  document.addEventListener("visibilitychange", seen);
  $("chat-text").disabled = false; // Closed until now: words written before this line would have gone nowhere.
  line.begin();
})();
