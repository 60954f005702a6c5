import { get } from "../api/client";
import type { Group, Page } from "../api/types";
import { levels, session } from "../app/session";
import { errorWords, t } from "../text";
import { useLoad } from "../ui/load";
import { CheckList, Choices, LevelChip } from "../ui/parts";
import { FieldError } from "../ui/text_input";

/** A label as it is being chosen. */
export interface ChosenLabel { level: string; readers: string[]; handling: string[] }

/** Level, readers and 取扱制限 of a shelf. A label can be no higher than what its maker may read. */
export function LabelFields({ label, set, tried }: { label: ChosenLabel; set: (label: ChosenLabel) => void; tried: boolean }) {
  const groups = useLoad("groups", (signal) => get<Page<Group>>("/groups", { signal }));
  const known = session.value?.handling ?? [];
  return (
    <>
      <div class="field">
        <Choices name="level" legend={t.level} value={label.level} onChoice={(level) => set({ ...label, level })} choices={readableLevels().map((one) => ({ value: String(one.value), title: <LevelChip value={one.value} /> }))} />
      </div>
      {groups.error && <FieldError text={errorWords(groups.error)} />}
      <CheckList legend={t.shelves.readers} need hint={t.shelves.readersHint} chosen={label.readers} onChange={(readers) => set({ ...label, readers })}
        options={(groups.data?.items ?? []).map((group) => ({ value: group.name, title: group.name }))}
        error={tried && label.readers.length === 0 ? t.shelves.readersMissing : null} />
      {known.length > 0 && <CheckList legend={t.shelves.handling} hint={t.shelves.handlingHint} chosen={label.handling} onChange={(handling) => set({ ...label, handling })} options={known.map((one) => ({ value: one, title: one }))} />}
    </>
  );
}

export function readableLevels() {
  return levels.value.filter((level) => level.value <= (session.value?.user.clearance ?? 0));
}
