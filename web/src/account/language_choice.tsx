import { useState } from "preact/hooks";
import { chooseLanguage, language, languages, t, type Language } from "../text";
import { Choices } from "../ui/parts";
import { FieldError } from "../ui/text_input";

/** The language of the page's words; at signing in and in the settings. */
export function LanguageChoice({ name }: { name: string }) {
  const [failed, setFailed] = useState(false);
  const choose = (next: Language): void => { setFailed(false); chooseLanguage(next).catch(() => setFailed(true)); };
  return (
    <>
      <Choices<Language> name={name} legend={t.settings.language} hidden value={language.value} onChoice={choose}
        choices={(["ja", "en"] as const).map((value) => ({ value, title: <span lang={value}>{languages[value]}</span> }))} />
      {failed && <FieldError text={t.settings.languageFailed} />}
    </>
  );
}
