/**
 * Every word that a person reads, and every Japanese pattern. No other file of the page holds a Japanese character (text_ja.test.ts).
 * What happened, why, what to do next; 敬体; half-width figures; 格付 without け.
 */
import type { ApiError } from "./api/client";
import type { AuditEntry, Coded, DocumentNote, RatingReason, Role } from "./api/types";

const number = new Intl.NumberFormat("ja-JP");
const eraDay = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric", month: "long", day: "numeric" });
const day = new Intl.DateTimeFormat("ja-JP", { month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("ja-JP", { weekday: "short" });

function clock(ms: number): string {
  const at = new Date(ms);
  return `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
}
function dayStart(ms: number): number {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
/** Whole days from one to the other, by the calendar of this device. */
function daysBetween(earlier: number, later: number): number {
  return Math.round((dayStart(later) - dayStart(earlier)) / 86_400_000);
}
function eraDate(ms: number): string {
  // The first year of an era is 元年; some engines write it as 1年.
  return eraDay.format(ms).replace(/(\p{Script=Han})1年/u, "$1元年");
}
function dayHead(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return "今日";
  if (days === 1) return "昨日";
  return days >= 365 || days < 0 ? eraDate(ms) : `${day.format(ms)}（${weekday.format(ms)}）`;
}
function when(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return `今日 ${clock(ms)}`;
  return days >= 365 || days < 0 ? eraDate(ms) : day.format(ms);
}
function size(bytes: number): string {
  if (bytes < 1000) return `${number.format(bytes)} バイト`;
  if (bytes < 1_000_000) return `${number.format(Math.round(bytes / 1000))} KB`;
  if (bytes < 100_000_000) return `${number.format(Math.round(bytes / 100_000) / 10)} MB`;
  if (bytes < 10_000_000_000) return `${number.format(Math.round(bytes / 1_000_000))} MB`;
  return `${number.format(Math.round(bytes / 1_000_000_000))} GB`;
}

const comma = "、";
const gap = "　";

/** What an Entry of the audit log tells, by its kind or by the first word of it. */
const auditKinds: Record<string, string> = {
  "release.answer": "回答", "closed.answer": "回答の終わり", "release.passages": "検索", "release.conversation": "会話の表示", "release.history": "前の会話の利用",
  "release.ratings": "評価の表示", "release.document": "文書の表示", release: "表示", closed: "終わり", "turn.rated": "回答の評価", "turn.rating_cleared": "評価の取消し",
  account: "利用者の登録", group: "グループ", key: "APIの鍵", session: "ログイン", sign_in: "ログイン", shelf: "書架", document: "文書", conversation: "会話", model: "モデル", log: "記録", policy: "方針",
};

const roles: Record<Role, string> = { official: "職員", author: "作成者", operator: "運用", auditor: "監査" };

/** Patterns of Japanese documents. */
export const pattern = {
  /** The heading of an article, in brackets on a line of its own. */
  bullet: "・",
  articleTitle: /^（[^（）]{1,40}）$/u,
  /** The beginning of an article, a paragraph or an item, which hangs by one character. */
  article: /^(?:第[0-9０-９一二三四五六七八九十百千]+条|[0-9０-９]{1,2}[　 ]|[(（][0-9０-９]{1,2}[)）]|[一二三四五六七八九十]{1,3}[　 ])/u,
};

export const t = {
  loading: "読み込んでいます。",
  tryAgain: "もう一度試す",
  cancel: "やめる",
  close: "閉じる",
  save: "保存する",
  delete: "削除",
  deleteIt: "削除する",
  more: "続きを表示",
  need: "必須",
  copy: "コピー",
  copied: "コピーしました。",
  notCopied: "コピーできませんでした。文字を選んで、コピーしてください。",
  copyTable: "表をコピー",
  saveTable: "CSVで保存",
  tableFile: "表.csv",
  ruby: { open: "（", close: "）" },
  table: "表",
  acts: "操作",
  level: "格付",
  state: "状態",
  document: "文書",
  passage: "箇所",
  source: "出典",
  question: "質問",
  answer: "回答",
  newQuestion: "新しい質問",
  editQuestion: "直して聞き直す",
  editNote: "前の質問と回答も残ります。",
  rewrite: "書き直す",
  copyMarkdown: "Markdownでコピー",
  goOn: "続きから再開する",
  cutOff: "回答が長さの上限に達したため、途中で終わっています。",
  earlier: (count: number) => `前のやり取り${number.format(count)}件を表示`,
  inspect: "文ごとに点検",
  skip: "本文へ移動",
  menu: "メニュー",
  signIn: "ログイン",
  signOut: "ログアウト",
  settingsOf: "さんの設定",
  settingsWith: (name: string) => `設定（${name}）`,
  comma, gap,
  colon: "：",
  ellipsis: "…",
  orMore: "以上",
  of: (name: string) => `（${name}）`,
  hostOf: (host: string) => `（${host}）`,
  join: (words: readonly string[]) => words.join(comma),
  count: (count: number) => number.format(count),
  seconds: (ms: number) => number.format(Math.round(ms / 100) / 10),
  items: (count: number) => `${number.format(count)}件`,
  /** Nothing where the path names a sheet, slide or attachment: they have no printed pages. */
  pageNumber: (page: number, path: string) => (page > 0 && !hasLabel(path) ? `${number.format(page)}ページ` : ""),
  pageOf: (page: number, pages: number, kind: string) => `${number.format(page)}${pages > 0 ? ` / ${number.format(pages)}` : ""}${pageNames[kind] ?? "ページ"}`,
  /** Lists that must all admit the reader: 「福祉課又は総務課」 within one, 「かつ」 between them. */
  readers: (lists: readonly (readonly string[])[]) => lists.map((list) => list.join(comma)).join(" かつ ") || "全職員",
  time: clock,
  dayHead, when, size,
  eraTime: (ms: number) => `${eraDate(ms)} ${clock(ms)}`,
  retrySoon: (seconds: number) => `書きかけの質問は、この画面に残っています。${number.format(seconds)}秒後につなぎ直します。`,
  sourceLine: (no: number, name: string, path: string, page: number) => `出典${no}：${[name, path, t.pageNumber(page, path)].filter(Boolean).join(gap)}`,

  nav: { all: "全体", ask: "質問", shelves: "書架", admin: "管理", audit: "監査" },
  signs: { question: "問", answer: "答" },
  checks: { ok: "裏付けあり", needed: "要確認", none: "出典なし" },
  branch: { label: "質問と回答の枝", before: "前の枝", after: "次の枝" },
  rating: {
    good: "役に立った", bad: "直してほしい", ask: "どこを直してほしいですか", note: "直してほしい内容", send: "送る",
    reasons: { wrong: "事実と違う", unsupported: "出典が違う", incomplete: "足りない", wording: "言葉づかい", refused: "答えてくれない", slow: "遅い" } satisfies Record<RatingReason, string>,
    seen: "運用担当者には、ここに書いた内容だけが届きます。質問と回答の文、あなたの名前は届きません。",
    kept: "評価を保存しました。",
    takenBack: "評価を取り消しました。",
  },

  signedOut: {
    ended: { title: "ログアウトしました。", text: "しばらく操作がなかったためです。書きかけの質問は保存してあり、ログインすると続きから書けます。" },
    left: { title: "ログアウトしました。", text: "続けて使うときは、もう一度ログインしてください。" },
  },
  account: {
    name: "利用者名",
    displayName: "氏名",
    password: "パスワード",
    wrong: "利用者名又はパスワードが違います。確かめて、もう一度入力してください。",
    forgot: "パスワードを忘れたときは、この仕組みの運用担当者に連絡してください。",
    recorded: "質問、回答及び操作は、監査のために記録されます。",
  },
  setUp: {
    title: "はじめての設定",
    lead: "最初の運用担当者を登録します。この画面は、一度だけ使えます。",
    nameHint: "ログインのときに入力します。半角の英数字が便利です。",
    nameMissing: "利用者名を入力してください。",
    displayNameHint: "画面と記録に表示されます。",
    displayNameMissing: "氏名を入力してください。",
    passwordHint: (count: number) => `${count}字以上にしてください。長い言葉を並べると、覚えやすく破られにくくなります。`,
    passwordShort: (count: number) => `パスワードは、${count}字以上にしてください。`,
    passwordsDiffer: "2つのパスワードが違います。同じものを入力してください。",
    again: "パスワード（確認のためもう一度）",
    start: "登録して始める",
    linkDead: { title: "このリンクは使えません。", text: "使用済みか、期限が切れています。サーバーで sekisho admin setup-link を実行して、新しいリンクを作ってください。" },
  },
  ownPassword: {
    title: "パスワードの変更",
    current: "今のパスワード",
    currentMissing: "今のパスワードを入力してください。",
    currentWrong: "今のパスワードが違います。",
    next: "新しいパスワード",
    change: "パスワードを変える",
    done: "パスワードを変えました。",
    othersEnd: "ほかの端末や画面では、新しいパスワードでのログインが必要です。",
  },
  roles,
  roleHints: {
    official: "質問し、読める書架の文書を使います。",
    author: "書架を作り、文書をそろえます。",
    operator: "利用者、モデル及び状態を管理します。",
    auditor: "記録を確かめます。ほかの役割とは分けてください。",
  } satisfies Record<Role, string>,

  send: {
    title: "Enterキーの働き",
    note: "変換を確定するEnterでは、どれを選んでも送信されません。Ctrl＋Enterは、どれを選んでも送信です。",
    modes: {
      ctrl: { title: "Ctrl＋Enterで送信", hint: "Enterは改行です。長い文章に向いています。" },
      enter: { title: "Enterで送信", hint: "Shift＋Enterは改行です。短いやり取りに向いています。" },
      shift: { title: "Shift＋Enterで送信", hint: "Enterは改行です。" },
    },
    short: { ctrl: "Ctrl＋Enterで送信します。", enter: "Enterで送信します。", shift: "Shift＋Enterで送信します。" },
  },
  settings: {
    title: "入力と表示",
    head: "設定",
    items: "設定の項目",
    kept: "この端末に保存されます",
    parts: { send: "Enterキーの働き", look: "画面の明るさ", size: "文字の大きさ", keys: "APIの鍵", account: "アカウント" },
    look: "画面の明るさ",
    themes: { device: "端末に合わせる", light: "明るい", dark: "暗い" },
    size: "文字の大きさ",
    sizeNote: "画面の組み方も、大きさに合わせて変わります。",
    sizes: { "100": "標準", "125": "125%", "150": "150%", "200": "200%" },
    account: "アカウント",
    tryTitle: "試し書き",
    tryHint: "ここでは、何も送信されません。",
    wouldSend: "今のEnterは、送信として受け取りました。ここでは、送信していません。",
    newLine: "今のEnterは、改行として受け取りました。",
  },

  composer: {
    label: "質問を書く",
    first: "知りたいことを、話し言葉で書いてください",
    next: "続けて質問する",
    count: (length: number, limit: number) => `${number.format(length)} / ${number.format(limit)}字`,
    over: (count: number) => `${number.format(count)}字多いため、このままでは送信できません。文章を分けてください。`,
    noShelves: "読める書架がありません。「資料を使わずに答える」を選ぶと、送信できます。",
    nowhere: "調べる書架が選ばれていません。書架を選ぶか、「資料を使わずに答える」を選んでください。",
    send: "送信",
    stop: "停止",
    stays: "入力した内容は、庁外へ送信されません。",
    notSent: "送信できませんでした。",
  },
  scope: {
    title: "どこから答えますか",
    shelves: "選んだ書架だけから答える",
    none: "資料を使わずに答える",
    noneHint: "出典は付きません。文の下書きや言い換えに向いています。",
    all: "すべての書架から答える",
    nothing: "書架を選んでください",
    noShelves: "読める書架がありません。",
    from: (names: readonly string[]) => `${names.join(comma)}から答える`,
    labelBefore: "この範囲の回答は ",
    labelAfter: " になります。",
  },
  progress: {
    queued: "順番を待っています",
    ahead: (ahead: number, seconds: number) => (seconds > 0 ? `前に${number.format(ahead)}人、約${number.format(seconds)}秒` : `前に${number.format(ahead)}人`),
    reading: (percent: number) => `資料を読んでいます ${Math.floor(percent)}%`,
    readingName: "資料の読み取り",
    tokens: (done: number, total: number) => `${number.format(done)} / ${number.format(total)}語片`,
    slow: "時間がかかっています。待つ間に、ほかの画面を開いても構いません。やめるときは「停止」を押してください。",
    searching: "書架を調べています",
    thinking: "文章を考えています",
    found: (count: number) => `${number.format(count)}か所を見つけました。読んでいます`,
    read: (shelves: number, places: number) => (shelves > 0 ? `書架${number.format(shelves)}つを調べ、${number.format(places)}か所を読みました` : `${number.format(places)}か所を読みました`),
  },
  stopped: { title: "停止しました。", text: "ここまでの文章は保存しました。" },
  failed: {
    nothing: "回答できませんでした。",
    partly: "回答が途中で止まりました。",
    kept: "ここまでの文章は保存しました。",
    again: "はじめから書き直す",
  },
  colophon: {
    check: "照合", model: "モデル", made: "作成", level: "格付",
    counts: (supported: number, needed: number) => (supported + needed === 0 ? "照合した文はありません" : `裏付けあり ${number.format(supported)}文、要確認 ${number.format(needed)}文`),
    unused: "資料を使わずに答えました（出典なし）",
    notFound: "資料には見当たりません",
    because: (source: number) => `（出典${source}による）`,
  },
  notFound: {
    title: "資料には見当たりません。",
    searched: (names: readonly string[], documents: number) => `${names.length > 0 ? `書架${names.map((name) => `「${name}」`).join("")}の` : ""}${number.format(documents)}件を調べましたが、答えになる箇所はありませんでした。推測では答えません。`,
    next: "次にできること",
    others: (count: number) => `ほかの書架も調べる（${number.format(count)}つ）`,
    rephrase: "言葉を変えて聞き直す",
    without: "資料を使わずに答える",
  },
  sources: {
    title: "出典",
    near: "近い記述",
    list: "一覧",
    count: (count: number) => `${number.format(count)}か所`,
    numbered: (title: string, no: number) => `${title}${no}`,
    numbers: (title: string) => `${title}の番号`,
    shelf: (name: string) => `書架${gap}${name}`,
    unused: "資料を使わない回答のため、出典はありません。",
    coming: "見つかった資料が、ここに並びます。",
    empty: "出典はありません。",
    matched: "一致した語",
    missing: "出典にない語",
    missingHere: "ここにない語",
    openDocument: "文書で開く",
    pageImage: (page: number) => `元の紙面${gap}${number.format(page)}ページ`,
    pageImageSays: (page: number) => `元の文書の${number.format(page)}ページの画像。出典の箇所に色を付けています。文字は、この上にあります。`,
    copyQuote: "引用をコピー",
    quoted: (text: string, name: string, place: string) => `「${text}」\n（${[name, place].filter(Boolean).join(gap)}）`,
  },
  link: { title: "外部のページを開きますか", text: "回答の中のリンクです。行き先を確かめてください。庁外のページかもしれません。", open: "開く" },

  first: {
    lead: "書架の資料を調べて、出典を付けて答えます。資料に書かれていないことは、書かれていないと答えます。",
    read: "はじめに読むこと（3分）",
    byWork: "仕事から選ぶ",
    tryIt: "例をそのまま試す",
    exampleOf: (name: string) => `「${name}」の要点を、3つにまとめてください。`,
    noShelves: "使える書架が、まだありません。",
    makeShelf: "書架を作って文書を入れると、出典の付いた答えが得られます。",
    askShelf: "書架の作成を、作成者又は運用担当者に頼んでください。資料を使わない質問は、今でもできます。",
    toShelves: "書架を作る",
  },
  templates: [
    { name: "あいさつ文", text: "行事と話す人から、案を作ります。", body: "次の行事のあいさつ文の案を、3分程度で作ってください。\n行事：\n話す人：\n聞く人：\n入れたいこと：\n" },
    { name: "議事録の要約", text: "決定、宿題、質疑に分けます。", body: "次の議事録を、決定事項、宿題、質問と答えに分けて要約してください。\n\n" },
    { name: "想定問答", text: "資料から、問いと答えを作ります。", body: "次の事業について、議会で聞かれそうな問いと答えを5つ作ってください。\n事業：\n" },
    { name: "企画書", text: "目的から日程まで骨組みを作ります。", body: "次の企画書の骨組みを、目的、対象、内容、日程、費用の順に作ってください。\n企画：\n" },
    { name: "メール・通知文", text: "敬語と書式を整えた案を作ります。", body: "次の用件を、庁外に送る通知文の案にしてください。\n相手：\n用件：\n期限：\n" },
    { name: "やさしい日本語", text: "お知らせを分かりやすく直します。", body: "次のお知らせを、やさしい日本語に直してください。\n\n" },
  ],
  welcome: {
    title: "はじめに",
    minutes: "3分で終わります",
    can: { title: "できること", text: "資料の検索と要約、文案の作成、校正、翻訳ができます。答えの文ごとに、元になった資料の場所が付きます。" },
    never: { title: "入力しないもの", text: "個人番号（マイナンバー）と、扱いを認められていない情報は、入力しないでください。質問と回答は、監査のために記録されます。" },
    tryIt: { title: "試してみる", text: "押すと、下の欄に入ります。そのまま送信してください。", without: "書架に文書が入ると、ここに例が出ます。今は「仕事から選ぶ」から始められます。" },
    keys: "変換を確定するEnterでは、どれを選んでも送信されません。後から設定で変えられます。",
    go: "この設定で始める",
  },
  history: {
    heading: "過去の質問",
    lead: "あなたの質問と回答が、新しい順に並びます。",
    list: "質問の一覧",
    all: "すべての質問",
    findTitle: "題名で探す",
    noTitle: "その言葉を含む題名はありません。",
    emptySide: "これまでの質問は、ここに日付の順に並びます。",
    empty: "質問は、まだありません。「新しい質問」から始めてください。",
    running: "回答を書いています",
    rename: "題名を直す",
    title: "題名",
    titleMissing: "題名を入力してください。",
    deleteAsk: (title: string) => `「${title}」を削除しますか`,
    deleteText: "質問と回答のすべてが消え、元に戻せません。",
    deleted: "質問を1件削除しました。",
    gone: "この質問は開けません。削除されたか、読む権限がありません。",
  },
  undo: "元に戻す",
  summary: {
    act: "要約して新しい会話",
    question: "ここまでのやり取りを、決まったこと、前提となる条件、残っている問いに分けて要約してください。",
    long: "会話が長くなりました。要約して新しい会話に移ると、前の内容を踏まえて続けられます。",
  },
  exports: {
    personal: "個人情報が含まれています",
    personalText: (found: string) => `書き出したファイルに、${found}が入っています。渡す相手と保存する場所に注意してください。`,
    personalMasked: (found: string) => `${found}を、種類の名前に置き換えて書き出しました。`,
    act: "書き出す",
    title: "ファイルに書き出す",
    form: "形式",
    forms: {
      docx: { title: "Word（docx）", hint: "見出し、箇条書き及び表が付きます。" },
      md: { title: "Markdown", hint: "文字だけのファイルです。" },
      "csv-cp932": { title: "CSV（Excel用、CP932）", hint: "表に使えない文字があれば、書き出した後に知らせます。" },
      csv: { title: "CSV（UTF-8、BOM付き）", hint: "全ての文字が入ります。" },
    },
    contains: "格付、出典、モデル及び作成日時も入ります。書き出しは、監査のために記録されます。",
    done: "書き出しました。",
    notAllowed: "書き出せません。",
    limit: (most: string, own: string) => `書き出しは${most}までで、この内容は${own}です。必要なときは、課の管理者に申請してください。`,
    none: "なし",
    missing: "CP932にない文字がありました。",
    missingList: (items: readonly { character: string; count: number }[]) => `${items.map((one) => `「${one.character}」${number.format(one.count)}か所`).join(comma)}を「〓」に置き換えて書き出しました。そのまま残すときは、UTF-8で書き出してください。`,
  },
  attach: {
    add: "ファイルを添付",
    list: "添付した文書",
    count: (count: number) => `添付した文書 ${number.format(count)}件`,
    remove: (name: string) => `${name}を外す`,
    only: "添付した文書だけから答える",
    reading: "添付した文書を読み取っています。読み終わると送信できます。",
    labelTitle: "添付する文書の格付",
    labelText: "添付した文書は、あなただけが読めます。回答の格付は、ここで選んだ格付以上になります。",
    act: "添付する",
    images: (names: readonly string[]) => `画像（${names.join(comma)}）は、まだ読み取れません。`,
    imagesNext: "文字の入ったPDF、Word（docx）又はテキストにして、添付してください。",
    table: (rows: number, columns: number) => `表（${number.format(rows)}行、${number.format(columns)}列）を貼り付けました。`,
    asTable: "CSVとして添付",
    tableName: "貼り付けた表.csv",
  },
  order: {
    search: "過去の質問と回答を探す",
    searchLead: "題名、質問及び回答から探します。「申込」は「申し込み」も見つけます。空白で区切ると、全ての言葉を含むものに絞ります。",
    found: "見つかった質問",
    foundNone: (words: string) => `「${words}」を含む質問と回答はありません。言葉を短くするか、変えて探してください。`,
    views: "一覧の種類",
    viewNames: { open: "すべて", archived: "しまった質問", deleted: "削除した質問" },
    leads: {
      open: "あなたの質問と回答が、新しい順に並びます。",
      archived: "一覧から外した質問です。内容は残り、検索でも見つかります。",
      deleted: "削除した質問は、7日間は元に戻せます。その後、完全に消えます。",
    },
    empty: {
      open: "質問は、まだありません。「新しい質問」から始めてください。",
      archived: "しまった質問はありません。",
      deleted: "削除した質問はありません。",
    },
    emptyFolder: "このフォルダーは空です。一覧の「操作」から「フォルダーに入れる」を選ぶと、ここに並びます。",
    pinned: "ピン留め",
    head: (head: "pinned" | number, now: number) => (head === "pinned" ? "ピン留め" : dayHead(head, now)),
    pin: "ピン留めする",
    unpin: "ピン留めを外す",
    archive: "しまう",
    unarchive: "一覧に戻す",
    archived: (title: string) => `「${title}」をしまいました。`,
    unarchived: (title: string) => `「${title}」を一覧に戻しました。`,
    deleted: (title: string) => `「${title}」を削除しました。7日間は元に戻せます。`,
    restored: (title: string) => `「${title}」を元に戻しました。`,
    deletedUntil: (ms: number) => `${day.format(ms + 7 * 86_400_000)}に消えます`,
    purge: "完全に削除する",
    purgeAsk: (title: string) => `「${title}」を完全に削除しますか`,
    folder: "フォルダーの操作",
    folderLead: "フォルダーに入れた質問が、新しい順に並びます。",
    toFolder: "フォルダーに入れる",
    noFolder: "フォルダーに入れない",
    newFolder: "新しいフォルダー",
    renameFolder: "フォルダーの名前を直す",
    deleteFolder: "フォルダーを削除",
    folderName: "フォルダーの名前",
    folderMissing: "フォルダーの名前を入力してください。",
    folderTaken: "同じ名前のフォルダーがあるか、フォルダーが多すぎます。",
    deleteFolderAsk: (name: string) => `フォルダー「${name}」を削除しますか`,
    deleteFolderText: (count: number) => (count > 0 ? `中の質問${number.format(count)}件は消えず、フォルダーの外に残ります。` : "中に質問はありません。"),
  },

  shelves: {
    title: "書架", name: "書架", list: "書架の一覧", all: "すべての書架",
    lead: "文書は、書架に入れると質問の答えに使えます。格付と読める人は、書架ごとに決めます。ここには、あなたが読める書架だけが並びます。",
    make: "新しい書架", makeIt: "作る",
    empty: "読める書架がありません。作成者又は運用担当者に確かめてください。",
    emptyKeeper: "書架がありません。「新しい書架」を押して、最初の書架を作ってください。",
    nameOf: "書架の名前",
    nameHint: "読む人が見分けられる名前にしてください。",
    nameMissing: "書架の名前を入力してください。",
    nameTaken: "同じ名前の書架があります。別の名前にしてください。",
    readers: "読める人",
    readersHint: "選んだグループのどれかに入っている人が読めます。",
    relabel: "格付を変える", relabelIt: "変える", relabelled: "格付を変えました。",
    relabelNote: "理由と共に、監査の記録に残ります。格付を下げること、読める人を広げること、取扱制限を外すことは、運用担当者だけができます。前に作った回答の格付は変わりません。",
    relabelDenied: "この格付には変えられません。下げるときは、運用担当者に申し出てください。",
    reason: "変える理由", reasonHint: "後で確かめる人に分かるように書いてください。", reasonMissing: "理由を5文字以上で入力してください。",
    handling: "取扱制限", handlingHint: "この書架から作った回答にも付きます。付けたものは、格付が低くても、書き出しや共有ができなくなります。",
    readersMissing: "読める人を1つ以上選んでください。",
    noDocuments: "文書がありません",
    reading: (count: number) => `読み取り中 ${number.format(count)}件`,
    failed: (count: number) => `読めません ${number.format(count)}件`,
    askIt: "この書架に質問する",
    deleteIt: "書架を削除",
    deleteAsk: (name: string) => `書架「${name}」を削除しますか`,
    deleteText: (count: number) => `${number.format(count)}件の文書が消え、元に戻せません。この書架を出典にした回答は残りますが、出典は開けなくなります。`,
    deleted: "書架を削除しました。",
    gone: "この書架は開けません。削除されたか、読む権限がありません。",
  },
  documents: {
    list: "文書の一覧", filter: "状態で絞り込む",
    filters: { all: "すべて", ready: "使えます", reading: "読み取り中", care: "要対応" },
    pages: "ページ", added: "追加", add: "文書を追加",
    drop: (limit: string) => `ファイル又はフォルダーをここへ置いても、追加できます。PDF、Word、CSVなど、1件${limit}までです。`,
    toSend: "送る順番を待っています",
    sending: "送っています",
    sendingOf: (name: string) => `${name}の送信`,
    sent: (sent: number, all: number) => `${size(sent)} / ${size(all)}`,
    notSent: "送れませんでした",
    sendAgain: "もう一度送る",
    dismiss: "一覧から消す",
    arriving: "届いています",
    waiting: "順番待ち",
    reading: "読み取り中",
    readingPercent: (percent: number) => `読み取り中 ${percent}%`,
    readingOf: (name: string) => `${name}の読み取り`,
    ready: "使えます",
    partly: "一部読めません",
    unreadable: "読めません",
    retry: "もう一度読む",
    deleteOf: (name: string) => `${name}を削除`,
    removed: (name: string) => `「${name}」を削除しました。7日間は元に戻せます。`,
    restored: (name: string) => `「${name}」を元に戻しました。`,
    versions: "版の履歴",
    replace: "差し替える",
    replaceHint: "新しい版を読み終えるまで、今の版を質問の答えに使います。",
    newVersion: "新しい版（読み終えると差し替わります）",
    currentVersion: "使用中の版",
    oldVersion: "古い版です。",
    oldVersionText: "新しい版に差し替えられました。質問の答えには使いません。",
    empty: "文書がありません。「文書を追加」を押すか、ファイルを上の枠に置いてください。",
    emptyReader: "文書がありません。",
    emptyFilter: "この状態の文書はありません。",
    gone: "この文書は開けません。削除されたか、読む権限がありません。",
    goneNext: "書架の管理者に確かめてください。",
    noPassages: "読める箇所がありません。",
    noPage: "本文",
    contents: "目次",
    backTo: (shelf: string) => (shelf ? `書架「${shelf}」へ戻る` : "書架へ戻る"),
    facts: "文書の情報",
    personal: "個人情報が見つかりました",
    personalText: (found: string, pages: string) => `${found}${pages ? `（${pages}）` : ""}。`,
    personalPages: (pages: readonly number[]) => pages.map((page) => `${page}ページ`).join(comma),
    personalRaise: (level: string, to: string) => `この書架の格付は「${level}」です。「${to}」以上の書架に移すことを勧めます。移したら、ここからは削除してください。`,
    personalKeep: "読める人が適切かを確かめてください。",
    gaps: "読めなかった箇所",
    kind: "形式",
    kindWords: (kind: string, pages: number, bytes: number) => [kindNames[kind] ?? kind, pages > 0 ? pagesOf(kind, pages) : "", size(bytes)].filter(Boolean).join(comma),
  },
  search: {
    label: "文書の中を探す",
    title: "文書の検索",
    words: (words: string) => `「${words}」に近い箇所を、読める書架から探しました。`,
    results: "見つかった箇所",
    empty: "見つかりませんでした。言葉を変えて、探し直してください。",
  },

  admin: { items: "管理の項目", pages: { health: "状態", load: "混み具合と容量", models: "モデル", people: "利用者", groups: "グループ" } },
  health: {
    again: "もう一度点検する",
    lead: (all: number, wrong: number) => (wrong === 0 ? `${number.format(all)}項目のすべてが正常です。` : `${number.format(all)}項目のうち、${number.format(wrong)}項目に対応が必要です。`),
    alsoBefore: "同じ点検は、", alsoAfter: " でも実行できます。",
    wrong: "対応が必要な項目", right: "正常な項目", ok: "正常", bad: "異常",
    empty: "点検の結果がありません。",
    names: {
      "store.folder_rights": "データの置き場所", "disk.room": "ディスクの空き", "audit.chain": "監査の記録", "model.engine": "モデル",
      "seal.model": "モデルの隔離", "seal.extract": "文書読取りの隔離",
    } as Record<string, string>,
    good: {
      "store.folder_rights": "サーバーの利用者だけが入れます。", "audit.chain": "始めから終わりまでつながっています。",
    } as Record<string, string>,
    sealed: (layers: number, probes: number) => `${number.format(layers)}の層で隔離しています。起動時の脱出の試み${number.format(probes)}件は、全て拒否しました。`,
  },
  models: {
    list: "モデルの一覧",
    leadBefore: "登録したハッシュ値と一致したモデルだけを使います。追加、取得及び検証は、サーバーで ", leadAfter: " を実行してください。",
    active: "標準として使用中", installed: "使えます", absent: "未取得",
    licence: "利用条件", size: "大きさ", empty: "モデルがありません。",
  },
  people: {
    list: "利用者の一覧", name: "利用者", roles: "役割", clearance: "読める格付", groups: "グループ", upTo: "まで",
    make: "新しい利用者", makeIt: "登録する",
    made: (name: string) => `${name}さんを登録しました。`,
    firstPassword: "最初のパスワード",
    rolesMissing: "役割を1つ以上選んでください。",
    nameTaken: "同じ利用者名があります。別の名前にしてください。",
    empty: "利用者がいません。",
    change: (name: string) => `${name}さんの登録を改める`, changeIt: "改める",
    changed: (name: string) => `${name}さんの登録を改めました。`,
    newPassword: "新しいパスワード", newPasswordHint: "改めるときだけ入力してください。改めると、その人はログアウトします。",
    ownAccount: "自分の利用を止めたり、自分の運用の役割を外したりすることはできません。ほかの運用担当者に頼んでください。",
    suspend: "利用を止める", resume: "利用を再開する", suspended: "停止中",
    stopped: (name: string) => `${name}さんの利用を止めました。`, resumed: (name: string) => `${name}さんの利用を再開しました。`,
  },
  audit: {
    title: "監査記録", lead: "だれが、いつ、どの格付のものを扱ったかの記録です。質問、回答及び文書の中身は、含まれません。",
    list: "監査記録の一覧", filter: "絞り込み", apply: "絞り込む", reset: "元に戻す", newer: "新しい記録へ", older: "古い記録へ",
    day: "日付", dayHint: "2026-07-15のように入力します。", dayWrong: "日付を2026-07-15のように入力してください。",
    who: "利用者", whoHint: "利用者名の一部", kind: "操作", kindHint: "releaseなど、種別の初め",
    outcome: "結果", outcomes: { "": "すべて", allowed: "許可", denied: "拒否", done: "完了", failed: "失敗" },
    heads: { number: "番号", time: "時刻", who: "利用者", kind: "操作", level: "格付", outcome: "結果" },
    nobody: "（仕組み）",
    empty: "この条件の記録はありません。条件を変えて、絞り込んでください。",
    verify: "今すぐ検証する", verifying: "検証しています",
    whole: "欠けと書換えはありません。",
    wholeText: (entries: number, checkpoints: number, covered: number | null) => `${number.format(entries)}件を、初めから終わりまで検証しました。`
      + (covered === null ? "署名した控えは、まだありません。" : `署名した控え${number.format(checkpoints)}件と照らし、${number.format(covered)}件目まで合っています。`),
    broken: (sequence: number, file: string) => file.startsWith("checkpoints") ? "記録が、署名した控えと合いません。" : `${number.format(sequence)}件目から、記録がつながっていません。`,
    brokenText: (file: string, line: number) => `${file}の${number.format(line)}行目です。書き換えられたか、壊れています。外に残した控えと比べてください。`,
    take: "この条件の記録を、ファイルにする", forms: { csv: "CSV", "csv-cp932": "CSV（Shift_JIS）", jsonl: "JSON Lines" },
    /** The day as milliseconds; null where it is none. */
    dayOf: (text: string): { from: number; to: number } | null => {
      const parts = /^\s*(\d{4})[-\/.](\d{1,2})[-\/.](\d{1,2})\s*$/.exec(text.normalize("NFKC"));
      if (!parts) return null;
      const from = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
      return from.getMonth() === Number(parts[2]) - 1 ? { from: from.getTime(), to: from.getTime() + 86_400_000 } : null;
    },
    kindOf: (kind: string) => auditKinds[kind] ?? auditKinds[kind.split(".")[0] ?? ""] ?? kind,
    facts: (entry: AuditEntry) => [entry.kind, ...entry.subjects, JSON.stringify(entry.details), entry.hash].join("\n"),
  },
  use: {
    again: "もう一度調べる",
    day: "この24時間", storage: "容量", ratings: "回答の評価", ratingsNote: "質問と回答の文、評価した人の名前は、ここには届きません。",
    noRatings: "評価は、まだありません。", noPapers: "資料なし", none: "記録なし",
    waiting: "待ち行列", running: (count: number) => `人（回答中${number.format(count)}人）`,
    answers: "回答", failed: (count: number) => `件（失敗${number.format(count)}件）`,
    first: "書き始めるまで", secondsUnit: "秒", tokens: "回答の速さ", tokensUnit: "語片／秒",
    plot: (name: string, ms: number, top: number) => `${name}の24時間の推移。最大は${clock(ms)}ごろの${number.format(Math.round(top * 10) / 10)}。`,
    stores: { blobs: "文書のファイル", database: "データベース", audit: "監査記録", backup: "移行前の控え", free: "ディスクの空き" },
    heads: { time: "時刻", rating: "評価", why: "直してほしいこと", checks: "照合", model: "モデル", level: "格付" },
  },
  groups: {
    lead: "課や係などの所属です。書架を読める人と、利用者の所属を決めるときに使います。",
    name: "グループの名前", add: "加える", missing: "グループの名前を入力してください。", taken: "同じ名前のグループがあります。",
    added: (name: string) => `グループ「${name}」を加えました。`, empty: "グループがありません。上の欄に、課や係の名前を入力してください。",
  },
  keys: {
    title: "APIの鍵", note: "自分のプログラムから使うための鍵です。鍵は、持ち主が読めるものだけを読めます。",
    name: "鍵の名前", nameHint: "何に使うかが分かる名前にしてください。", make: "鍵を作る", missing: "鍵の名前を入力してください。",
    made: "鍵を作りました。表示されるのは今回だけです。コピーして、安全な所に保管してください。",
    hint: (end: string) => `…${end}`, revoke: "無効にする",
  },
  nothingHere: { title: "開けません", text: "ページがないか、見る権限がありません。", back: "はじめの画面へ戻る" },

  errors: {
    invalid: "入力した内容を受け取れませんでした。内容を確かめて、もう一度試してください。",
    too_large: "大きすぎるため、受け取れません。小さく分けてください。",
    unauthorized: "ログインが必要です。もう一度ログインしてください。",
    denied: "開けません。削除されたか、扱う権限がありません。",
    conflict: "ほかの操作と重なりました。画面を開き直して、もう一度試してください。",
    rate_limited: "短い間に操作が続いたため、受け付けていません。少し待って、もう一度試してください。",
    busy: "混み合っています。少し待って、もう一度試してください。",
    unavailable: "必要な仕組みが、今は動いていません。少し待って、もう一度試してください。",
    cancelled: "停止しました。",
    timeout: "時間がかかりすぎたため、止めました。もう一度試してください。",
    unsupported: "この種類は扱えません。",
    corrupt: "受け取った内容が壊れていました。もう一度試してください。",
    internal: "内部の処理に失敗しました。もう一度試してください。",
    offline: "サーバーにつながりません。",
  },
};

const kindNames: Record<string, string> = {
  pdf: "PDF", docx: "Word（docx）", doc: "Word（doc）", odt: "OpenDocument 文書", rtf: "リッチテキスト", text: "テキスト", markdown: "Markdown", aozora: "青空文庫の形式", html: "HTML",
  xlsx: "Excel（xlsx）", xls: "Excel（xls）", ods: "OpenDocument 表計算", csv: "CSV", tsv: "TSV",
  pptx: "PowerPoint（pptx）", ppt: "PowerPoint（ppt）", odp: "OpenDocument 発表資料",
  mail: "メール", msg: "メール（Outlook）", zip: "zip書庫", law: "法令XML", xml: "XML", json: "JSON",
};

/** What a page of these is called. */
const pageNames: Record<string, string> = { xlsx: "シート", xls: "シート", ods: "シート", pptx: "スライド", ppt: "スライド", odp: "スライド" };
function pagesOf(kind: string, pages: number): string {
  const name = pageNames[kind];
  return name ? `${name}${number.format(pages)}枚` : `${number.format(pages)}ページ`;
}

/** Whether a passage's path begins with the label of a sheet, slide, attachment or member of an archive, as the reader of the document gave it. */
export function hasLabel(path: string): boolean {
  return /^(シート「|スライド\d|添付「|「)/.test(path);
}

/** 「個人番号3件、電話番号1件」 */
export function personalWords(found: Readonly<Record<string, number>>): string {
  return Object.entries(found).map(([kind, count]) => `${kind}${number.format(count)}件`).join(comma);
}

/** "personal_data: {…}": what the rules about personal data stopped. */
function stoppedWords(detail: string): string {
  let found: Record<string, number> = {};
  try { found = JSON.parse(detail.slice(detail.indexOf("{"))) as Record<string, number>; } catch { /* The kinds are not told; the rest holds. */ }
  return `${personalWords(found) || "個人情報"}が含まれるため、受け付けませんでした。その部分を消すか「（番号）」などに置き換えて、もう一度試してください。`;
}

/** What went wrong, by its code. */
export function errorWords(error: Coded | ApiError): string {
  if (error.detail.startsWith("personal_data: ")) return stoppedWords(error.detail);
  return (t.errors as Record<string, string>)[error.code] ?? t.errors.internal;
}

/** Why an answer was not finished. */
export function turnErrorWords(error: Coded): string {
  if (error.code === "too_large") {
    const [needs, holds] = (error.detail.match(/\d+/g) ?? []).map(Number);
    const figures = needs && holds ? `（${number.format(needs)}語片のうち${number.format(holds)}語片まで）` : "";
    return `質問と資料が長いため、モデルが一度に読めません${figures}。文章を分けて、質問してください。`;
  }
  if (error.code === "unavailable") return "モデルの処理が中断したためで、入力した内容に誤りはありません。";
  if (error.code === "cancelled") return "サーバーが再起動したためで、入力した内容に誤りはありません。";
  return errorWords(error);
}

/** What to do when it goes on; the number by which the operator finds it in the log. */
export function errorNext(error: Coded | ApiError): string | undefined {
  const wait = "retryAfterSeconds" in error && error.retryAfterSeconds !== null ? `${number.format(error.retryAfterSeconds)}秒後に試せます。` : "";
  const trace = "traceId" in error && error.traceId !== "" ? `続けて起きるときは、運用担当者に番号 ${error.traceId} を伝えてください。` : "";
  return wait + trace || undefined;
}

/** A remark of the server about a turn: what was left out, with its numbers. */
export function noticeWords(notice: { code: string } & Record<string, string | number>): string {
  const figure = (name: string): string => number.format(Number(notice[name] ?? 0));
  switch (notice.code) {
    case "passages_left_out": return `資料が長いため、一度に読めません。${figure("found")}か所のうち${figure("read")}か所を読みました。`;
    case "history_left_out": return `会話が長くなったため、前の${figure("turns")}件のやり取りは、今回の回答に使っていません。`;
    case "personal_question": return personalQuestion(notice);
    case "personal_answer": return personalAnswer(notice);
    case "passage_cut": return `資料が長いため、${figure("total_tokens")}語片のうち${figure("read_tokens")}語片までを読みました。`;
    case "length": return "回答が長さの上限に達したため、途中で終わっています。";
    default: {
      const figures = Object.entries(notice).filter(([key]) => key !== "code").map(([key, value]) => `${key} ${value}`).join(comma);
      return `サーバーからの知らせ：${notice.code}${figures ? `（${figures}）` : ""}`;
    }
  }
}

function personalQuestion(notice: Record<string, string | number>): string {
  const what = `質問に${notice["kinds"]}（${number.format(Number(notice["count"]))}件）が含まれています。`;
  const raised = notice["raised_to"] ? `この会話の格付を「${notice["raised_to"]}」に上げました。` : "";
  if (notice["action"] === "mask") return `${what}モデルには「人物A」などに置き換えて渡し、回答で元に戻しています。${raised}`;
  return `${what}${raised}要らないものであれば、除いてから質問し直してください。`;
}

function personalAnswer(notice: Record<string, string | number>): string {
  const what = `${notice["kinds"]}（${number.format(Number(notice["count"]))}件）が含まれて`;
  switch (notice["action"]) {
    case "block": return `回答に${what}いるため、表示を止めました。番号を尋ねない言い方で質問し直すか、文書そのものを確かめてください。`;
    case "mask": return `回答に${what}いたため、〔 〕の中の種類の名前に置き換えました。`;
    default: return `回答に${what}います。見せる相手と、保存する場所に注意してください。`;
  }
}

const savedAs: Record<string, string> = { ichitaro: "一太郎", docuworks: "DocuWorks", oasys: "OASYS" };

/** Why a document cannot be read, and what to do. */
export function documentErrorWords(error: Coded | null): string {
  switch (error?.code) {
    case "encrypted": return "パスワードで保護されています。保護を外したファイルを追加してください。";
    case "damaged": case "corrupt": return "ファイルが壊れているため、開けません。元のファイルを確かめて、追加し直してください。";
    case "empty_file": return "ファイルが空です。内容のあるファイルを追加してください。";
    case "empty_page": return "文字のあるページがありません。内容を確かめてください。";
    case "image_only": return "画像だけの文書のため、文字として読めません。文字の入ったPDF又はWord（docx）を追加してください。";
    case "garbled": return "文字の情報が壊れているため、読めません。Word（docx）があれば、そちらを追加してください。";
    case "too_large": return "文書が大きすぎるため、読めません。分けて追加してください。";
    case "bomb": return "圧縮を解くと大きくなりすぎるため、読むのを止めました。分けて追加してください。";
    case "timeout": return "読み取りに時間がかかりすぎたため、止めました。分けて追加してください。";
    case "unsupported": {
      const name = Object.entries(savedAs).find(([key]) => error.detail.includes(key))?.[1];
      return name ? `${name}の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。` : "この種類の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。";
    }
    case "personal_data": return stoppedWords(error.detail);
    case "unavailable": case "busy": return "読み取りの仕組みが、今は動いていません。少し待って「もう一度読む」を押してください。";
    default: return "読み取りの途中で失敗しました。「もう一度読む」を押してください。";
  }
}

const noteWords: Record<string, string> = {
  empty_page: "文字がありません。",
  image_only: "画像のため、文字として読めません。",
  garbled: "文字の情報が壊れているため、読めません。",
  encrypted: "保護されているため、読めません。",
  damaged: "壊れているため、読めません。",
  too_large: "大きすぎるため、読めません。",
  bomb: "圧縮を解くと大きくなりすぎるため、読んでいません。",
  unsupported: "読み取れない種類の内容があります。",
  hidden_text: "見えない文字がありました。内容を確かめてください。",
  unmapped_characters: "外字があり、読みが分かりません。",
  macros_ignored: "マクロは読みません。",
  truncated: "長いため、途中までを読みました。",
  comments_ignored: "コメントは読みません。",
  changes_accepted: "変更履歴は、すべて反映したものとして読みました。",
  hidden_sheets: "非表示のシートは読みません。",
  hidden_rows: "非表示の行は読みません。",
  hidden_columns: "非表示の列は読みません。",
  hidden_slides: "非表示のスライドは読みません。",
  inner_unread: "中の文書に、読めないものがあります。",
};

/** Notes whose detail a person wants to know: names of sheets, and of attachments with the reason. */
const namedNotes = new Set(["hidden_sheets", "inner_unread"]);
function noteDetail(code: string, details: readonly string[]): string {
  if (!namedNotes.has(code)) return "";
  const names = details.map((detail) => detail.replace(/ \((\w+): .*\)$/, (_, why: string) => `（${(noteWords[why] ?? "読めません。").replace(/。$/, "")}）`)).filter(Boolean);
  return names.length > few ? `${names.slice(0, few).join(comma)}ほか` : names.join(comma);
}

const few = 8;
function pagesWords(pages: readonly number[]): string {
  const shown = pages.slice(0, few).map((page) => number.format(page)).join(comma);
  return pages.length > few ? `${shown}ほか` : shown;
}

/** Notes put together by what they say. */
export function noteLines(notes: readonly DocumentNote[]): { title: string; text: string }[] {
  const kinds = new Map<string, DocumentNote[]>();
  for (const note of notes) kinds.set(note.code, [...(kinds.get(note.code) ?? []), note]);
  return [...kinds].map(([code, list]) => {
    const pages = [...new Set(list.map((note) => note.page))];
    const named = noteDetail(code, list.map((note) => note.detail));
    return {
      title: pages.includes(0) ? "文書の全体" : `${pagesWords(pages)}ページ`,
      text: `${noteWords[code] ?? `読めない内容があります（${code}）。`}${named}`,
    };
  });
}

/** One sentence for the list. */
export function noteSummary(notes: readonly DocumentNote[], pages: number): string {
  const touched = [...new Set(notes.map((note) => note.page).filter((page) => page > 0))].sort((a, b) => a - b);
  const first = noteWords[notes[0]?.code ?? ""] ?? "読めない内容があります。";
  if (touched.length === 0) return first;
  const share = pages > 0 ? `${number.format(pages)}ページのうち` : "";
  return `${share}${number.format(touched.length)}ページ（${pagesWords(touched)}）：${first}${pages > touched.length ? "ほかのページは使えます。" : ""}`;
}
