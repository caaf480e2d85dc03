// What comes in: the stream, and where there is none, asking every few seconds.
(() => {
  const { line } = window.fenliuChat;
  const { on, call, send, renew, rest, Refusal, LONGEST_PAUSE } = line;
  const EVERY = 3000;
  const EVERY_HIDDEN = 15_000;
  const EVERY_IDLE = 60_000;
  const FIRST_WORD = 8000;
  const SILENCE = 45_000;

  const look = async () => {
    const told = await call("GET", `updates/?after=${line.cursor}`);
    line.cursor = Math.max(line.cursor, told.cursor);
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
  window.addEventListener("offline", () => listening?.abort());
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
      const response = await send("GET", `stream/?after=${line.cursor}`, undefined, { signal, ...from_ });
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
      if (signal.aborted && !some && !line.cut) return false;
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

  Object.assign(line, {
    follow,
    listenWhile: (condition) => { needed = condition; },
    patient: (places) => { patience = places; },
  });
})();
