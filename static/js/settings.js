// The routing settings' form. The server works every change out anew; what stands here is what cannot wait for it:
// share bars that follow the weight while it is typed, Enter that must not publish, leaving with unpublished changes.
(() => {
  const form = () => document.getElementById("routing-form");

  const drawShares = (members) => {
    const inputs = [...members.querySelectorAll("[data-weight]")];
    const weights = inputs.map((input) => (/^\s*\d{1,9}\s*$/.test(input.value) ? Number(input.value) : 0));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    inputs.forEach((input, i) => {
      const member = input.closest(".member");
      const share = whole ? (100 * weights[i]) / whole : 0;
      member.querySelector("[data-share-bar]").style.width = `${share.toFixed(2)}%`;
      member.querySelector("[data-share]").textContent = `${share.toFixed(1)}%`;
    });
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-weight]")) drawShares(event.target.closest("[data-shares]"));
  });

  // Enter in a field takes it over, or presses the button beside it; it does not publish.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("#routing-form input")) return;
    event.preventDefault();
    const button = document.getElementById(event.target.dataset.enter || "");
    if (button) button.click();
    else event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // What stands in the field of a button beside it is not a change of the form.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("#routing-form [data-enter]")) event.stopPropagation();
  }, true);

  // A press on a button is no reason to leave the field first: what is typed goes with the button's own request, and no
  // answer can put another button under the pointer between press and release.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("#editor button, #editor .tabs a")) event.preventDefault();
  });

  // What is typed or chosen while an answer is on its way stands in the new form too: the field that one is in is taken
  // over when it is left, the others at once.
  const FIELDS = "#routing-form :is(input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select)[id]";
  const change = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));
  let later = [], marked = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "editor") return;
    // What is marked in the field that one is in stays marked: whoever types next means to replace it.
    const here = document.activeElement;
    marked = here?.matches?.(FIELDS) && here.selectionStart != null ? { id: here.id, at: [here.selectionStart, here.selectionEnd] } : null;
    const sent = event.detail.requestConfig.parameters;
    later = [...document.querySelectorAll(FIELDS)]
      .filter((field) => sent[field.name] !== undefined && sent[field.name] !== field.value)
      .map((field) => ({
        id: field.id, value: field.value, here: field === document.activeElement,
        at: field.matches("select") ? null : [field.selectionStart, field.selectionEnd],
      }));
  });
  // htmx gives the focus back by itself, but forgets a marking that begins at the first character.
  document.addEventListener("htmx:afterSwap", () => {
    const field = marked && document.getElementById(marked.id);
    if (field) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(...marked.at);
    }
    marked = null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "editor") return;
    const kept = later.map((was) => [was, document.getElementById(was.id)]).filter(([, field]) => field);
    later = [];
    kept.forEach(([was, field]) => {
      field.value = was.value;
      if (!was.here || !was.at) return;
      field.focus({ preventScroll: true });
      field.setSelectionRange(...was.at);
      field.addEventListener("blur", () => change(field), { once: true });
    });
    kept.filter(([was]) => !was.here || !was.at).forEach(([, field]) => change(field));
  });

  let leaving = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard]")) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form()?.hasAttribute("data-unpublished")) event.preventDefault();
  });
})();
