import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/client";
import type { FoundConversation } from "../api/types";
import { errorWords, t } from "../text";
import { LevelChip, ListState } from "../ui/parts";
import { searchConversations } from "./conversations";

function marked(pieces: FoundConversation["hits"][number]["snippet"]) {
  return pieces.map((piece, index) => (piece.hit ? <mark class="hit" key={index}>{piece.text}</mark> : piece.text));
}

/** One's conversations in which some words stand, with the words marked where they do. */
export function FoundConversations({ words }: { words: string }) {
  const [state, setState] = useState<{ items: FoundConversation[]; next: string | null; loading: boolean; error: ApiError | null }>({ items: [], next: null, loading: true, error: null });
  const control = useRef<AbortController | null>(null);
  const load = async (after: string | null): Promise<void> => {
    control.current?.abort();
    const mine = control.current = new AbortController();
    setState((old) => ({ ...old, loading: true, error: null }));
    try {
      const page = await searchConversations(words, after, mine.signal);
      setState((old) => ({ items: after ? [...old.items, ...page.items] : page.items, next: page.next ?? null, loading: false, error: null }));
    } catch (cause) {
      if (!mine.signal.aborted) setState((old) => ({ ...old, loading: false, error: asApiError(cause) }));
    }
  };
  useEffect(() => {
    void load(null);
    return () => control.current?.abort();
  }, [words]);
  const { items, next, loading, error } = state;
  return (
    <>
      <ListState loading={loading && items.length === 0} error={error && errorWords(error)} empty={!loading && items.length === 0 && t.order.foundNone(words)} retry={() => void load(null)} />
      {items.length > 0 && (
        <ul class="near" aria-label={t.order.found}>
          {items.map(({ conversation, hits }) => (
            <li class="near__item" key={conversation.id}>
              <div class="near__head">
                <a href={`/questions/${encodeURIComponent(conversation.id)}`}><b>{marked(hits.find((hit) => hit.turn_id === null)?.snippet ?? [{ text: conversation.title, hit: false }])}</b></a>
                <LevelChip value={conversation.level} compact /><span class="num">{t.when(conversation.updated_ms, Date.now())}</span>{conversation.archived && <span>{t.order.viewNames.archived}</span>}
              </div>
              {hits.filter((hit) => hit.turn_id !== null).map((hit) => (
                <a class="near__quote near__quote--link" key={hit.turn_id} href={`/questions/${encodeURIComponent(conversation.id)}?turn=${encodeURIComponent(hit.turn_id ?? "")}`}>
                  <span class="near__where">{hit.where === "answer" ? t.answer : t.question}</span>{marked(hit.snippet)}
                </a>
              ))}
            </li>
          ))}
        </ul>
      )}
      {next !== null && <p class="more"><button class="btn btn--secondary btn--s" type="button" aria-disabled={loading || undefined} onClick={() => void load(next)}>{t.more}</button></p>}
    </>
  );
}
