import { useEffect, useState } from "preact/hooks";
import { asApiError, get, query, type ApiError } from "../api/client";
import { go } from "../app/router";
import { setUp } from "../app/session";
import { errorWords, t } from "../text";
import { Banner } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { Gate } from "./sign_in";
import { isShort, passwordCharacters } from "./password";

interface Link { valid: boolean; first?: boolean; name?: string; display_name?: string }

/** A password by a link that works once: of the first account, with its names, or of one that an operator made. */
export function SetUp({ token }: { token: string }) {
  const [link, setLink] = useState<Link | null>(null);
  const valid = link && link.valid;
  const first = link?.first ?? true;
  const [error, setError] = useState<ApiError | null>(null);
  const [values, setValues] = useState({ name: "", display_name: "", password: "", again: "" });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);

  const check = async (): Promise<void> => {
    setError(null);
    try {
      setLink(await get<Link>(`/setup${query({ token })}`, { keepSession: true }));
    } catch (cause) {
      const found = asApiError(cause);
      if (found.status >= 400 && found.status < 500 && found.status !== 429) setLink({ valid: false });
      else setError(found);
    }
  };
  useEffect(() => { document.title = `${t.setUp.title} | Sekisho`; void check(); }, [token]);

  const wrong = {
    name: first && values.name.trim() === "" ? t.setUp.nameMissing : null,
    display_name: first && values.display_name.trim() === "" ? t.setUp.displayNameMissing : null,
    password: isShort(values.password) ? t.setUp.passwordShort(passwordCharacters) : null,
    again: values.password !== values.again ? t.setUp.passwordsDiffer : null,
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (busy || Object.values(wrong).some(Boolean)) return;
    setBusy(true);
    try {
      await setUp({ token, password: values.password, ...(first ? { name: values.name.trim(), display_name: values.display_name.trim() } : {}) });
      go("/");
    } catch (cause) {
      setError(asApiError(cause));
      setBusy(false);
    }
  };
  const field = (key: keyof typeof values) => ({
    value: values[key], required: true, error: tried ? wrong[key] : null,
    onText: (text: string) => setValues((old) => ({ ...old, [key]: text })),
  });
  return (
    <Gate>
      <h2 class="section__title">{first ? t.setUp.title : t.setUp.passwordTitle}</h2>
      {valid === false && <Banner kind="bad" title={t.setUp.linkDead.title} text={t.setUp.linkDead.text} />}
      {valid === null && error && <Banner kind="bad" title={errorWords(error)}><button class="btn btn--secondary btn--s" type="button" onClick={() => void check()}>{t.tryAgain}</button></Banner>}
      {valid === null && !error && <p class="note" role="status">{t.loading}</p>}
      {valid && (
        <form noValidate onSubmit={(event) => void submit(event)}>
          <p class="note gate__banner">{first ? t.setUp.lead : t.setUp.passwordLead(link?.display_name ?? "", link?.name ?? "")}</p>
          {first && <TextField title={t.account.name} hint={t.setUp.nameHint} name="username" autocomplete="username" {...field("name")} />}
          {first && <TextField title={t.account.displayName} hint={t.setUp.displayNameHint} name="display_name" autocomplete="name" {...field("display_name")} />}
          <TextField title={t.account.password} hint={t.setUp.passwordHint(passwordCharacters)} name="password" type="password" autocomplete="new-password" {...field("password")} />
          <TextField title={t.setUp.again} name="again" type="password" autocomplete="new-password" {...field("again")} />
          {error && <FieldError text={errorWords(error)} />}
          <button class="btn btn--primary btn--l btn--wide gate__submit" type="submit" aria-disabled={busy || undefined}>{first ? t.setUp.start : t.setUp.passwordStart}</button>
        </form>
      )}
    </Gate>
  );
}
