// The app's worker: shows what is pushed, opens the conversation, and has one page for when there is no network.
// It keeps no other page: what stands on the screen is always the server's.
const KEPT = "fenliu-offline-1";
const ROOT = new URL(self.registration.scope).pathname;
const OFFLINE = `${ROOT}offline/`;
const CHAT = `${ROOT}chat/`;

const keep = async () => {
  const cache = await caches.open(KEPT);
  const page = await fetch(OFFLINE, { cache: "reload" });
  const styles = [...(await page.clone().text()).matchAll(/href="([^"]+\.css)"/g)].map((found) => found[1]);
  await cache.put(OFFLINE, page);
  await cache.addAll(styles);
};

self.addEventListener("install", (event) => {
  event.waitUntil(keep().catch(() => {}).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  const page = request.mode === "navigate" && !pathname.startsWith(CHAT);
  const style = /\/offline\.[^/]*css$/.test(pathname);
  if (request.method !== "GET" || (!page && !style)) return;
  event.respondWith(fetch(request).catch(async () => (await caches.match(page ? OFFLINE : request)) || Response.error()));
});

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : { title: "Fenliu", body: "", url: ROOT, tag: "" };
  const options = { body: told.body, tag: told.tag, renotify: Boolean(told.tag), data: { url: told.url } };
  event.waitUntil(self.registration.showNotification(told.title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(new URL(event.notification.data.url, self.location.origin).href));
});

// The window that shows it already, else any of ours, else a new one.
const show = async (url) => {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === url);
  if (there) return there.focus().catch(() => {});
  const other = windows.find((one) => !new URL(one.url).pathname.startsWith(CHAT));
  if (!other) return self.clients.openWindow(url);
  await other.focus().catch(() => {}); // without a tap of a person's it may not
  return other.navigate(url).catch(() => self.clients.openWindow(url));
};
