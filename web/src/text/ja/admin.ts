/** The rooms of those who run the server and of those who audit it. */
import { clock } from "../calendar";
import { number } from "./figures";

/** What an Entry of the audit log tells, by its kind or by the first word of it. */
const auditKinds: Record<string, string> = {
  "release.answer": "回答", "closed.answer": "回答の終わり", "release.passages": "検索", "release.conversation": "会話の表示", "release.history": "前の会話の利用",
  "release.ratings": "評価の表示", "release.document": "文書の表示", release: "表示", closed: "終わり", "turn.rated": "回答の評価", "turn.rating_cleared": "評価の取消し",
  account: "利用者の登録", group: "グループ", key: "APIの鍵", session: "ログイン", sign_in: "ログイン", shelf: "書架", document: "文書", conversation: "会話", "model.fetch": "モデルの取り寄せ", "model.fetched": "取り寄せの終わり", "model.verify": "モデルの確認", "model.verified": "確認の終わり", "model.choose": "モデルの選択", model: "モデル", log: "記録", policy: "方針", "policy.reloaded": "方針の読み直し",
  "content.asked": "開示の求め", "content.approved": "開示の承認", "release.content": "封じた中身の閲覧", "content.erased": "封じた中身の消去",
};

export const admin = {
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
    lead: "登録したハッシュ値と一致したモデルだけを使います。選んだモデルは、次にサーバーを起動したときから使います。今の回答は止まりません。",
    active: "使用中", installed: "使えます", absent: "まだありません",
    kinds: { answering: "回答を書く", embedding: "意味で探す" }, added: "この庁で追加",
    licence: "利用条件", noLicence: "未登録", size: "大きさ", empty: "モデルがありません。",
    fetch: "取り寄せる", verify: "ハッシュ値を確かめる", choose: "次の起動から使う",
    chosenNow: (title: string) => `次に起動したときから「${title}」を使います。今は、前のモデルのままです。`,
    next: "次の起動から使います。", overruled: "選ばれていますが、起動の指定が優先されます。", locked: "起動の指定で決まっているため、ここでは変えられません。",
    busy: "ほかのモデルの処理が終わっていないか、起動の指定で決まっています。画面を開き直して、確かめてください。",
    working: { fetch: (title: string) => `「${title}」を取り寄せています`, verify: (title: string) => `「${title}」のハッシュ値を確かめています` },
    done: { fetch: (title: string) => `「${title}」を取り寄せ、ハッシュ値を確かめました。`, verify: (title: string) => `「${title}」のハッシュ値は、登録と一致しています。` },
    failed: { fetch: (title: string) => `「${title}」を取り寄せられませんでした。`, verify: (title: string) => `「${title}」を確かめられませんでした。` },
    why: (act: "fetch" | "verify", code: string): string => {
      if (code === "corrupt") return "ハッシュ値が登録と一致しません。ファイルが壊れているか、別のファイルです。配布元から受け取り直し、もう一度追加してください。";
      if (act === "verify") return code === "cancelled" ? "途中でサーバーが止まりました。もう一度確かめてください。" : "ファイルを読めませんでした。状態のページでディスクを確かめ、もう一度試してください。";
      return "サーバーが外のネットワークにつながらないか、ディスクが足りません。届いた分は残り、次は続きから始めます。つながらない庁舎では、別の端末で受け取ったGGUFファイルをサーバーに置き、sekisho model add ファイル名 を実行してください。";
    },
    addBefore: "一覧にないモデルは、サーバーで ", addAfter: " ファイル名 を実行すると、ここに並びます。",
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
    link: "パスワードを決めるリンクを作る",
    linkMade: (until: string) => `${until}まで、一度だけ使えます。本人に渡してください。表示されるのは今回だけです。前のリンクは、使えなくなりました。`,
    linkName: "パスワードを決めるリンク",
    suspend: "利用を止める", resume: "利用を再開する", suspended: "停止中",
    stopped: (name: string) => `${name}さんの利用を止めました。`, resumed: (name: string) => `${name}さんの利用を再開しました。`,
  },
  audit: {
    title: "監査記録", lead: "だれが、いつ、どの格付のものを扱ったかの記録です。質問と回答の中身は、記録には含まれず、封じてあります。",
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
    kindOf: (kind: string) => auditKinds[kind] ?? auditKinds[kind.split(".")[0] ?? ""] ?? kind,
  },
  openings: {
    title: "封じた中身の開示", lead: "質問と回答の言葉は、封じてあります。監査の担当者が理由を添えて求め、別の人が承認すると、求めた人だけが24時間読めます。どの段階も記録に残ります。",
    ask: "中身の開示を求める", reason: "開示を求める理由", reasonHint: "記録に残り、承認する人が読みます。", reasonMissing: "理由を4文字以上で入力してください。",
    asked: "開示の求めを記録しました。別の担当者の承認を待ちます。", approved: "開示を承認しました。",
    approve: "承認する", read: "中身を読む", close: "閉じる",
    waiting: "承認待ち", agreed: "承認済み", over: "期限切れ",
    of: (sequence: number, who: string) => `${number.format(sequence)}番の記録（${who}さんの求め）`,
    by: (who: string) => `${who}さんが承認しました。`, until: (time: string) => `期限は${time}です。`,
    question: "質問", answer: "回答", source: (place: number, name: string) => `出典${number.format(place)} ${name}`,
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
};
