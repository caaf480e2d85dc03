// The app on the phone: its worker, and the switch for pushes in my menu. The permission is asked for on a tap alone.
(() => {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const MINE = "fenliu-push"; // who switched pushes on in this browser, in which session and for which endpoint
  const switches = () => [...document.querySelectorAll("[data-push]")];
  const account = document.body.dataset.account;
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  if ("serviceWorker" in navigator) {
    const { worker, scope } = document.body.dataset;
    navigator.serviceWorker.register(worker, { scope }).catch(() => {});
  }

  const show = (state, why) => switches().forEach((one) => {
    one.querySelectorAll("[data-push-state]").forEach((part) => { part.hidden = part.dataset.pushState !== state; });
    if (why) one.querySelector("[data-push-why]").textContent = why;
  });
  const mine = () => JSON.parse(localStorage.getItem(MINE) || "null");
  const present = async () => (await navigator.serviceWorker.ready).pushManager.getSubscription();

  const post = async (url, values) => {
    const headers = { "X-CSRFToken": csrf() };
    const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams(values), redirect: "manual" });
    if (answer.ok) return;
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.message || "");
  };

  const remember = async (subscription, again) => {
    const { dataset } = switches()[0];
    const { endpoint, keys } = subscription.toJSON();
    await post(dataset.onUrl, { endpoint, p256dh: keys.p256dh, auth: keys.auth, ...(again && { again: "1" }) });
    localStorage.setItem(MINE, JSON.stringify({ account, mark: dataset.mark, endpoint }));
  };

  const bytes = (text) => {
    const whole = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
  };

  const on = async () => {
    if ((await Notification.requestPermission()) !== "granted") return look();
    const { key } = await (await fetch(switches()[0].dataset.keyUrl)).json();
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
    const subscription = await pushManager.subscribe(options).catch(async () => {
      // One that was made with another key stands in the way.
      await (await pushManager.getSubscription())?.unsubscribe();
      return pushManager.subscribe(options);
    });
    await remember(subscription, false);
    return show("on");
  };

  const off = async () => {
    const subscription = await present();
    localStorage.removeItem(MINE);
    if (subscription) {
      await post(switches()[0].dataset.offUrl, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    return show("off");
  };

  // What holds on this device; one that the server knows by an earlier session is told anew.
  const look = async () => {
    if (!able) return show("unsupported");
    if (Notification.permission === "denied") return show("blocked");
    const known = mine();
    const subscription = Notification.permission === "granted" && known?.account === account ? await present() : null;
    if (!subscription) return show("off");
    if (known.mark !== switches()[0].dataset.mark || known.endpoint !== subscription.endpoint) await remember(subscription, true);
    return show("on");
  };

  if (!switches().length) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-push-state]");
    if (!button) return;
    const work = button.dataset.pushState === "on" ? off : on;
    button.disabled = true;
    work().catch((error) => show("failed", error.message)).finally(() => { button.disabled = false; });
  });
  look().catch(() => show("off"));
})();
