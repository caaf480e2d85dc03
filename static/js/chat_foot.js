// The foot of the chat: the order that the page around shows, questions to tap, the box to write in, the end.
(() => {
  const chat = window.fenliuChat;
  const { config, line } = chat;
  const { word, make, icon, button } = chat.parts;
  const $ = (id) => document.getElementById(id);
  const LONGEST = 2000;
  const LARGEST = 5 * 1024 * 1024;
  const SHRUNK_FROM = 1.5 * 1024 * 1024;
  const WIDEST = 2560;
  const TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

  // -- the box ---------------------------------------------------------------------------------------------------
  const form = $("chat-say");
  const text = $("chat-text");
  const said = $("chat-said");
  const complain = (words) => {
    said.textContent = words;
    said.hidden = !words;
  };
  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
  };
  const typed = () => {
    const over = text.value.trim().length - LONGEST;
    form.querySelector(".chat-send").disabled = !text.value.trim() || over > 0;
    complain(over > 0 ? word("too_long", { over }) : "");
    grow();
  };
  const submit = () => {
    const words = text.value.trim();
    if (!words || words.length > LONGEST) return;
    line.put({ kind: "text", text: words });
    text.value = "";
    typed();
    text.focus();
  };
  text.addEventListener("input", typed);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  // -- images: chosen, pasted or dropped; a large photograph is made smaller before it travels ---------------------
  const shrunk = async (file) => {
    if (file.size <= SHRUNK_FROM || file.type === "image/gif") return file;
    try {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, WIDEST / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const smaller = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
      return smaller && smaller.size < file.size ? smaller : file;
    } catch {
      return file;
    }
  };
  const take = async (file) => {
    if (!TYPES.includes(file.type)) return complain(word("image_only"));
    const smaller = await shrunk(file);
    if (smaller.size > LARGEST) return complain(word("image_large"));
    complain("");
    return line.put({ kind: "image", file: smaller, url: URL.createObjectURL(smaller) });
  };
  const takeAll = (files) => [...files].slice(0, 9).forEach(take);
  $("chat-image").addEventListener("change", (event) => {
    takeAll(event.target.files);
    event.target.value = "";
  });
  text.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files || [];
    if (!files.length) return;
    event.preventDefault();
    takeAll(files);
  });
  const main = $("chat");
  main.addEventListener("dragover", (event) => event.preventDefault());
  main.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!form.hidden) takeAll(event.dataTransfer?.files || []);
  });

  // -- the order -------------------------------------------------------------------------------------------------
  let order = null;
  let sent = "";
  const orderBar = $("chat-order");
  const showOrder = (may) => {
    orderBar.hidden = !may || !order || sent === order.number;
    if (order) orderBar.querySelector("[data-order]").textContent = [order.title || order.number, order.price].filter(Boolean).join(" · ");
  };
  const setOrder = (given) => {
    const cut = (value, most) => (typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, most) : "");
    const number = cut(given?.number, 60);
    order = number ? { number, title: cut(given.title, 100), price: cut(given.price, 30) } : null;
    showOrder(!form.hidden);
  };
  orderBar.querySelector("[data-send]").addEventListener("click", () => {
    sent = order.number;
    line.put({ kind: "order_card", order, text: [order.number, order.title, order.price].filter(Boolean).join("\n") });
    showOrder(false);
    text.focus();
  });
  orderBar.querySelector("[data-dismiss]").addEventListener("click", () => {
    sent = order.number;
    showOrder(false);
  });

  // -- questions to tap, a person to ask for -----------------------------------------------------------------------
  const chips = $("chat-chips");
  const human = button("chat-chip chat-chip-human", undefined, async () => {
    human.disabled = true;
    try {
      await line.do("ask-human/");
    } catch (error) {
      if (error.code !== "not_with_robot") complain(error instanceof line.Refusal ? error.message : word("offline"));
    }
    human.disabled = false;
  });
  human.append(icon("person"), make("", word("human"), "span"));
  const tap = (question) => line.put({ kind: "text", text: question.question, hot_question: question.id });
  let drawn = null;
  const showChips = ({ hot, mayAskHuman }) => {
    const now = JSON.stringify([hot, mayAskHuman]);
    if (now === drawn) return;
    drawn = now;
    const parts = hot.map((question) => {
      const chip = button("chat-chip", undefined, () => tap(question));
      chip.append(make("", question.question, "span"));
      return chip;
    });
    if (mayAskHuman) parts.unshift(human);
    chips.replaceChildren(...parts);
    chips.hidden = !parts.length;
  };

  // -- the end -----------------------------------------------------------------------------------------------------
  const over = $("chat-over");
  const rating = $("chat-rate");
  const thanks = $("chat-thanks");
  let rated = "";
  const ended = (conversation) => {
    const by = { agent: "closed_by_agent", system: "closed_by_system" }[conversation.closed_by] || "closed";
    $("chat-over-title").textContent = word(by);
    if (rated !== conversation.id) rating.reset();
    rated = conversation.id;
    rating.hidden = Boolean(conversation.rating);
    thanks.hidden = !conversation.rating;
    thanks.textContent = conversation.rating ? word("thanks") : "";
    rating.querySelector(".chat-word").hidden = !rating.elements.satisfied.value;
  };
  rating.addEventListener("change", (event) => {
    if (event.target.name === "satisfied") rating.querySelector(".chat-word").hidden = false;
  });
  rating.addEventListener("submit", async (event) => {
    event.preventDefault();
    const satisfied = rating.elements.satisfied.value;
    if (!satisfied) return;
    const body = { conversation: rated, satisfied: satisfied === "1", word: $("chat-word").value.trim() };
    try {
      await line.do("rating/", body);
    } catch (error) {
      thanks.hidden = false;
      thanks.textContent = error instanceof line.Refusal ? error.message : word("offline");
    }
  });

  // `conversation`: set when it is over and its end is shown in place of the box.
  const show = ({ conversation, hot, mayAskHuman }) => {
    const was = over.hidden;
    over.hidden = !conversation;
    form.hidden = Boolean(conversation);
    if (conversation) ended(conversation);
    showOrder(!conversation);
    if (conversation) {
      chips.hidden = true;
      drawn = null;
    } else showChips({ hot, mayAskHuman });
    if (was && conversation && document.activeElement === text) $("chat-over-title").focus();
  };

  chat.foot = { show, setOrder, tap, complain, focus: () => text.focus({ preventScroll: true }), known: (number) => { sent = number; } };
  typed();
  setOrder(config.order);
})();
