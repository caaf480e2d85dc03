// Sub-accounts from a file: says that it is busy, goes on by itself while passwords are hashed, and hands out the result.
(() => {
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button[type=submit]");
    if (!event.target.dataset.busy || !button) return;
    button.disabled = true;
    button.textContent = event.target.dataset.busy;
  });
  window.addEventListener("load", () => document.querySelector("form[data-go-on]")?.submit()); // earlier, and the icons would not come

  const rows = () => [...document.querySelectorAll("[data-passwords] tr")]
    .map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  const quoted = (cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

  const copied = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = Object.assign(document.createElement("textarea"), { value: text }); // no clipboard without https
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    return undefined;
  };
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    const save = event.target.closest("[data-save]");
    if (copy) {
      await copied(rows().map((cells) => cells.join("\t")).join("\n"));
      copy.querySelector("span").textContent = copy.dataset.done;
    }
    if (save) {
      const text = `\ufeff${rows().map((cells) => cells.map(quoted).join(",")).join("\r\n")}\r\n`;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = save.dataset.save;
      link.click();
      URL.revokeObjectURL(link.href);
    }
  });
})();
