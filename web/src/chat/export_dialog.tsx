import { useState } from "preact/hooks";
import { asApiError, open } from "../api/client";
import { session } from "../app/session";
import { errorWords, personalWords, t } from "../text";
import { Banner, Choices, Dialog } from "../ui/parts";
import { FieldError } from "../ui/text_input";
import { toast } from "../ui/toast";

type Form = "docx" | "md" | "csv" | "csv-cp932";
const forms: Form[] = ["docx", "md", "csv-cp932", "csv"];

/** "U+20BB7 x2, U+1F600 x1": the characters that the file could not hold. */
export function missingCharacters(header: string): { character: string; count: number }[] {
  return [...header.matchAll(/U\+([0-9A-F]{4,6}) x(\d+)/g)].map(([, code, count]) => ({ character: String.fromCodePoint(Math.min(parseInt(code ?? "0", 16), 0x10ffff)), count: Number(count) }));
}

/** The name after filename*=UTF-8'' of a Content-Disposition. */
export function fileNameOf(header: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(header)?.[1];
  try { return encoded ? decodeURIComponent(encoded) : "sekisho"; } catch { return "sekisho"; }
}

/** "warn %7B…%7D": what was found of people in the file, and what was done about it. */
export function personalOf(header: string): { action: string; found: string } | null {
  const [action, counts] = header.split(" ");
  if (!action || !counts) return null;
  try { return { action, found: personalWords(JSON.parse(decodeURIComponent(counts)) as Record<string, number>) }; } catch { return null; }
}

async function download(path: string, form: Form): Promise<{ missing: string; personal: ReturnType<typeof personalOf> }> {
  const response = await open("GET", `${path}/export?form=${form}`, undefined, { accept: "*/*" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = fileNameOf(response.headers.get("Content-Disposition") ?? "");
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return { missing: response.headers.get("X-Sekisho-Missing") ?? "", personal: personalOf(response.headers.get("X-Sekisho-Personal") ?? "") };
}

/** Writes a conversation or an answer out, as far as its label may leave; tells what a file could not hold. */
export function ExportDialog({ title, level, path, onClose }: { title: string; level: number; path: string; onClose: () => void }) {
  const [form, setForm] = useState<Form>("docx");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [missing, setMissing] = useState("");
  const [personal, setPersonal] = useState<ReturnType<typeof personalOf>>(null);
  const told = missing !== "" || personal !== null;
  const most = session.value?.limits.export_level ?? 0;
  const may = level <= most;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !may) return;
    setBusy(true);
    setError(null);
    try {
      const made = await download(path, form);
      setMissing(made.missing);
      setPersonal(made.personal);
      if (made.missing === "" && made.personal === null) { toast(t.exports.done); onClose(); }
    } catch (cause) {
      setError(errorWords(asApiError(cause)));
    }
    setBusy(false);
  };
  return (
    <Dialog title={t.exports.title} onClose={onClose}>
      <form class="dialog__text stack" noValidate onSubmit={(event) => void submit(event)}>
        <p>{title}</p>
        {!may && <Banner small kind="bad" title={t.exports.notAllowed} text={t.exports.limit(levelName(most), levelName(level))} />}
        {may && <div class="choices--rows"><Choices name="form" legend={t.exports.form} value={form} onChoice={(value) => { setForm(value); setMissing(""); setPersonal(null); }} choices={forms.map((one) => ({ value: one, title: t.exports.forms[one].title, hint: t.exports.forms[one].hint }))} /></div>}
        {may && <p class="note">{t.exports.contains}</p>}
        {missing !== "" && <Banner small kind="warn" title={t.exports.missing} text={t.exports.missingList(missingCharacters(missing))} />}
        {personal && <Banner small kind="warn" title={t.exports.personal} text={personal.action === "mask" ? t.exports.personalMasked(personal.found) : t.exports.personalText(personal.found)} />}
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{told ? t.close : t.cancel}</button>
          {may && <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.exports.act}</button>}
        </div>
      </form>
    </Dialog>
  );
}

function levelName(value: number): string {
  return session.value?.levels.find((level) => level.value === value)?.name ?? t.exports.none;
}
