import { useState } from "preact/hooks";
import { SendModeChoice } from "../account/send_mode_choice";
import { get, query } from "../api/client";
import type { LibraryDocument, Page } from "../api/types";
import { welcomed } from "../app/preferences";
import { may, session } from "../app/session";
import { shelves } from "../library/shelves";
import { t } from "../text";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Banner } from "../ui/parts";
import { putInComposer } from "./store";

/** Before the first question: what can be asked, and an example that works. */
export function First() {
  const example = useExample();
  return (
    <div class="talk">
      <div class="talk__column stack stack--24">
        <div>
          <h1>{t.newQuestion}</h1>
          <p class="first__lead">{t.first.lead}</p>
          {welcomed.value === "no" && <a class="btn btn--secondary btn--s sheet-only first__read" href="#welcome">{t.first.read}</a>}
        </div>
        {shelves.value?.length === 0 && <Banner title={t.first.noShelves} text={may.keepShelves() ? t.first.makeShelf : t.first.askShelf}>{may.keepShelves() && <a class="btn btn--secondary btn--s" href="/shelves">{t.first.toShelves}</a>}</Banner>}
        <section aria-labelledby="templates">
          <h2 class="first__head" id="templates">{t.first.byWork}</h2>
          <div class="templates">
            {t.templates.map((template) => (
              <button class="template" type="button" key={template.name} onClick={() => putInComposer(template.body)}>
                <span class="template__name">{template.name}</span><span class="template__text">{template.text}</span>
              </button>
            ))}
          </div>
        </section>
        {example && (
          <section aria-labelledby="example">
            <h2 class="first__head" id="example">{t.first.tryIt}</h2>
            <button class="example" type="button" onClick={() => putInComposer(example)}><span>{example}</span><Icon name="right" small /></button>
          </section>
        )}
      </div>
    </div>
  );
}

let asked: { shelf: string; answer: Promise<Page<LibraryDocument>> } | null = null;
/** Asked for once, however many places show the example. */
function firstDocuments(shelf: string): Promise<Page<LibraryDocument>> {
  if (asked?.shelf !== shelf) asked = { shelf, answer: get<Page<LibraryDocument>>(`/shelves/${encodeURIComponent(shelf)}/documents${query({ limit: 5 })}`) };
  return asked.answer;
}

/** A question that works here: the office's own, or one about the first document that this person can read. */
function useExample(): string | null {
  const chosen = session.value?.office.example ?? null;
  const shelf = chosen === null ? shelves.value?.find((one) => one.documents > one.reading + one.failed)?.id ?? "" : "";
  const first = useLoad(`example ${shelf}`, async () => (shelf === "" ? null : firstDocuments(shelf)));
  const document = first.data?.items.find((one) => one.state === "ready");
  return chosen ?? (document ? t.first.exampleOf(document.name.replace(/\.[^.]{1,8}$/, "")) : null);
}

/** Three things to know, once. */
export function Welcome() {
  const [closed, setClosed] = useState(false);
  const example = useExample();
  if (closed || welcomed.value === "yes") return null;
  return (
    <aside class="panel panel--plain" aria-label={t.welcome.title} id="welcome">
      <div class="panel__head"><h2>{t.welcome.title}</h2><span class="note">{t.welcome.minutes}</span><button class="tool" type="button" onClick={() => setClosed(true)}><Icon name="close" small />{t.close}</button></div>
      <div class="panel__body">
        <ol class="numbered">
          <li><div><h3 class="doc-title">{t.welcome.can.title}</h3><p class="note">{t.welcome.can.text}</p></div></li>
          <li><div><h3 class="doc-title">{t.welcome.never.title}</h3><p class="note">{t.welcome.never.text}</p></div></li>
          <li><div><h3 class="doc-title">{t.welcome.tryIt.title}</h3><p class="note">{example ? t.welcome.tryIt.text : t.welcome.tryIt.without}</p>
            {example && <button class="example" type="button" onClick={() => putInComposer(example)}><span>{example}</span><Icon name="right" small /></button>}</div></li>
        </ol>
        <h3 class="doc-title first__keys">{t.send.title}</h3>
        <p class="note">{t.welcome.keys}</p>
        <div class="first__keys"><SendModeChoice name="first-send" /></div>
        <button class="btn btn--primary btn--wide first__go" type="button" onClick={() => { welcomed.value = "yes"; }}>{t.welcome.go}</button>
      </div>
    </aside>
  );
}
