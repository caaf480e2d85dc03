"""What the Pinduoduo demo shop answers by itself: three of the four are on, the robot has its rules and is off."""

from agents.models import Account, Shop
from conversations.answering import Content, How, Item, Part
from conversations.models import AnswerPart
from conversations.services.answers import save_answers

GREETING = "您好，小满家居在的～ 已收到您的消息，客服马上来。常见问题可以直接点下面，回答更快。"

HOT_QUESTIONS = (
    ("发什么快递？", "默认发中通，偏远地区发邮政，下单后 48 小时内发出。"),
    ("几天能到？", "江浙沪一般 1 到 2 天，其他地区 2 到 4 天，偏远地区 5 到 7 天。"),
    ("可以改地址吗？", "没发货都可以改：打开订单，点“修改地址”；已发货的请联系快递转寄。"),
    ("收到有破损怎么办？", "请拍一张照片发来，并保留外箱，我们给您补发，不用退回。"),
    ("怎么开发票？", "确认收货后，在订单里点“申请发票”，电子发票 24 小时内开出。"),
)

MENU_WORDS = "收到您的订单，需要哪种帮助？"
MENU = (
    ("查物流", "打开这笔订单，点“查看物流”。超过 48 小时没更新，请把单号发给我们去催。"),
    ("修改地址", "还没发货时，在订单里点“修改地址”即可。"),
    ("申请退款", "在订单里点“申请售后”，选退款原因。未发货的当天退，已发货的收到退货后退。"),
    ("补发配件", "请发一张缺件或破损的照片，我们核对后当天补发。"),
)

RULES = (
    ("发货，什么时候发，多久发", How.KEYWORDS, "现货 48 小时内发出，发出后会有短信提醒您。", True),
    ("快递|物流|单号", How.PATTERN, "默认发中通，在订单里点“查看物流”就能看到最新位置。", True),
    ("退款|退钱|退货", How.PATTERN, "在订单里点“申请售后”，退款一般 1 到 3 个工作日原路退回。", True),
    ("尺寸，多大，容量", How.KEYWORDS, "大号 3.2 升，中号 1.8 升，小号 0.9 升，页面有尺寸图。", True),
    ("优惠，便宜", How.KEYWORDS, "满 59 减 5，进店领券更划算。", False),
)
UNKNOWN = "抱歉，这个问题我还不会。您可以换个说法，或者回复“人工”，为您转人工客服。"


def set_answers(shop: Shop, main: str) -> None:
    """Once: what somebody has changed since stays as it is."""
    if AnswerPart.objects.filter(shop=shop).exists():
        return
    by = Account.objects.get(account=main)
    contents = {
        Part.GREETING: Content(on=True, text=GREETING),
        Part.HOT_QUESTIONS: Content(on=True, items=tuple(Item(ask, answer) for ask, answer in HOT_QUESTIONS)),
        Part.MENU: Content(on=True, text=MENU_WORDS, items=tuple(Item(ask, answer) for ask, answer in MENU)),
        Part.ROBOT: Content(text=UNKNOWN, items=tuple(Item(ask, answer, how, on) for ask, how, answer, on in RULES)),
    }
    for part, content in contents.items():
        save_answers(shop=shop, part=part, content=content, by=by)
