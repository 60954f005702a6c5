#include "text/folding_table.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace sekisho::text {
namespace {

// Pairs of (variant, common form). 旧字体 follow the 康熙字典体 that the 常用漢字表 gives in brackets; the rest are forms met in
// names and places of the family registers (戸籍), and marks that keyboards and code pages confuse.
constexpr std::u32string_view kPairs =
    U"亞亜惡悪壓圧圍囲醫医爲為壹壱隱隠榮栄營営衞衛驛駅圓円鹽塩緣縁艷艶應応歐欧毆殴櫻桜奧奥橫横溫温穩穏假仮價価畫画會会繪絵壞壊懷懐槪概"
    U"擴拡殼殻覺覚學学嶽岳樂楽渴渇勸勧卷巻寬寛關関歡歓觀観氣気歸帰龜亀僞偽戲戯犧犠舊旧據拠擧挙虛虚峽峡挾挟狹狭鄕郷曉暁區区驅駆勳勲薰薫"
    U"徑径惠恵揭掲溪渓經経繼継莖茎螢蛍輕軽鷄鶏藝芸擊撃缺欠儉倹劍剣圈圏檢検權権獻献硏研縣県險険顯顕驗験嚴厳廣広恆恒效効鑛鉱黃黄號号國国"
    U"黑黒碎砕濟済齋斉齊斉斎斉劑剤册冊雜雑參参慘惨棧桟蠶蚕贊賛殘残絲糸齒歯兒児辭辞濕湿實実舍舎寫写釋釈壽寿收収從従澁渋獸獣縱縦肅粛處処"
    U"緖緒敍叙將将稱称涉渉燒焼證証奬奨條条狀状乘乗淨浄剩剰疊畳繩縄壤壌孃嬢讓譲釀醸觸触囑嘱眞真愼慎寢寝盡尽圖図粹粋醉酔穗穂隨随髓髄樞枢"
    U"數数瀨瀬聲声靜静竊窃攝摂專専戰戦淺浅潛潜纖繊踐践錢銭禪禅雙双壯壮搜捜插挿巢巣曾曽爭争瘦痩窗窓總総聰聡莊荘裝装騷騒增増藏蔵臟臓卽即"
    U"屬属續続墮堕對対體体帶帯滯滞臺台瀧滝擇択澤沢擔担單単團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁徵徴聽聴敕勅鎭鎮遞逓鐵鉄轉転點点傳伝黨党"
    U"盜盗燈灯當当鬪闘德徳獨独讀読屆届貳弐貮弐惱悩腦脳霸覇拜拝廢廃賣売麥麦發発髮髪拔抜晚晩蠻蛮祕秘濱浜濵浜甁瓶拂払佛仏倂併竝並變変邊辺"
    U"邉辺辨弁瓣弁辯弁步歩寶宝豐豊沒没飜翻每毎萬万滿満麵麺默黙餠餅戾戻彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様謠謡來来賴頼亂乱覽覧龍竜兩両"
    U"獵猟綠緑淚涙壘塁勵励禮礼隸隷靈霊齡齢曆暦歷歴戀恋鍊錬爐炉勞労樓楼郞郎祿禄錄録灣湾瑤瑶遙遥"
    // Names and places.
    U"髙高﨑崎嵜崎碕崎嶋島嶌島冨富𠮷吉桒桑栁柳槗橋𣘺橋凛凜檜桧桺柳珎珍竒奇羣群畧略畊耕裡裏鷗鴎淵渕渊渕舘館舩船舖舗蓆席蔭陰藪薮籔薮竈竃"
    U"諫諌迹跡鄰隣釼剣劔剣劒剣鈎鉤鉃鉄閒間靑青顚顛顏顔飮飲餝飾鬭闘鹼鹸麴麹龢和㐂喜䇳箋濶闊焰焔煉錬產産皜皓眾衆禰祢穎頴竪縦筍笋纎繊翆翠"
    U"聟婿艸草莓苺萠萌蔣蒋薗園蠣蛎裵裴襃褒讚賛貭質賎賤輛両邨村鄉郷釆采銕鉄鋪舗鎔溶隝島隯島雞鶏靭靱駈駆鯵鰺鶯鴬麤粗凉涼刧劫剏創勗勖卋世"
    U"厩廐厰廠叅参吳呉噓嘘塲場壻婿姙妊姬姫娛娯尙尚峯峰嵓巌巖巌幷并廏廐弌一弍二弎三彥彦徃往恠怪惪徳慙慚戶戸掻搔揷挿攪撹敎教斈学旣既昻昴"
    U"晄晃朖朗杦杉枩松栢柏梹檳棊棋椙杉槇槙檪櫟欵款殱殲毓育汙汚泪涙淸清潴瀦瀆涜爼俎牀床犹猶甞嘗畄留畍界疎疏癈廃皷鼓盖蓋眤昵砿鉱礦鉱穰穣"
    U"糺糾絕絶緜綿繫繋纒纏罐缶羗羌耻恥聨聯肬疣脫脱腁胼舉挙艢檣茘荔蒭芻蕋蕊蕚萼虵蛇衂衄說説諡謚谿渓豎縦軰輩迯逃邇迩醬醤銳鋭閱閲陷陥隄堤"
    // CJK radicals that PDF fonts use for kanji and NFKC leaves alone.
    U"⺠民⺩王⺬示⺼月⻁虎⻄西⻅見⻆角⻑長⻘青⻝食⻤鬼⻨麦⻩黄⻫斉⻭歯⻯竜⻲亀⺅亻⺘扌⺡氵⺾艹⻌辶⻖阝⻏阝⺗心⺣火"
    // One wave, one dash, one parallel: code pages map these pairs differently.
    U"\u301C~\u3030~\u223C~\u2212-\u2010-\u2012-\u2013-\u2014-\u2015-\u2500-\u2225\u2016\u00B7\u30FB\u2022\u30FB\u2018'\u2019'\u201C\"\u201D\"";

using Pair = std::pair<char32_t, char32_t>;

std::vector<Pair> sorted_pairs() {
  static_assert(kPairs.size() % 2 == 0);
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < kPairs.size(); i += 2) pairs.emplace_back(kPairs[i], kPairs[i + 1]);
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

}  // namespace

char32_t folded_character(char32_t character) {
  static const std::vector<Pair> kSorted = sorted_pairs();
  const auto at = std::lower_bound(kSorted.begin(), kSorted.end(), Pair{character, 0});
  return at != kSorted.end() && at->first == character ? at->second : character;
}

}  // namespace sekisho::text
