/** What Japanese documents look like, in whatever language the page speaks. */
export const pattern = {
  bullet: "・",
  /** The heading of an article, in brackets on a line of its own. */
  articleTitle: /^（[^（）]{1,40}）$/u,
  /** The beginning of an article, a paragraph or an item, which hangs by one character. */
  article: /^(?:第[0-9０-９一二三四五六七八九十百千]+条|[0-9０-９]{1,2}[　 ]|[(（][0-9０-９]{1,2}[)）]|[一二三四五六七八九十]{1,3}[　 ])/u,
};

/** Whether a passage's path begins with the label of a sheet, slide, attachment or member of an archive, as the reader of the document gave it. */
export function hasLabel(path: string): boolean {
  return /^(シート「|スライド\d|添付「|「)/.test(path);
}

/** The kinds of personal data, as the office's rules and the server name them, for those who do not read Japanese. */
export const personalKinds: Record<string, string> = {
  個人番号: "Individual Number", 法人番号: "Corporate Number", 運転免許証番号: "driving licence number", 旅券番号: "passport number", 在留カード番号: "residence card number",
  基礎年金番号: "pension number", 住民票コード: "resident code", 被保険者番号: "insurance number", 口座番号: "account number", 電話番号: "phone number", 郵便番号: "postal code",
  メールアドレス: "mail address", 住所: "address", 氏名: "name", 生年月日: "date of birth",
};
