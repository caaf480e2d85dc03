// What waits to be sent: one after the other, in the order in which it was written. What the network swallows goes again,
// under the same id.
(() => {
  const { line } = window.fenliuChat;
  const { on, call, from, renew, rest, wake, Refusal, LONGEST_PAUSE } = line;

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
    if (draining || !line.known) return;
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

  Object.assign(line, { outbox, put, drop, again, settle, drain });
})();
