"""The shops' events, to whoever may see them, as they happen (DESIGN 6).

ShopEvent rows ──► telling.py   once for all streams: what each row says, with what may be seen by whom
                   tailer.py    one a process: follows the rows by seq, hands them to the subscribers
                   readers.py   who reads: their shops, what of each they may see; asked again every few seconds
                   cursor.py    how far somebody has read, over all their shops
                   endpoint.py  GET /api/v1/stream/ as a bare ASGI endpoint: no connection, no thread while it lasts
                   once.py      the same URL where there is no ASGI: what is new, then the end
"""
