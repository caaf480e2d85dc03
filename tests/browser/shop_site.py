"""A shop's own website, on an origin of its own, strict about what its pages may do: one line puts the chat on them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>收纳盒</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css"></head>
<body><header><b>小满家居</b><span>收纳</span><span>厨房</span><span>清洁</span></header>
<main><div class="picture"></div><div><h1>小麦秸秆密封收纳盒 厨房五谷杂粮 3 只装</h1><p class="price">¥79.80</p>
<p>奶白色 · 大号 3.2 升</p><p class="buy">加入购物车</p></div></main>{line}</body></html>"""
STYLE = """body { margin: 0; font: 16px/26px "Noto Sans CJK SC", sans-serif; color: #2b2620; background: #fffdf9 }
header { display: flex; gap: 32px; padding: 20px 48px; border-bottom: 1px solid #eee5d8 }
main { display: grid; grid-template-columns: 420px 1fr; gap: 48px; padding: 48px; max-width: 1000px }
h1 { font-size: 24px; line-height: 34px; font-weight: 500 } .price { font-size: 30px; color: #b4532a }
.picture { height: 420px; border-radius: 12px; background: linear-gradient(160deg, #f3e6d0, #d9bf94 60%, #a9c08a) }
.buy { display: inline-block; padding: 10px 36px; border-radius: 24px; background: #2b2620; color: #fff }
@media (max-width: 700px) { main { grid-template-columns: 1fr; padding: 20px } header { padding: 16px 20px } }"""


class Site:
    """`line` stands on every page; `home`: where the chat comes from, all that the pages' policy allows."""

    def __init__(self, url: str) -> None:
        self.url, self.line, self.home = url, "", ""

    def has(self, home: str, shop: str, **data: str) -> None:
        given = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in data.items())
        self.home, self.line = home, f'<script src="{home}/chat/{shop}/widget.js" async{given}></script>'

    def frames(self, home: str, shop: str) -> None:
        self.home, self.line = home, f'<iframe src="{home}/chat/{shop}/" title="chat"></iframe>'


@contextmanager
def shop_site() -> Iterator[Site]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            css = self.path == "/site.css"
            body = (STYLE if css else PAGE.format(line=site.line)).encode()
            self.send_response(200)
            self.send_header("Content-Type", f"text/{'css' if css else 'html'}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            policy = f"default-src 'none'; style-src 'self'; script-src {site.home}; frame-src {site.home}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            if self.path == "/favicon.ico":
                return
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
