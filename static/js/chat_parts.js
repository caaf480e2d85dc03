// What the chat is made of. Whatever somebody wrote goes in through textContent: it is text, whatever it looks like.
(() => {
  const chat = (window.fenliuChat ??= {});
  const config = (chat.config = JSON.parse(document.getElementById("chat-config").textContent));
  const SVG = "http://www.w3.org/2000/svg";
  const ADDRESS = /https?:\/\/[^\s<>"'，。；、！？（）【】《》]+/g;

  const word = (name, values = {}) =>
    (config.words[name] || "").replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
  const make = (name, text, tag = "div") => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const icon = (name) => {
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("class", "icon");
    made.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#i-${name}`);
    made.append(use);
    return made;
  };
  const button = (name, text, then) => {
    const made = make(name, text, "button");
    made.type = "button";
    made.addEventListener("click", then);
    return made;
  };
  const hidden = (text) => make("sr-only", text, "span");

  const clock = new Intl.DateTimeFormat(config.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = new Intl.DateTimeFormat(config.language, { year: "numeric", month: "2-digit", day: "2-digit" });
  const day = (at) => new Date(at).toDateString();
  // "20:31" today, "昨天 20:31", else with the date.
  const time = (at) => {
    const then = new Date(at);
    const yesterday = new Date();
    yesterday.setDate(yesterday.getDate() - 1);
    const hours = clock.format(then);
    if (day(at) === day(Date.now())) return hours;
    return `${day(at) === day(yesterday) ? word("yesterday") : date.format(then)} ${hours}`;
  };

  // An address that the shop wrote can be followed; a buyer's own words stay words.
  const linked = (into, text) => {
    let from = 0;
    for (const found of text.matchAll(ADDRESS)) {
      into.append(text.slice(from, found.index));
      const link = make("", found[0], "a");
      Object.assign(link, { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" });
      into.append(link);
      from = found.index + found[0].length;
    }
    into.append(text.slice(from));
  };

  const card = (text) => {
    const [number, ...rest] = text.split("\n");
    const body = make("msg-bubble msg-card");
    body.append(icon("receipt"), make("", `${word("order")} ${number}`, "span"));
    rest.forEach((line, n) => body.append(make("", line, n === 0 ? "b" : "span")));
    return body;
  };
  const large = document.getElementById("chat-large");
  large.addEventListener("click", () => large.close());
  const enlarge = (url) => {
    large.querySelector("img").src = url;
    large.showModal();
  };
  const picture = (load) => {
    const body = button("msg-bubble msg-image", undefined, () => enlarge(image.src));
    const image = make("", undefined, "img");
    image.alt = word("image");
    body.append(image);
    load().then((url) => { image.src = url; }, () => {
      const lost = make("msg-bubble", word("image_lost"));
      body.replaceWith(lost);
    });
    return body;
  };
  // Something to tap, each in a line of its own.
  const choices = (title, list, pick) => {
    const box = make("chat-choices");
    if (title) box.append(make("", title, "h2"));
    list.forEach((text) => {
      const line = button("chat-choice", undefined, () => pick(text));
      line.append(make("", text, "span"), icon("down"));
      box.append(line);
    });
    return box;
  };

  const WHO = { robot: "robot", auto: "auto", agent: "agent" };
  // A message as the server tells it, or one that waits to be sent. `load`: gives an image's address.
  const bubble = (message, { load, pick } = {}) => {
    const mine = message.from === "buyer";
    const line = make(mine ? "msg msg-mine" : "msg");
    const name = message.name || word(WHO[message.from] || "agent");
    if (mine) line.append(hidden(word("you")));
    else line.append(make("msg-name", name));
    if (message.kind === "order_card") line.append(card(message.text));
    else if (message.kind === "image" && load) line.append(picture(load));
    else {
      const body = make("msg-bubble");
      if (mine) body.textContent = message.text;
      else linked(body, message.kind === "image" ? `[${word("image")}] ${message.text}` : message.text);
      line.append(body);
    }
    if (message.choices?.length && pick) line.append(choices("", message.choices, pick));
    return line;
  };
  const note = (text) => make("chat-note", text);

  chat.parts = { word, make, icon, button, time, day, bubble, choices, note };
})();
