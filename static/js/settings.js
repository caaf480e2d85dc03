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

  // What is typed while an answer is on its way stands in the new form too, and is taken over when the field is left.
  const typing = () => {
    const field = document.activeElement;
    return field?.matches("#routing-form input:not([type=checkbox], [type=radio]), #routing-form textarea") ? field : null;
  };
  let typed = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    typed = null;
    const field = typing();
    if (event.detail.target?.id !== "editor" || !field?.id) return;
    const sent = event.detail.requestConfig.parameters[field.name];
    if (field.value !== sent) typed = { id: field.id, value: field.value, at: [field.selectionStart, field.selectionEnd] };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const field = typed && document.getElementById(typed.id);
    if (event.detail.target?.id !== "editor" || !field) return;
    field.value = typed.value;
    field.focus({ preventScroll: true });
    field.setSelectionRange(...typed.at);
    field.addEventListener("blur", () => field.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
    typed = null;
  });

  let leaving = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard]")) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form()?.hasAttribute("data-unpublished")) event.preventDefault();
  });
})();
