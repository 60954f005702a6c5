// The fictional town of Kirigahara: people, shelves, documents and scripted answers of the fake server.

const minute = 60_000;
const day = 24 * 60 * minute;

export const levels = [
  { value: 1, name: "機密性1", short: "1", weight: 1 },
  { value: 2, name: "機密性2", short: "2", weight: 2 },
  { value: 3, name: "機密性3", short: "3", weight: 3 },
];

export const groups = ["全職員", "総務課", "住民福祉課", "教育委員会事務局", "子育て支援係"];

/** For tests and trials only; the real server has no default password. */
export const password = "kirigahara-no-yama";

export function people() {
  return [
    { id: "u1", name: "saeki", display_name: "佐伯 美和", roles: ["official", "author"], clearance: 2, groups: ["全職員", "住民福祉課"] },
    { id: "u2", name: "hayakawa", display_name: "早川 透", roles: ["official", "author", "operator"], clearance: 3, groups: ["全職員", "総務課", "子育て支援係"] },
    { id: "u3", name: "kansa", display_name: "監査 花子", roles: ["auditor"], clearance: 3, groups: ["全職員"] },
    { id: "u4", name: "shinnin", display_name: "新任 一郎", roles: ["official"], clearance: 1, groups: [] },
  ];
}

export function shelves() {
  return [
    { id: "s1", name: "例規集", level: 1, readers: [["全職員"]] },
    { id: "s2", name: "子育て支援", level: 2, readers: [["住民福祉課", "教育委員会事務局", "総務課"]] },
    { id: "s3", name: "要保護児童対策", level: 3, readers: [["子育て支援係"]] },
  ];
}

const outline = [
  [1, "第1条", "（目的）\n第1条　この要綱は、家庭において保育を受けることが一時的に困難となった児童について、一時預かり事業を実施し、もって児童の福祉の増進を図ることを目的とする。"],
  [2, "第4条", "（定員）\n第4条　事業の定員は、1日につき10人とする。"],
  [2, "第6条", "（利用料）\n第6条　事業を利用した保護者は、別表に定める利用料を納めなければならない。\n別表　3歳未満　1日につき2,400円　4時間以内1,200円\n3歳以上　1日につき1,800円　4時間以内900円"],
  [3, "第7条", "（利用の申請）\n第7条　事業を利用しようとする保護者は、利用しようとする日の7日前までに、一時預かり事業利用申請書（様式第1号）を町長に提出しなければならない。\n２　前項の規定にかかわらず、保護者の疾病その他のやむを得ない理由により緊急に利用する必要があるときは、利用しようとする日の前日の午後5時までに申請することができる。"],
  [4, "第8条", "（利用料の免除）\n第8条　町長は、生活保護法（昭和25年法律第144号）による被保護世帯又は町民税非課税世帯に属する児童の保護者から申請があったときは、利用料の全部又は一部を免除することができる。\n２　前項の免除を受けようとする保護者は、利用料免除申請書（様式第3号）に世帯の課税状況が分かる書類を添えて、町長に提出しなければならない。"],
  [5, "第9条", "（委任）\n第9条　この要綱に定めるもののほか、事業の実施に関し必要な事項は、町長が別に定める。"],
];
const holiday = [
  [7, "第14条", "（特別休暇）\n第14条　職員は、次の各号に掲げるときに、当該各号に定める特別休暇を取ることができる。\n(12)　夏季に心身を休め、又は家庭で過ごすため、勤務しないことが適当であると所属長が認めるとき　7月から9月までの間で5日以内"],
  [9, "第20条", "（病気休暇）\n第20条　病気休暇の期間は、必要最小限の期間とする。"],
];
const guide = [
  [3, "2　申込みの受付", "利用申請書は、子育て支援係の窓口で受け付ける。電話による予約はできない。"],
  [6, "4　窓口の対応", "申込みの期限を過ぎたときも、理由を聴き取ったうえで、翌日以降の空きを案内する。"],
];

export function documents(now) {
  const base = { notes: [], error: null, state: "ready", added_by: "高瀬 健一" };
  return [
    { ...base, id: "d1", shelf_id: "s1", name: "霧ヶ原町一時預かり事業実施要綱.pdf", kind: "pdf", size_bytes: 214_000, pages: 6, pages_read: 6, created_ms: now - 30 * day, text: outline, notes: [{ page: 6, code: "image_only", detail: "" }] },
    { ...base, id: "d2", shelf_id: "s1", name: "霧ヶ原町職員の勤務時間、休暇等に関する規則.docx", kind: "docx", size_bytes: 88_000, pages: 15, pages_read: 15, created_ms: now - 400 * day, text: holiday },
    { ...base, id: "d3", shelf_id: "s2", name: "一時預かり事業 事務の手引 令和7年度.docx", kind: "docx", size_bytes: 120_000, pages: 18, pages_read: 18, created_ms: now - day, added_by: "佐伯 美和", text: guide },
    { ...base, id: "d4", shelf_id: "s2", name: "利用者アンケート 令和6年度.pdf", kind: "pdf", size_bytes: 3_200_000, pages: 28, pages_read: 28, created_ms: now - day, text: [[1, "", "回答のあった142人のうち、118人が「満足」又は「やや満足」と答えた。"]], notes: [{ page: 11, code: "image_only", detail: "" }, { page: 12, code: "image_only", detail: "" }] },
    { ...base, id: "d5", shelf_id: "s2", name: "子育て応援プラン 骨子.jtd", kind: "unknown", size_bytes: 64_000, pages: 0, pages_read: 0, created_ms: now - 11 * minute, state: "failed", error: { code: "unsupported", detail: "ichitaro" }, text: [] },
    { ...base, id: "d6", shelf_id: "s2", name: "第4回子育て支援会議 議事録.pdf", kind: "pdf", size_bytes: 5_400_000, pages: 50, pages_read: 20, created_ms: now - 10 * minute, state: "reading", added_by: "佐伯 美和", text: [] },
    { ...base, id: "d7", shelf_id: "s2", name: "病後児保育 委託契約書案.docx", kind: "docx", size_bytes: 42_000, pages: 0, pages_read: 0, created_ms: now - 10 * minute, state: "waiting", added_by: "佐伯 美和", text: [] },
  ];
}

export function conversations(now) {
  const titles = ["敬老会のあいさつ文の案", "道路占用許可の添付書類", "第4回子育て支援会議の要約", "粗大ごみの案内をやさしい日本語に直す", "補正予算案の要点を3行でまとめる"];
  return titles.map((title, index) => ({
    id: `c${index + 1}`, user: "u1", title, level: 1 + (index % 2), updated_ms: now - [90 * minute, day, day + 20 * minute, 4 * day, 4 * day + minute][index],
    turns: [{
      id: `old${index + 1}`, parent_id: null, question: `${title}を作ってください。`, mode: "none", shelves: [], answer: "次のとおりです。\n\n- 一つ目の案\n- 二つ目の案\n",
      state: "done", claims: [], sources: [], not_found: null, model: "trial", created_ms: now - day, level: 1, error: null,
    }],
  }));
}

/** Sentences of an answer: text, and for a claim its check, sources and words. */
const fees = [
  ["一時預かりの**利用料**は、次の表のとおりです。", "ok", [1], ["利用料"], []],
  ["\n\n| 児童の年齢 | 1日 | 4時間以内 |\n| --- | ---: | ---: |\n| 3歳未満 | 2,400円 | 1,200円 |\n| 3歳以上 | 1,800円 | 900円 |\n\n"],
  ["申込みは、利用しようとする日の**7日前まで**に、利用申請書を町長（窓口は子育て支援係）に提出してください。", "ok", [2, 3], ["7日前", "利用申請書", "町長"], []],
  ["保護者の病気など、やむを得ない理由があるときは、前日の午後5時まで受け付けます。", "ok", [2], ["前日", "午後5時"], []],
  ["\n\n"],
  ["町民税非課税世帯は、申請により利用料の全額が免除されます。", "needed", [4], ["町民税非課税世帯", "申請", "利用料"], ["全額"]],
  ["免除を受けるときは、利用料免除申請書に、世帯の課税状況が分かる書類を添えて提出します。", "ok", [4], ["利用料免除申請書", "課税状況"], []],
];
const draft = [["皆様、本日はご多用のところお集まりいただき、"], ["**「誠に」**ありがとうございます。\n\n1. 一つ目の話\n2. 二つ目の話\n\n```\n=SUM(A1:A3)\n```\n\n詳しくは[町の案内](https://www.town.example.jp/annai)をご覧ください。<script>alert(1)</script> ![図](https://evil.example/a.png)\n"]];

/** What the model says to a question; `kind` decides how the stream goes. */
export function scriptFor(question, mode) {
  if (/混雑/.test(question)) return { kind: "refused" };
  if (mode === "none") return { kind: "free", parts: /長く/.test(question) ? Array.from({ length: 60 }, (_, index) => [`これは${index + 1}番目の文です。`]) : draft };
  if (/休暇|バス/.test(question)) return { kind: "not_found" };
  const parts = /長く/.test(question) ? Array.from({ length: 12 }, () => fees).flat() : fees;
  return { kind: /失敗/.test(question) ? "fails" : /切断/.test(question) ? "drops" : /順番/.test(question) ? "queued" : "answer", parts };
}

/** [document, index of the passage] of the sources, in their order. */
export const feeSources = [["d1", 2], ["d1", 3], ["d3", 0], ["d1", 4]];
export const nearSources = [["d2", 0], ["d2", 1], ["d3", 1]];

export const health = {
  verdicts: [
    { area: "モデルの処理", name: "外部への通信", ok: true, detail: "12通りの方法で外部へ出ようと試み、すべて止まりました。" },
    { area: "文書の読み取り", name: "ファイルの読み書き", ok: true, detail: "渡した1件のほかに、開けるファイルはありません。" },
    { area: "カーネル", name: "Landlockの通信制限", ok: false, detail: "このカーネルでは使えません。ほかの3つの仕組みで外部への通信を止めています。次の保守のときに、カーネルを更新してください。" },
    { area: "監査", name: "記録の連なり", ok: true, detail: "1,204件を確かめました。欠けと書換えはありません。" },
  ],
};
export const models = [
  { name: "qwen2.5-coder-1.5b-instruct-q4_k_m", title: "Qwen2.5 Coder 1.5B（お試し用）", installed: true, active: true, size_bytes: 1_117_320_768, licence: "Apache-2.0", kind: "text", added: false, fetchable: true },
  { name: "qwen2.5-0.5b-instruct-q4_k_m", title: "Qwen2.5 0.5B（軽い機器用）", installed: false, active: false, size_bytes: 491_400_064, licence: "Apache-2.0", kind: "text", added: false, fetchable: true },
];
