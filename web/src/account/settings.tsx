import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { sendMode, textSize, theme, type TextSize, type Theme } from "../app/preferences";
import { session, signOut } from "../app/session";
import { Shell } from "../app/shell";
import { t } from "../text";
import { sends } from "../ui/composition";
import { Choices, LevelChip } from "../ui/parts";
import { TextField } from "../ui/text_input";
import { LanguageChoice } from "./language_choice";
import { OwnKeys } from "./own_keys";
import { OwnPassword } from "./own_password";
import { SendModeChoice } from "./send_mode_choice";

export function SettingsPage() {
  const user = session.value?.user;
  return (
    <Shell room="settings" title={t.settings.title} sideLabel={t.settings.title} side={<Side />}>
      <div class="main__pad">
        <div class="page-head"><h1>{t.settings.title}</h1><span class="note">{t.settings.kept}</span></div>
        <Setting id="language" title={t.settings.language} note={t.settings.languageNote}><LanguageChoice name="language" /></Setting>
        <Setting id="send" title={t.send.title} note={t.send.note}><SendModeChoice name="send" /><TryField /></Setting>
        <Setting id="look" title={t.settings.look}>
          <Choices<Theme> name="theme" legend={t.settings.look} hidden value={theme.value} onChoice={(value) => { theme.value = value; }}
            choices={(["device", "light", "dark"] as const).map((value) => ({ value, title: t.settings.themes[value] }))} />
        </Setting>
        <Setting id="size" title={t.settings.size} note={t.settings.sizeNote}>
          <Choices<TextSize> name="text" legend={t.settings.size} hidden value={textSize.value} onChoice={(value) => { textSize.value = value; }}
            choices={(["100", "125", "150", "200"] as const).map((value) => ({ value, title: t.settings.sizes[value] }))} />
        </Setting>
        <Setting id="keys" title={t.keys.title} note={t.keys.note}><OwnKeys /></Setting>
        <Setting id="account" title={t.settings.account}>
          <dl class="facts">
            <div><dt>{t.account.name}</dt><dd>{user?.name}</dd></div>
            <div><dt>{t.account.displayName}</dt><dd>{user?.display_name}</dd></div>
            <div><dt>{t.people.roles}</dt><dd>{t.join((user?.roles ?? []).map((role) => t.roles[role]))}</dd></div>
            <div><dt>{t.people.clearance}</dt><dd>{user && <LevelChip value={user.clearance} />}</dd></div>
          </dl>
          <OwnPassword />
          <button class="btn btn--secondary btn--s settings__out" type="button" onClick={() => void signOut()}>{t.signOut}</button>
        </Setting>
      </div>
    </Shell>
  );
}

function Side() {
  return (
    <>
      <nav class="side__group side__group--first" aria-label={t.settings.items}>
        <h2 class="side__head">{t.settings.head}</h2>
        <ul>
          {(["language", "send", "look", "size", "keys", "account"] as const).map((id) => <li key={id}><a class="item" href={`#${id}`}><span class="item__text">{t.settings.parts[id]}</span></a></li>)}
        </ul>
      </nav>
      <p class="side__foot note">{session.value?.user.display_name}</p>
    </>
  );
}

function Setting({ id, title, note, children }: { id: string; title: string; note?: string; children: ComponentChildren }) {
  return (
    <section class="setting" id={id} aria-labelledby={`${id}-h`}>
      <div><h2 class="setting__name" id={`${id}-h`}>{title}</h2>{note && <p class="note">{note}</p>}</div>
      <div>{children}</div>
    </section>
  );
}

/** A field that says what Enter would have done. */
function TryField() {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const onEnter = (event: KeyboardEvent): boolean => {
    const would = sends(sendMode.value, event);
    setSaid(would ? t.settings.wouldSend : t.settings.newLine);
    return would;
  };
  return (
    <div class="setting__try">
      <TextField title={t.settings.tryTitle} hint={t.settings.tryHint} multiline rows={2} value={text} onText={setText} onEnter={onEnter}>
        <p class="note setting__say" role="status">{said}</p>
      </TextField>
    </div>
  );
}
