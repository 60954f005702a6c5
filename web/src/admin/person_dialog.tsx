import { useState } from "preact/hooks";
import { asApiError, call, get, post } from "../api/client";
import type { ApiKey, Group, Page, Person, Role } from "../api/types";
import { levels } from "../app/session";
import { errorWords, t } from "../text";
import { copyText } from "../ui/copy";
import { useLoad } from "../ui/load";
import { CheckList, Choices, Dialog, LevelChip } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { toast } from "../ui/toast";
import { isShort, passwordCharacters } from "../account/password";

const roles: Role[] = ["official", "author", "operator", "auditor"];
/** What a person may do, read and open; a new password; the keys of their programs; and whether they may come in at all. */
export function PersonDialog({ person, onClose, onChanged }: { person: Person; onClose: () => void; onChanged: () => void }) {
  const known = useLoad("groups", (signal) => get<Page<Group>>("/groups", { signal }));
  const [chosenRoles, setRoles] = useState<string[]>(person.roles);
  const [groups, setGroups] = useState<string[]>(person.groups);
  const [clearance, setClearance] = useState(String(person.clearance));
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const short = password !== "" && isShort(password);
  const change = async (changes: object, done: string): Promise<void> => {
    try {
      await call("PATCH", `/admin/users/${encodeURIComponent(person.id)}`, changes);
      toast(done);
      onChanged();
      onClose();
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.people.ownAccount : errorWords(failure));
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (short || chosenRoles.length === 0) return;
    void change({ roles: chosenRoles, clearance: Number(clearance), groups, ...(password ? { password } : {}) }, t.people.changed(person.display_name));
  };
  return (
    <Dialog title={t.people.change(person.display_name)} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={submit}>
        <CheckList legend={t.people.roles} need chosen={chosenRoles} onChange={setRoles} options={roles.map((role) => ({ value: role, title: t.roles[role], hint: t.roleHints[role] }))} error={chosenRoles.length === 0 ? t.people.rolesMissing : null} />
        <div class="field"><Choices name="clearance" legend={t.people.clearance} value={clearance} onChoice={setClearance} choices={levels.value.map((level) => ({ value: String(level.value), title: <LevelChip value={level.value} /> }))} /></div>
        {(known.data?.items.length ?? 0) > 0 && <CheckList legend={t.people.groups} chosen={groups} onChange={setGroups} options={(known.data?.items ?? []).map((group) => ({ value: group.name, title: group.name }))} />}
        <TextField title={t.people.newPassword} hint={t.people.newPasswordHint} type="password" autocomplete="new-password" value={password} onText={setPassword} error={short ? t.setUp.passwordShort(passwordCharacters) : null} />
        <PasswordLink person={person} onError={setError} />
        <PersonKeys person={person} />
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class={person.suspended ? "btn btn--secondary" : "btn btn--danger"} type="button" onClick={() => void change({ suspended: !person.suspended }, person.suspended ? t.people.resumed(person.display_name) : t.people.stopped(person.display_name))}>{person.suspended ? t.people.resume : t.people.suspend}</button>
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit">{t.save}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** A link by which the person chooses a password: nobody else ever knows it. */
function PasswordLink({ person, onError }: { person: Person; onError: (text: string) => void }) {
  const [made, setMade] = useState<{ path: string; expires_ms: number } | null>(null);
  const make = async (): Promise<void> => {
    try {
      setMade(await post(`/admin/users/${encodeURIComponent(person.id)}/link`));
    } catch (cause) {
      onError(errorWords(asApiError(cause)));
    }
  };
  if (!made) return <p class="field"><button class="btn btn--secondary btn--s" type="button" onClick={() => void make()}>{t.people.link}</button></p>;
  const address = location.origin + made.path;
  return (
    <div class="field" role="status">
      <span class="field__label">{t.people.linkName}</span>
      <span class="field__hint">{t.people.linkMade(t.eraTime(made.expires_ms))}</span>
      <p class="key__secret mono">{address}</p>
      <button class="btn btn--secondary btn--s" type="button" onClick={() => void copyText(address).then((done) => toast(done ? t.copied : t.notCopied))}>{t.copy}</button>
    </div>
  );
}

function PersonKeys({ person }: { person: Person }) {
  const path = `/admin/users/${encodeURIComponent(person.id)}/keys`;
  const keys = useLoad(path, (signal) => get<Page<ApiKey>>(path, { signal }));
  if ((keys.data?.items.length ?? 0) === 0) return null;
  const revoke = async (key: ApiKey): Promise<void> => {
    await call("DELETE", `${path}/${encodeURIComponent(key.id)}`).catch((cause: unknown) => toast(errorWords(asApiError(cause))));
    await keys.reload();
  };
  return (
    <fieldset class="field"><legend class="field__label">{t.keys.title}</legend>
      <ul class="key-list">{keys.data?.items.map((key) => <li class="row row--between" key={key.id}><span>{key.name} <span class="note mono">{t.keys.hint(key.hint)}</span></span><button class="tool" type="button" onClick={() => void revoke(key)}>{t.keys.revoke}</button></li>)}</ul>
    </fieldset>
  );
}
