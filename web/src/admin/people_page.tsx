import { useState } from "preact/hooks";
import { asApiError, get, post } from "../api/client";
import type { Group, Page, Person, Role } from "../api/types";
import { levels } from "../app/session";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { CheckList, Choices, Dialog, LevelChip, ListState } from "../ui/parts";
import { FieldError, TextField } from "../ui/text_input";
import { toast } from "../ui/toast";
import { AdminSide } from "./admin_side";
import { PersonDialog } from "./person_dialog";
import { isShort, passwordCharacters } from "../account/password";

const roles: Role[] = ["official", "author", "operator", "auditor"];

export function PeoplePage() {
  const people = useLoad("people", (signal) => get<Page<Person>>("/admin/users", { signal }));
  const [making, setMaking] = useState(false);
  const [chosen, setChosen] = useState<Person | null>(null);
  const items = people.data?.items ?? [];
  const made = (name: string): void => { setMaking(false); toast(t.people.made(name)); void people.reload(); };
  return (
    <Shell room="admin" title={t.admin.pages.people} side={<AdminSide here="people" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head">
          <h1>{t.admin.pages.people}</h1>
          <div class="page-head__end"><button class="btn btn--primary btn--s" type="button" onClick={() => setMaking(true)}><Icon name="plus" small />{t.people.make}</button></div>
        </div>
        <ListState loading={people.loading} error={people.error && errorWords(people.error)} empty={people.data !== null && items.length === 0 && t.people.empty} retry={() => void people.reload()} />
        {items.length > 0 && (
          <table class="table table--fold" role="table">
            <caption class="sr-only">{t.people.list}</caption>
            <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{t.people.name}</th><th scope="col" role="columnheader">{t.people.roles}</th><th scope="col" role="columnheader">{t.people.clearance}</th><th scope="col" role="columnheader">{t.people.groups}</th><th scope="col" role="columnheader"><span class="sr-only">{t.acts}</span></th></tr></thead>
            <tbody role="rowgroup">
              {items.map((person) => (
                <tr role="row" key={person.id}>
                  <th scope="row" role="rowheader"><b>{person.display_name}</b>{person.suspended && <span class="note">{t.of(t.people.suspended)}</span>}<div class="note mono">{person.name}</div></th>
                  <td role="cell" data-head={t.people.roles}>{t.join(person.roles.map((role) => t.roles[role] ?? role))}</td>
                  <td role="cell" data-head={t.people.clearance}><span class="row row--tight"><LevelChip value={person.clearance} /><span class="note">{t.people.upTo}</span></span></td>
                  <td role="cell" data-head={t.people.groups}>{t.join(person.groups)}</td>
                  <td role="cell" class="is-end"><button class="tool tool--edge" type="button" aria-haspopup="dialog" onClick={() => setChosen(person)}>{t.people.changeIt}<span class="sr-only">{t.of(person.display_name)}</span></button></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {chosen && <PersonDialog person={chosen} onClose={() => setChosen(null)} onChanged={() => void people.reload()} />}
      {making && <NewPersonDialog onClose={() => setMaking(false)} onMade={made} />}
    </Shell>
  );
}

function NewPersonDialog({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }) {
  const known = useLoad("groups", (signal) => get<Page<Group>>("/groups", { signal }));
  const [values, setValues] = useState({ name: "", display_name: "", password: "" });
  const [chosenRoles, setRoles] = useState<string[]>(["official"]);
  const [groups, setGroups] = useState<string[]>([]);
  const [clearance, setClearance] = useState(String(levels.value[0]?.value ?? ""));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const wrong = {
    name: values.name.trim() === "" ? t.setUp.nameMissing : null,
    display_name: values.display_name.trim() === "" ? t.setUp.displayNameMissing : null,
    password: isShort(values.password) ? t.setUp.passwordShort(passwordCharacters) : null,
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (busy || Object.values(wrong).some(Boolean) || chosenRoles.length === 0) return;
    setBusy(true);
    try {
      await post("/admin/users", { name: values.name.trim(), display_name: values.display_name.trim(), password: values.password, roles: chosenRoles, clearance: Number(clearance), groups });
      onMade(values.display_name.trim());
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.people.nameTaken : errorWords(failure));
      setBusy(false);
    }
  };
  const field = (key: keyof typeof values) => ({ value: values[key], required: true, error: tried ? wrong[key] : null, onText: (text: string) => setValues((old) => ({ ...old, [key]: text })) });
  return (
    <Dialog title={t.people.make} onClose={onClose}>
      <form class="dialog__text" noValidate onSubmit={(event) => void submit(event)}>
        <TextField title={t.account.name} hint={t.setUp.nameHint} {...field("name")} />
        <TextField title={t.account.displayName} hint={t.setUp.displayNameHint} {...field("display_name")} />
        <TextField title={t.people.firstPassword} hint={t.setUp.passwordHint(passwordCharacters)} type="password" autocomplete="new-password" {...field("password")} />
        <CheckList legend={t.people.roles} need chosen={chosenRoles} onChange={setRoles} options={roles.map((role) => ({ value: role, title: t.roles[role], hint: t.roleHints[role] }))} error={tried && chosenRoles.length === 0 ? t.people.rolesMissing : null} />
        <div class="field"><Choices name="clearance" legend={t.people.clearance} value={clearance} onChoice={setClearance} choices={levels.value.map((level) => ({ value: String(level.value), title: <LevelChip value={level.value} /> }))} /></div>
        {(known.data?.items.length ?? 0) > 0 && <CheckList legend={t.people.groups} chosen={groups} onChange={setGroups} options={(known.data?.items ?? []).map((group) => ({ value: group.name, title: group.name }))} />}
        {error && <FieldError text={error} />}
        <div class="dialog__acts">
          <button class="btn btn--secondary" type="button" onClick={onClose}>{t.cancel}</button>
          <button class="btn btn--primary" type="submit" aria-disabled={busy || undefined}>{t.people.makeIt}</button>
        </div>
      </form>
    </Dialog>
  );
}
