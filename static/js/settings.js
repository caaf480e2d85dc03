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

  let leaving = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard]")) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form()?.hasAttribute("data-unpublished")) event.preventDefault();
  });
})();
