import { useState } from "preact/hooks";
import { asApiError } from "../api/client";
import { changePassword } from "../app/session";
import { errorWords, t } from "../text";
import { Banner } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { isShort, passwordCharacters } from "./password";

const none = { current: "", password: "", again: "" };

/** A new password of one's own, for who knows the present one. */
export function OwnPassword() {
  const [values, setValues] = useState(none);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  const wrong = {
    current: values.current === "" ? t.ownPassword.currentMissing : null,
    password: isShort(values.password) ? t.setUp.passwordShort(passwordCharacters) : null,
    again: values.password !== values.again ? t.setUp.passwordsDiffer : null,
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    setDone(false);
    if (busy || Object.values(wrong).some(Boolean)) return;
    setBusy(true);
    try {
      await changePassword(values.current, values.password);
      setValues(none);
      setTried(false);
      setError(null);
      setDone(true);
    } catch (cause) {
      const found = asApiError(cause);
      setError(found.detail.startsWith("$.current") ? t.ownPassword.currentWrong : errorWords(found));
    }
    setBusy(false);
  };
  const field = (key: keyof typeof values) => ({
    value: values[key], type: "password" as const, error: tried ? wrong[key] : null,
    onText: (text: string) => setValues((old) => ({ ...old, [key]: text })),
  });
  return (
    <form class="own-password" noValidate onSubmit={(event) => void submit(event)}>
      <h3 class="section__title">{t.ownPassword.title}</h3>
      <TextField title={t.ownPassword.current} name="current-password" autocomplete="current-password" {...field("current")} />
      <TextField title={t.ownPassword.next} hint={t.setUp.passwordHint(passwordCharacters)} name="new-password" autocomplete="new-password" {...field("password")} />
      <TextField title={t.setUp.again} name="again" autocomplete="new-password" {...field("again")} />
      {error && <FieldError text={error} />}
      <div role="status">{done && <Banner kind="ok" title={t.ownPassword.done} text={t.ownPassword.othersEnd} />}</div>
      <button class="btn btn--secondary btn--s" type="submit" aria-disabled={busy || undefined}>{t.ownPassword.change}</button>
    </form>
  );
}
