import { useState } from "preact/hooks";
import { asApiError, call, get, post } from "../api/client";
import type { ApiKey, Page } from "../api/types";
import { errorWords, t } from "../text";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Banner } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { toast } from "../ui/toast";

/** Keys with which a person's own programs come in. A new one is shown once. */
export function OwnKeys() {
  const keys = useLoad("keys", (signal) => get<Page<ApiKey>>("/keys", { signal }));
  const [name, setName] = useState("");
  const [made, setMade] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (name.trim() === "") { setError(t.keys.missing); return; }
    try {
      setMade((await post<{ secret: string }>("/keys", { name: name.trim() })).secret);
      setName("");
      setError(null);
      await keys.reload();
    } catch (cause) { setError(errorWords(asApiError(cause))); }
  };
  const revoke = async (key: ApiKey): Promise<void> => {
    await call("DELETE", `/keys/${encodeURIComponent(key.id)}`).catch((cause: unknown) => toast(errorWords(asApiError(cause))));
    await keys.reload();
  };
  return (
    <>
      {made && (
        <Banner kind="ok" title={t.keys.made} note={<span class="mono key__secret">{made}</span>}>
          <button class="btn btn--secondary btn--s" type="button" onClick={() => { void copyText(made).then((done) => toast(done ? t.copied : t.notCopied)); }}><Icon name="copy" small />{t.copy}</button>
          <button class="btn btn--plain btn--s" type="button" onClick={() => setMade(null)}>{t.close}</button>
        </Banner>
      )}
      <ul class="key-list">{keys.data?.items.map((key) => <li class="row row--between" key={key.id}><span>{key.name} <span class="note mono">{t.keys.hint(key.hint)}</span></span><button class="tool" type="button" onClick={() => void revoke(key)}>{t.keys.revoke}</button></li>)}</ul>
      <form class="one-field" noValidate onSubmit={(event) => void make(event)}>
        <TextField title={t.keys.name} hint={t.keys.nameHint} value={name} onText={setName} error={error} />
        <button class="btn btn--secondary btn--s" type="submit">{t.keys.make}</button>
      </form>
    </>
  );
}
