import { sendMode } from "../app/preferences";
import { t } from "../text";
import { Choices } from "../ui/parts";

/** Which key sends; the same three cards at the first use and in the settings. */
export function SendModeChoice({ name }: { name: string }) {
  return (
    <Choices name={name} legend={t.send.title} hidden cards value={sendMode.value} onChoice={(mode) => { sendMode.value = mode; }}
      choices={(["ctrl", "enter", "shift"] as const).map((mode) => ({ value: mode, title: t.send.modes[mode].title, hint: t.send.modes[mode].hint }))} />
  );
}
