// Passkeys: the browser's part of WebAuthn. A button [data-passkey] says where options come from and the answer goes.
(() => {
  const able = window.isSecureContext && "credentials" in navigator && "PublicKeyCredential" in window;
  const numeric = /^[\d.]+$|^\[/.test(location.hostname); // passkeys are bound to names, not to addresses
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

  const bytes = (text) => {
    const whole = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
  };
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const post = async (url, body) => {
    const headers = { "X-CSRFToken": token(), "Content-Type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.message || "");
    return said;
  };

  const listed = (credentials) => (credentials || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const make = async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    const { response } = made;
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
      clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
  };

  const prove = async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
    const made = await navigator.credentials.get({ publicKey });
    const { response } = made;
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
      clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
      signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null } };
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    const { passkey, optionsUrl, url, next } = button.dataset;
    const problem = document.getElementById(button.dataset.problem);
    if (!able || numeric) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      problem.hidden = true;
      try {
        const options = await post(optionsUrl, {});
        const credential = await (passkey === "make" ? make : prove)(options);
        const name = document.getElementById(button.dataset.nameField || "")?.value || "";
        location.assign((await post(url, { credential, name, next })).location);
      } catch (error) {
        problem.textContent = error.name === "Error" && error.message ? error.message : problem.dataset.words;
        problem.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
