"""The front end as a whole: spans, limits, pauses, phones."""

from __future__ import annotations

import random

import numpy as np
import pytest

from py_engine.errors import TextEmpty, TextTooLong
from py_engine.text import Utterance, analyse, to_phones
from py_engine.text.analysis import MAX_SYLLABLES
from py_engine.text.familiarity import UNLISTED
from py_engine.text.model import PAUSE_BREAK
from py_engine.text.phones import PHONES

STORY = (
    "从前，有一只小猫叫“花花”；它住在一座大山脚下的村子里。有一天，小猫想：我为什么不去看看大海呢？于是，它带上三条鱼干，"
    "在2024年5月1日早上6:30出发了！走了3.5公里，遇到了一位老爷爷（他今年80岁）……\n老爷爷说：“别怕，一直往东走，就能看见海。”"
)


def check_spans(text: str, utterances: tuple[Utterance, ...]) -> None:
    at = 0
    for utterance in utterances:
        assert at <= utterance.start < utterance.stop <= len(text)
        at = utterance.stop
        inside = utterance.start
        for word in utterance.words:
            assert inside <= word.start < word.stop <= utterance.stop
            inside = word.start
            assert [one.start for one in word.syllables] == sorted(one.start for one in word.syllables)
            assert all(word.start <= one.start < one.stop <= word.stop for one in word.syllables)


def covered_by(utterances: tuple[Utterance, ...]) -> set[int]:
    return {
        at for utterance in utterances for word in utterance.words for one in word.syllables
        for at in range(one.start, one.stop)
    }  # fmt: skip


def test_story() -> None:
    utterances = analyse(STORY).utterances
    check_spans(STORY, utterances)
    assert [utterance.kind for utterance in utterances] == [
        "statement", "statement", "question", "exclamation", "statement", "statement",
    ]  # fmt: skip
    covered = covered_by(utterances)
    assert all(at in covered for at, char in enumerate(STORY) if "\u4e00" <= char <= "\u9fff")


@pytest.mark.parametrize("seed", range(30))
def test_no_hanzi_is_dropped_from_random_text(seed: int) -> None:
    chooser = random.Random(seed)
    common = (
        STORY + "儿子们不一了着过的地得还行长重都为和只种干好看要发数教弹调朝藏传臺灣ABCxyz12:30-7%，。？ 「」\n\t😀"
    )
    text = "".join(chooser.choice(common) for _ in range(chooser.randint(1, 200))) + "好"
    analysis = analyse(text)
    check_spans(text, analysis.utterances)
    covered = covered_by(analysis.utterances)
    assert all(at in covered for at, char in enumerate(text) if "\u4e00" <= char <= "\u9fff")
    unknown = {notice.start for notice in analysis.notices}
    assert unknown == {at for at, char in enumerate(text) if char == "😀"}
    for utterance in analysis.utterances:
        to_phones(utterance)


@pytest.mark.parametrize("text", ["我们" * 500, "哈" * 300, "A" * 500, "1" * 500, "好，" * 400, "儿" * 200, "一" * 300])
def test_no_utterance_outgrows_the_limit_and_nothing_is_cut_off(text: str) -> None:
    utterances = analyse(text).utterances
    check_spans(text, utterances)
    assert max(len(utterance.syllables) for utterance in utterances) <= MAX_SYLLABLES
    covered = covered_by(utterances)
    assert all(at in covered for at, char in enumerate(text) if char != "，")


def test_as_many_readings_as_characters_are_no_single_word() -> None:
    utterances = analyse(f"<speak><phoneme ph='{'ha1 ' * 300}'>{'哈' * 300}</phoneme></speak>").utterances
    assert max(len(utterance.syllables) for utterance in utterances) <= MAX_SYLLABLES


@pytest.mark.parametrize("syllable", ["zhōng", "ér", "xī'ān"])
def test_pinyin_without_end_and_without_a_space_is_read_in_some_way(syllable: str) -> None:
    assert analyse(syllable * 600).utterances


def test_too_long_and_empty() -> None:
    analyse("好" * 5000)
    with pytest.raises(TextTooLong, match="5001"):
        analyse("好" * 5001)
    for text in ("", " \n\t", "。！？", "😀", "\u200b"):
        with pytest.raises(TextEmpty) as caught:
            analyse(text)
        assert caught.value.code == "text.empty"


def test_pauses_and_breaks() -> None:
    words = analyse("苹果、香蕉，都好。").utterances[0].words
    assert [word.text for word in words] == ["苹果", "香蕉", "都", "好"]
    assert [word.break_level for word in words] == [3, 3, 1, 4]
    assert 0 < words[0].pause < words[1].pause < words[3].pause
    assert words[2].pause == 0


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("| 张伟 | 28 | 成都 |", ["张伟", "二十八", "成都"]),
        ("茯苓15克 白术12克 陈皮6克", ["茯苓十五克", "白术十二克", "陈皮六克"]),
        ("大约 5 克 白糖加水", ["大约五克白糖加水"]),
        ("表1 各组产量", ["表一", "各组产量"]),
        ("念奴娇·赤壁怀古", ["念奴娇", "赤壁怀古"]),
        ("卡尔·马克思", ["卡尔马克思"]),
        ("358赞 · 46评论", ["三百五十八赞", "四十六评论"]),
        ("触屏版 可视窗口 智能预约", ["触屏版", "可视窗口", "智能预约"]),
        ("满300减50 上不封顶 限时一天", ["满三百减五十", "上不封顶", "限时一天"]),
        ("我们使用 Python 语言编写了 3 个程序", ["我们使用Python语言编写了三个程序"]),
        ("今天 天气 很好", ["今天天气很好"]),
        ("@小李 你那边好了没", ["艾特小李", "你那边好了没"]),
        ("小李 15:30 马上到", ["小李", "十五点三十分", "马上到"]),
        ("目的 探讨护理的影响", ["目的", "探讨护理的影响"]),
        ("1.e4 e5 2.Nf3", ["一e四", "e五", "二NF三"]),
        ("周一 第1节 语文 第2节 数学", ["周一", "第一节语文", "第二节数学"]),
        ("炒饭¥22 米饭2元", ["炒饭二十二元", "米饭两元"]),
        ("此致 敬礼 儿建国", ["此致", "敬礼", "儿建国"]),
        ("星期五 晴 今天有课", ["星期五", "晴", "今天有课"]),
        ("三（2）班教室", ["三二班教室"]),
        ("A.0是偶数 B.1是质数 C.2是奇数", ["A", "零是偶数", "B", "一是质数", "C", "二是奇数"]),
        ("(x-1)²+(y+2)²=0", ["X减一的差的平方加Y加二的和的平方等于零"]),
        ("(x+y-1)²=0", ["X加Y减一", "的平方等于零"]),
        ("1.2型糖尿病 2.2型呼吸衰竭", ["一", "二型糖尿病", "二", "二型呼吸衰竭"]),
        ("转发三连～我们下期再见", ["转发三连", "我们下期再见"]),
        ("看这里👇早晚各一次", ["看这里早晚各一次"]),
        ("成分党看这里👇早晚各一次", ["成分党看这里", "早晚各一次"]),
        ("整租·朝阳大悦城2室·南北通透·近地铁", ["整租", "朝阳大悦城两室", "南北通透", "近地铁"]),
        ("M码 衣长65 胸围96 肩宽42；好看", ["M码", "衣长六十五", "胸围九十六", "肩宽四十二", "好看"]),
        ("①央行择机降准；②财政部拟发行国债。", ["一", "央行择机降准", "二", "财政部拟发行国债"]),
        ("杭州11月22日电 题：乌镇十年", ["杭州十一月二十二日电", "题", "乌镇十年"]),
        ("我165/55kg", ["我一百六十五", "五十五千克"]),
        ("尺码M/L/XL可选", ["尺码M", "L", "XL可选"]),
        ("3.1 总则", ["三点一", "总则"]),
        ("作者：路遥 ISBN：978", ["作者", "路遥", "ISBN", "九百七十八"]),
        ("第三条 租赁期限为三年", ["第三条", "租赁期限为三年"]),
        ("打印纸70g 500张/包 5包/箱", ["打印纸七十克", "五百张每包", "五包每箱"]),
        ("我们已约好了 5分钟之前 上楼的时候", ["我们已约好了", "五分钟之前", "上楼的时候"]),
        ("√5____2.3", ["根号五", "二点三"]),
        ("玩家A 击杀了 玩家B", ["玩家A击杀了玩家B"]),
        ("书号6 定价68元", ["书号六", "定价六十八元"]),
        ("幢15楼 邮编200120", ["幢十五楼", "邮编二零零幺二零"]),
        ("姓名\t语文\t数学", ["姓名", "语文", "数学"]),
        ("①备料 ②腌制 ③上浆", ["一备料", "二腌制", "三上浆"]),
        ("1.报名表 2.承诺书", ["一", "报名表", "二", "承诺书"]),
        ("A. 牛顿 B. 霍金", ["A", "牛顿", "B", "霍金"]),
        ("07:15 起床 07:40 早餐", ["七点十五分起床", "七点四十分早餐"]),
        ("棉65% 氨纶5%", ["棉百分之六十五", "氨纶百分之五"]),
        ("曜石黑/月光银", ["曜石黑", "月光银"]),
        ("《红豆》《十年》", ["红豆", "十年"]),
        ("1.《晴天》2.《夜曲》", ["一", "晴天", "二", "夜曲"]),
        ("“以上”“以下”都含本数", ["以上", "以下都含本数"]),
        ("骁龙8 Gen 3、麒麟", ["骁龙八Gen三", "麒麟"]),
        ("设置 > 通用", ["设置", "通用"]),
        ("2024-03-15 14:30 开会", ["二零二四年三月十五日十四点三十分开会"]),
        ("我选A。他也选A。", ["我选A", "他也选A"]),
        ("证券代码：招行 证券简称：招商", ["证券代码", "招行", "证券简称", "招商"]),
        ("12:00:01 连接超时", ["十二点零分零一秒", "连接超时"]),
        ("注音：踌躇 蹒跚 绽放", ["注音", "踌躇", "蹒跚", "绽放"]),
        ("今天 天气 真好", ["今天天气真好"]),
        ("审判长 赵刚 书记员 周洁", ["审判长赵刚", "书记员周洁"]),
        ("A. tall B. taller", ["A", "tall", "B", "taller"]),
        # a page too narrow, and lines of their own
        (
            "他从口袋里掏出一张皱巴巴的纸，上面写着歪歪扭\n扭的字",
            ["他从口袋里掏出一张皱巴巴的纸", "上面写着歪歪扭扭的字"],
        ),
        ("春天来了，花开了\n鸟儿叫了", ["春天来了", "花开了", "鸟儿叫了"]),
        (
            "我去菜市场买了两斤排骨，做糖醋排骨给孩子吃\n下午接他放学",
            ["我去菜市场买了两斤排骨", "做糖醋排骨给孩子吃", "下午接他放学"],
        ),
        (
            "早餐：牛奶，面包，鸡蛋，水果，酸奶，坚果\n午餐：米饭",
            [*"早餐 牛奶 面包 鸡蛋 水果 酸奶 坚果 午餐 米饭".split()],
        ),
    ],
)
def test_cells_and_items_on_one_line_are_divided(text: str, pieces: list[str]) -> None:
    found = [""]
    for word in [word for utterance in analyse(text).utterances for word in utterance.words]:
        found[-1] += word.text
        if word.break_level >= PAUSE_BREAK:
            found.append("")
    assert found[:-1] == pieces


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("双十一到手价只要159.9元左右真便宜", ["一百", "五十九点", "九", "元"]),
        ("湖人队最后以118:112力克勇士队", ["一百", "一十八"]),
        ("官方价格统一定在9999元起步", ["九千", "九百", "九十九", "元"]),
        ("内存是256GB的那一种", ["二百", "五十六", "GB"]),
        ("全场比赛的第89分钟破门得分", ["第八十九", "分钟"]),
        ("会议下午14:30在三楼准时召开", ["十四点", "三十分"]),
    ],
)
def test_written_numbers_are_said_by_their_places_and_in_one_phrase(text: str, number: list[str]) -> None:
    words = analyse(text).utterances[0].words
    spoken = [word.text for word in words]
    assert any(spoken[at : at + len(number)] == number for at in range(len(spoken))), spoken
    at = next(at for at in range(len(spoken)) if spoken[at : at + len(number)] == number)
    assert all(word.break_level == 1 for word in words[at : at + len(number) - 1]), spoken


def test_spelt_names_are_said_piece_by_piece() -> None:
    words = [word.text for word in analyse("发到zhang.wei@example.com").utterances[0].words]
    assert [word for word in words if word.isascii()] == ["zhang", "wei", "example", "com"]


def test_closing_marks_stay_with_their_sentence() -> None:
    text = "他说：“走吧！”她点头。"
    utterances = analyse(text).utterances
    assert text[utterances[0].start : utterances[0].stop].rstrip("”") == "他说：“走吧！"
    assert len(utterances) == 2


def test_phones_of_an_utterance() -> None:
    sequence = to_phones(analyse("你好，花儿。").utterances[0])
    assert sequence.symbols == ("sil", "n", "i", "h", "ao", "sp", "h", "ua", "rr", "sil")
    assert sequence.phones.tolist() == [PHONES[symbol] for symbol in sequence.symbols]
    assert sequence.tones.tolist() == [0, 2, 2, 3, 3, 0, 1, 1, 1, 0]
    assert sequence.breaks.tolist() == [0, 0, 0, 3, 3, 0, 4, 4, 4, 0]
    assert sequence.word_index.tolist() == [-1, 0, 0, 0, 0, -1, 1, 1, 1, -1]
    assert sequence.syllable_index.tolist() == [-1, 0, 0, 1, 1, -1, 2, 2, 2, -1]
    assert sequence.pauses[5] == pytest.approx(0.25)
    expected = [1 / 3, 1 / 2, np.log1p(2) / 3, np.log1p(3) / 3]
    np.testing.assert_allclose(sequence.positions[3, :4], expected, rtol=1e-6)
    np.testing.assert_allclose(sequence.positions[0], [0, 0, 0, np.log1p(3) / 3, 0, 0], rtol=1e-6)
    for array in (sequence.phones, sequence.tones, sequence.breaks):
        assert array.dtype == np.int64
    assert sequence.positions.dtype == np.float32


def test_phones_know_how_common_their_word_is() -> None:
    sequence = to_phones(analyse("我们踟蹰iPhone花儿").utterances[0])
    of_word, of_character = sequence.positions[:, 4], sequence.positions[:, 5]
    first = {
        int(n): int(np.flatnonzero(sequence.syllable_index == n)[0]) for n in set(sequence.syllable_index.tolist())
    }
    women, chi, phone = first[0], first[2], first[4]
    assert of_word[women] > of_word[chi] + 0.2
    assert of_word[women] == of_word[first[1]]
    assert of_character[women] > of_character[chi]
    assert of_word[phone] == pytest.approx(UNLISTED)
    assert ((sequence.positions[:, 4:] >= 0) & (sequence.positions[:, 4:] <= 1)).all()


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("您乘坐的由北京南站开往上海虹桥的G101次列车现在开始检票了", "G幺零幺次列车"),
        ("上证指数今天下午收盘报三千一百二十点五五比前一交易日上涨", "三千一百二十点五五"),
        ("根据中华人民共和国民法典第一千零七十九条的规定", "第一千零七十九条"),
        ("我昨天在超市里买了两斤苹果三斤香蕉还有一箱牛奶和几包饼干", "两斤苹果"),
        ("从前有一只小狐狸住在森林深处的一棵大树下面的洞里", "森林深处"),
        ("你能不能帮我把放在桌子上的那本红色封面的词典拿过来一下", "帮我"),
        ("受较强冷空气影响预计明天夜间到后天白天华北大部将出现大风降温天气", "后天白天"),
        ("日本首相岸田文雄宣布将不参加自民党总裁选举", "岸田文雄"),
        ("这项被称为“中国天眼”的工程位于贵州省黔南州平塘县", "中国天眼"),
        ("唱片里《真的爱你》都是他们乐队早年的代表作之一", "真的爱你"),
        ("长征五号B遥四运载火箭托举梦天实验舱成功升空", "五号B"),
        ("把新的index.html放到dist目录下再重启服务", "放到dist"),
        ("藏羚羊主要分布于青藏高原和四川西部的高寒草原", "分布于"),
        ("退款将在三个工作日内原路退回至您的支付账户", "退回至"),
        ("机身采用304不锈钢内胆和双层真空结构", "三零四不锈钢"),
        ("请乘坐MU2456航班的旅客抓紧时间前往登机口", "航班"),
        ("方程左边是x²-5x+6=0的展开形式", "五X加六"),
        ("如果△ABC是等边三角形那么它的三个角都相等", "三角形ABC"),
        ("前方是区间测速路段请保持限速30公里每小时行驶", "三十公里每小时"),
        ("阵风十三级风速达到每秒四十米也就是40米/秒左右", "四十米每秒"),
    ],
)
def test_no_phrase_ends_inside_what_belongs_together(text: str, whole: str) -> None:
    words = analyse(text).utterances[0].words
    spoken = "".join(word.text for word in words)
    start = spoken.index(whole)
    ends, at = {}, 0
    for word in words:
        at += len(word.text)
        ends[at] = word.break_level
    assert all(level == 1 for end, level in ends.items() if start < end < start + len(whole))
