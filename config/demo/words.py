"""What demo buyers and agents say, by where the buyer comes from. All invented."""

from itertools import product

from routing.simulator.traffic import Said

FIRST = (
    "栗子",
    "西瓜",
    "半夏",
    "森林",
    "阿布",
    "麦子",
    "云朵",
    "木木",
    "老陈",
    "丸子",
    "可可",
    "风信子",
    "南瓜",
    "柚子",
    "北北",
)
SECOND = (
    "爱吃糖",
    "汽水",
    "微凉",
    "里的鹿",
    "的小窝",
    "棉花糖",
    "爱喝茶",
    "小姐",
    "马车",
    "不睡觉",
    "的日常",
    "有点甜",
    "先生",
)
NICKNAMES = tuple(first + second for second, first in product(SECOND, FIRST))

ASKED = (
    "你好，这个有现货吗？",
    "今天拍的话什么时候能发货？",
    "大号和中号有什么区别呀",
    "我的订单怎么还没有物流信息？",
    "收到的盖子好像裂了，怎么处理？",
    "可以改一下收货地址吗？",
    "退款申请两天了怎么还没到账",
    "能不能便宜一点，我要买三套",
    "请问发什么快递？",
    "颜色和图片一样吗？",
    "这款可以放冰箱冷冻吗",
    "拍错尺寸了，能换吗？",
    "单号查不到物流",
    "赠品没有收到",
    "质量怎么样，会不会漏",
)
ASKED_AGAIN = (
    "好的，那大概几天能到？",
    "那麻烦您帮我备注一下",
    "还是不太明白，能再说一下吗",
    "可以发个图片给我看看吗",
    "我想再考虑一下",
    "好的谢谢，还有一个问题",
    "那运费谁出呢？",
)
ANSWERED = (
    "您好，有现货的，今天下单 48 小时内发出哦。",
    "您好，已经帮您催仓库了，发出后会有短信提醒您。",
    "大号 3.2 升，中号 1.8 升，两款都带密封圈。",
    "非常抱歉给您带来不便，这边给您补发一个，不用退回。",
    "可以的，还没出库，您把新地址发我就好。",
    "退款一般 1 到 3 个工作日原路退回，请您留意一下。",
    "默认发中通，偏远地区发邮政。",
    "颜色以实物为准，图片都是自然光拍的，色差很小。",
    "好的，已经为您备注好了。",
    "支持七天无理由退换，有任何问题随时找我。",
)


def text_of(said: Said) -> str:
    """The words of a message: the same each time for the same conversation and turn."""
    number = int(said.conversation.rpartition("-")[2]) + 7 * said.turn
    if said.author is not None:
        return ANSWERED[number % len(ANSWERED)]
    return (ASKED_AGAIN if said.turn else ASKED)[number % len(ASKED_AGAIN if said.turn else ASKED)]
