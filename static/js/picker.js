// The dialog in which people are picked: role filter, search, keyboard, the choice and its difference to now.
(() => {
  const words = (picker) => picker.querySelector("[data-picker]").dataset;
  const rows = (picker) => [...picker.querySelectorAll("[data-pick]")];
  const box = (row) => row.querySelector("input");
  const visible = (picker) => rows(picker).filter((row) => !row.hidden && !box(row).disabled);

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const chosenLine = (row) => {
    const line = make("div", `picker-line${row.dataset.status === "offline" ? " is-off" : ""}`);
    const dot = make("span", `dot dot-${row.dataset.status}`);
    const out = make("button", "btn btn-plain btn-square btn-sm");
    out.type = "button";
    out.append(make("i", "ti ti-x"));
    out.setAttribute("aria-label", `− ${row.dataset.label}`);
    out.addEventListener("click", () => tick(row, false));
    line.append(dot, make("span", "clip", row.dataset.label), out);
    return line;
  };

  const show = (picker) => {
    const all = rows(picker);
    const chosen = all.filter((row) => box(row).checked);
    const join = words(picker).join;
    picker.querySelector("[data-count]").textContent = chosen.length;
    picker.querySelector("[data-chosen]").replaceChildren(...chosen.map(chosenLine));
    const added = chosen.filter((row) => !row.dataset.now).map((row) => `+ ${row.dataset.label}`);
    const removed = all.filter((row) => row.dataset.now && !box(row).checked).map((row) => `− ${row.dataset.label}`);
    picker.querySelector("[data-diff]").textContent = [...added, ...removed].join(join) || words(picker).same;
    picker.querySelector("[data-diff]").classList.toggle("tone-acc", added.length + removed.length > 0);
    warn(picker, chosen, join);
  };

  const warn = (picker, chosen, join) => {
    const notice = picker.querySelector("[data-warning]");
    const away = chosen.filter((row) => row.dataset.why);
    const cleared = !chosen.length && rows(picker).some((row) => row.dataset.now);
    notice.hidden = !("needsFree" in words(picker)) || !(away.length || cleared);
    const named = away.slice(0, 4).map((row) => `${row.dataset.label} ${row.dataset.why}`).join(join);
    const why = away.length > 4 ? `${named} …` : named;
    notice.querySelector("span").textContent = cleared
      ? words(picker).none
      : words(picker).warn.replace("{all}", chosen.length).replace("{free}", chosen.length - away.length).replace("{why}", why);
  };

  const tick = (row, on) => {
    if (box(row).disabled) return;
    box(row).checked = on;
    show(row.closest("#picker"));
  };

  const activate = (picker, row) => {
    rows(picker).forEach((other) => other.classList.toggle("is-active", other === row));
    row?.scrollIntoView({ block: "nearest" });
  };

  const filter = (picker) => {
    const typed = picker.querySelector("[data-search]").value.trim().toLowerCase();
    const role = picker.querySelector("[data-role][aria-pressed='true']")?.dataset.role || "";
    rows(picker).forEach((row) => {
      row.hidden = !row.dataset.text.includes(typed) || (role && !row.dataset.roles.split(" ").includes(role));
    });
    picker.querySelector("[data-empty]").hidden = rows(picker).some((row) => !row.hidden);
    activate(picker, typed ? visible(picker)[0] : null);
  };

  const move = (picker, by) => {
    const list = visible(picker);
    const at = list.findIndex((row) => row.classList.contains("is-active"));
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by));
    activate(picker, list[next]);
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    const picker = event.detail.target?.querySelector?.("#picker");
    if (!picker) return;
    show(picker);
    picker.querySelector("[data-search]").focus();
  });
  document.addEventListener("change", (event) => {
    const picker = event.target.closest?.("#picker");
    if (picker) show(picker);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-search]")) filter(event.target.closest("#picker"));
  });
  document.addEventListener("click", (event) => {
    const picker = event.target.closest("#picker");
    if (!picker) return;
    const role = event.target.closest("[data-role]");
    if (role) {
      picker.querySelectorAll("[data-role]").forEach((other) => other.setAttribute("aria-pressed", String(other === role)));
      filter(picker);
    }
    if (event.target.closest("[data-clear]")) {
      rows(picker).forEach((row) => { if (!box(row).disabled) box(row).checked = false; });
      show(picker);
    }
    const row = event.target.closest("[data-pick]");
    if (row) activate(picker, row);
  });
  document.addEventListener("keydown", (event) => {
    const picker = event.target.closest?.("#picker");
    if (!picker) return;
    const active = picker.querySelector(".is-active");
    const search = picker.querySelector("[data-search]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(picker, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === " " && active && !event.target.closest("button")) {
      event.preventDefault();
      tick(active, !box(active).checked);
    } else if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Enter" && !event.target.closest("button")) {
      event.preventDefault();
      picker.querySelector("form").requestSubmit();
    }
  });
})();
