// The chat as the buyer sees it, drawn from the form with every letter typed. What the robot says is asked of the server.
(() => {
  const thread = () => document.getElementById("preview-thread");
  const form = () => document.getElementById("answers-form");
  const word = (name) => thread().dataset[name] || "";
  const make = (name, text, tag = "div") => {
    const made = document.createElement(tag);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const line = (text, mine) => {
    const made = make(mine ? "pv-line pv-mine" : "pv-line");
    made.append(make("pv-bubble", text));
    return made;
  };
  const note = (text) => make("pv-note", text);
  const inForce = () => JSON.parse(document.getElementById("answers-in-force").textContent);
  const value = (name) => form().querySelector(`[name="${name}"]`)?.value.trim() || "";
  const rows = () => [...form().querySelectorAll("[data-item]")].map((item) => ({
    ask: item.querySelector('[data-field="ask"]').value.trim(),
    answer: item.querySelector('[data-field="answer"]').value.trim(),
  })).filter((row) => row.ask);

  // Something to tap: each in a line of its own; `answer` undefined where it is another tab's.
  const choices = (title, list, tappable) => {
    const box = make("pv-choices");
    if (title) box.append(make("pv-choices-title", title));
    list.forEach((row, n) => {
      const choice = make("pv-choice", row.ask, tappable ? "button" : "div");
      if (tappable) Object.assign(choice, { type: "button" }).dataset.tap = n;
      box.append(choice);
    });
    return box;
  };
  const tapped = [];
  const PARTS = {
    greeting: (parts) => {
      const text = value("text");
      parts.push(text ? line(text) : note(word("empty")));
      const hot = inForce().hot;
      if (hot.length) parts.push(choices(word("hot"), hot.map((ask) => ({ ask })), false));
    },
    hot_questions: (parts) => {
      if (inForce().greeting) parts.push(line(inForce().greeting));
      const list = rows();
      parts.push(list.length ? choices(word("hot"), list, true) : note(word("empty")));
    },
    menu: (parts) => {
      const card = make("pv-line pv-mine");
      const body = make("pv-card", word("card"));
      body.prepend(make("ti ti-receipt", undefined, "i"));
      card.append(body);
      parts.push(card);
      const list = rows();
      const menu = make("pv-line");
      const bubble = make("pv-bubble", value("text"));
      if (list.length) bubble.append(choices("", list, true));
      menu.append(bubble);
      parts.push(list.length || value("text") ? menu : note(word("empty")));
    },
    robot: (parts) => {
      if (inForce().greeting) parts.push(line(inForce().greeting));
      parts.push(note(word("robot")));
    },
  };
  const scroll = () => { thread().scrollTop = thread().scrollHeight; };
  const draw = () => {
    if (!thread() || !form()) return;
    const part = form().dataset.part;
    const off = !form().querySelector('[name="on"]').checked;
    const parts = off || part !== "menu" ? [note(off ? word("off") : word("enters"))] : [];
    PARTS[part](parts);
    const list = rows();
    tapped.filter((n) => list[n]).forEach((n) => {
      parts.push(line(list[n].ask, true), line(list[n].answer || "…"));
    });
    if (["hot_questions", "menu"].includes(part) && list.length && !tapped.length) parts.push(note(word("tap")));
    thread().classList.toggle("is-off", off && part !== "robot");
    thread().replaceChildren(...parts);
    scroll();
  };

  let drawn = "";
  const begin = () => {
    if (!thread()) return;
    tapped.length = 0;
    drawn = form().dataset.part;
    draw();
    theme(document.documentElement.dataset.bsTheme);
  };
  const theme = (name) => {
    const phone = document.getElementById("preview-phone");
    if (!phone) return;
    phone.dataset.bsTheme = name;
    document.querySelectorAll("[data-preview-theme]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.previewTheme === name));
    });
  };
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-tap]");
    if (choice) {
      tapped.splice(0, tapped.length, ...[...tapped, Number(choice.dataset.tap)].slice(-3));
      draw();
      thread().focus({ preventScroll: true });
    }
    const button = event.target.closest("[data-preview-theme]");
    if (button) theme(button.dataset.previewTheme);
  });
  // With the robot what was tried stays; its rules are asked anew with the next sentence.
  document.addEventListener("answers:changed", () => { if (drawn && drawn !== "robot") draw(); });
  document.addEventListener("change", (event) => { if (drawn === "robot" && event.target.name === "on") draw(); });
  document.addEventListener("fenliu:theme", (event) => theme(event.detail.dark ? "dark" : "light"));
  document.addEventListener("DOMContentLoaded", begin);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "answers-editor") begin();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.target.matches?.("[data-try]") || !event.detail.successful) return;
    event.target.reset();
    scroll();
  });
})();
