"""Word lists by which `identity.py` knows a plausible personal name: surnames, titles, roles, and words like names."""

from __future__ import annotations

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范石廖贾韦夏付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍"
    "庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍"
    "华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
    "师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明"
)
"""Single-character surnames, the usual ones."""

COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|东方|端木|呼延|南宫"
"""Surnames of two characters."""

TITLES = (
    "师傅|先生|女士|小姐|太太|同志|大哥|大姐|大叔|大妈|阿姨|老师|经理|站长|店长|队长|组长|主任|科长|处长|"
    "局长|书记|老板|医生|律师|某某|某"
)
"""What follows a name as an address."""

ROLES = (
    "骑手|外卖员|外卖小哥|快递员|快递小哥|网约车司机|货车司机|卡车司机|司机|家政工|家政员|保洁员|保姆|"
    "月嫂|主播|自由职业者|受访者|受访人|被访者|访谈对象|农民工|工人|员工|劳动者|队员|站长|店长|经理|工友|"
    "同事|老乡|妻子|丈夫|儿子|女儿"
)
"""What people are called in such notes, before or after a name."""

SAYING = "说|讲|称|表示|告诉|认为|回忆|介绍|觉得|抱怨|透露|坦言|补充|今年|来自|家住|住在|是|在|从|于|和|与|的"
"""What follows a name in a sentence."""

LIKE_NAMES = (
    "高度|高级|安全|安心|成为|成功|全部|全国|全职|应该|应当|和其|和他|明确|明白|时间|时候|方面|方便|平时|"
    "平台|关于|关系|常常|常年|文件|文化|简单|简直|连续|任何|路上|路线|向上|向我|单位|单量|单价|华东|华南|"
    "江苏|江西|江浙|云南|黄河|黄金|白天|马上|马路|万一|万人|温州|安徽|宁波|宁夏|武汉|康复|毛利|钱不|钱少|"
    "包括|包车|房租|管理|商家|商业|农村|农业|农忙|党员|师傅|边缘|米面|车辆|车型|车险|成都|成员|成本|解决|"
    "解除|计算|曲线|冷饮|苏州|陈述|许多|许可|何时|何处|何况|余下|余额|程序|方式|方法|贾不|易于|易受|游客|"
    "时薪|时常|司机|党组织|明年|明天|荣誉|桂林|边跑|全家|全年|应保|古城|沙发|石家庄|龙头|龙华|毕竟|毕业|"
    "向前|夏天|夏季|秦皇岛|雷雨|严格|严重|武装|常见|温度|盛夏|项目|景区|费用|席位|卫生|宗旨|左右|贺州|"
    "从事|从来|连同|左手|丁字|林业|田间|季节|尚未|尚无|舒服|路程|路面|符合|关心|关注|关键|左边|单独|单亲|"
    "欧洲|阳光|阳性|成年|安排|安装|全面|全勤|解释|和站|和平|和同|和我|和家|与|钟点|时段|文明|文书|华人|"
    "顾客|程度|施工|施行|史上|纪录|汤水|苗头|童工|季度|凌晨|盛行|卓越|吉林|海南"
)
"""Words that begin as names do: where one of these stands there is no name."""

PINYIN = (
    "Wang|Li|Zhang|Liu|Chen|Yang|Huang|Zhao|Wu|Zhou|Xu|Sun|Ma|Zhu|Hu|Guo|He|Lin|Luo|Zheng|Liang|Xie|Song|"
    "Tang|Han|Feng|Deng|Cao|Peng|Zeng|Xiao|Tian|Dong|Yuan|Pan|Jiang|Cai|Yu|Du|Ye|Cheng|Su|Wei|Lu|Lyu|"
    "Ding|Ren|Shen|Yao|Cui|Zhong|Tan|Fan|Shi|Liao|Jia|Xia|Fu|Fang|Bai|Zou|Meng|Xiong|Qin|Qiu|Yin|Xue|Yan|"
    "Duan|Lei|Hou|Long|Tao|Gu|Mao|Hao|Gong|Shao|Wan|Qian|Qu|Ouyang|Situ"
)
"""Surnames in Latin letters."""

ENGLISH_ROLES = (
    "rider|courier|driver|worker|cleaner|nanny|streamer|freelancer|respondent|interviewee|manager|"
    "dispatcher|colleague|husband|wife|son|daughter|migrant"
)
"""What people are called in English notes."""
