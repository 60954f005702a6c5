import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/client";
import { signedOutBecause, signIn } from "../app/session";
import { errorWords, t } from "../text";
import { BrandSign } from "../ui/icons";
import { Banner } from "../ui/parts";
import { FieldError, TextField, type TextElement } from "../ui/text_input";
import { LanguageChoice } from "./language_choice";

/** Name and password, in the place of the page that was asked for. */
export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const first = useRef<TextElement>(null);
  useEffect(() => { document.title = `${t.signIn} | Sekisho`; first.current?.focus(); }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await signIn(name.trim(), password);
    } catch (cause) {
      setError(asApiError(cause));
      setPassword("");
      setBusy(false);
    }
  };
  const why = signedOutBecause.value;
  return (
    <Gate>
      {why && <div class="gate__banner"><Banner title={t.signedOut[why].title} text={t.signedOut[why].text} /></div>}
      <form onSubmit={(event) => void submit(event)}>
        <TextField title={t.account.name} name="username" autocomplete="username" value={name} onText={setName} inputRef={first} />
        <TextField title={t.account.password} name="password" type="password" autocomplete="current-password" value={password} onText={setPassword} />
        {error && <FieldError text={error.code === "unauthorized" ? t.account.wrong : errorWords(error)} />}
        <button class="btn btn--primary btn--l btn--wide gate__submit" type="submit" aria-disabled={busy || undefined}>{t.signIn}</button>
      </form>
      <p class="note gate__help">{t.account.forgot}</p>
    </Gate>
  );
}

export function Gate({ children }: { children: preact.ComponentChildren }) {
  return (
    <div class="gate">
      <main class="gate__form" id="main">
        <div class="gate__head"><BrandSign /><h1 class="gate__title">Sekisho</h1></div>
        {children}
      </main>
      <footer class="gate__foot"><p class="note">{t.account.recorded}</p><LanguageChoice name="language" /></footer>
    </div>
  );
}
