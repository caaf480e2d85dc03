// The one line to the server for all pages of a browser: as a SharedWorker where there is one (six streams to a host
// would block the seventh page), else loaded by each page. Reads the stream, comes again after a cut from where it was,
// and gives the signs of life that hold somebody's presence.
((scope) => {
  const BEAT = 20000; // three fit into the shortest silence that sets somebody offline
  const SILENCE = 40000; // the server says a word at least every 15 s: after this nothing reaches us
  const RETRY = 1500; // after a stream that ended by itself
  const PAUSES = [300, 1000, 2000, 4000, 8000];
  const sleep = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

  class LiveLink {
    constructor(hear) {
      Object.assign(this, { hear, stream: "", last: "", running: false, connected: false, failures: 0, told: 0, pages: new Map(), abort: null, skip: null });
      setInterval(() => this.beat(), BEAT);
      scope.addEventListener("online", () => { this.failures = 0; this.skip?.(); this.beat(); });
    }

    // A page is there: {stream: url, beat: url or "", csrf}. `null`: it is gone.
    page(key, page) {
      if (page) this.stream = page.stream;
      if (page) this.pages.set(key, page); else this.pages.delete(key);
      if (page && !this.running) this.run();
      if (page?.beat) this.beat();
      if (!this.pages.size) this.abort?.abort();
    }

    async run() {
      this.running = true;
      while (this.pages.size && this.running) {
        const status = await this.read().catch(() => 0);
        if (this.connected) this.hear({ kind: "cut" });
        this.connected = false;
        if ([401, 403, 404].includes(status)) break; // signed out: the page's next step leads to the door
        if (status === 400) this.last = ""; // an id that the server does not know: begin anew, the page loads anew
        const pause = status === 200 ? RETRY : PAUSES[Math.min(this.failures, PAUSES.length - 1)];
        this.failures += 1;
        await Promise.race([sleep(pause * (0.7 + 0.6 * Math.random())), new Promise((resolve) => { this.skip = resolve; })]);
      }
      this.running = false;
    }

    async read() {
      this.abort = new AbortController();
      let watch;
      const heard = () => { clearTimeout(watch); watch = setTimeout(() => this.abort.abort(), SILENCE); };
      heard();
      try {
        const headers = this.last ? { "Last-Event-ID": this.last } : {};
        const answer = await fetch(this.stream, { headers, signal: this.abort.signal, cache: "no-store", credentials: "same-origin" });
        if (!answer.ok) return answer.status;
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return 200;
          heard();
          const blocks = (text + value).split("\n\n");
          text = blocks.pop();
          blocks.forEach((block) => this.block(block));
        }
      } finally { clearTimeout(watch); }
    }

    block(block) {
      const fields = {};
      block.split("\n").forEach((line) => {
        const at = line.indexOf(": ");
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
      });
      if (fields.id) this.last = fields.id;
      if (!fields.event) return;
      if (fields.event === "ready") { this.connected = true; this.failures = 0; this.hear({ kind: "connected" }); this.beat(); return; }
      if (fields.event === "presence") this.told += 1;
      this.hear({ kind: fields.event, event: JSON.parse(fields.data) });
    }

    // Its answer says how everybody stands; one that was asked for before the stream told of a change says how they stood.
    beat() {
      const { told } = this;
      const urls = new Map([...this.pages.values()].filter((page) => page.beat).map((page) => [page.beat, page.csrf]));
      urls.forEach((csrf, url) => {
        fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf }, credentials: "same-origin", redirect: "manual" })
          .then((answer) => (answer.ok ? answer.json() : null))
          .then((said) => { if (said && told === this.told) this.hear({ kind: "beat", url, ...said }); })
          .catch(() => {}); // the next one comes
      });
    }
  }

  if (typeof SharedWorkerGlobalScope !== "undefined" && scope instanceof SharedWorkerGlobalScope) {
    const ports = new Set();
    const link = new LiveLink((told) => ports.forEach((port) => port.postMessage(told)));
    scope.onconnect = ({ ports: [port] }) => {
      ports.add(port);
      port.onmessage = ({ data }) => {
        if (!data) ports.delete(port); else ports.add(port);
        link.page(port, data);
        if (data && link.connected) port.postMessage({ kind: "connected" });
      };
    };
  } else {
    scope.LiveLink = LiveLink;
  }
})(self);
