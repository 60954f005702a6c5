import { useState } from "preact/hooks";
import { asApiError, get, post } from "../api/client";
import type { Group, Page } from "../api/types";
import { Shell } from "../app/shell";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { ListState } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { toast } from "../ui/toast";
import { AdminSide } from "./admin_side";

/** The sections of the office: who belongs together, and reads together. */
export function GroupsPage() {
  const groups = useLoad("groups", (signal) => get<Page<Group>>("/groups", { signal }));
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const items = groups.data?.items ?? [];
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (name.trim() === "") { setError(t.groups.missing); return; }
    try {
      await post("/groups", { name: name.trim() });
      toast(t.groups.added(name.trim()));
      setName("");
      setError(null);
      await groups.reload();
    } catch (cause) {
      const failure = asApiError(cause);
      setError(failure.code === "conflict" ? t.groups.taken : errorWords(failure));
    }
  };
  return (
    <Shell room="admin" title={t.admin.pages.groups} side={<AdminSide here="groups" />} sideLabel={t.nav.admin}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.admin.pages.groups}</h1><p class="page-head__lead">{t.groups.lead}</p></div>
        <form class="one-field" noValidate onSubmit={(event) => void add(event)}>
          <TextField title={t.groups.name} value={name} onText={setName} error={error} />
          <button class="btn btn--primary btn--s" type="submit">{t.groups.add}</button>
        </form>
        <ListState loading={groups.loading} error={groups.error && errorWords(groups.error)} empty={groups.data !== null && items.length === 0 && t.groups.empty} retry={() => void groups.reload()} />
        <ul class="rows">{items.map((group) => <li class="rows__row" key={group.name}><span class="rows__name">{group.name}</span></li>)}</ul>
      </div>
    </Shell>
  );
}
