import { scopeShelves, setScope, shelves } from "../library/shelves";
import { t } from "../text";
import { LevelChip } from "../ui/parts";
import { markTerms, termsOf } from "./hit";
import { placeWords } from "./source_panel";
import { answering, ask, putInComposer } from "./store";
import type { TurnView } from "./turn_state";

/** 「資料には見当たりません。」: what was searched, what to do next, and the nearest passages instead of a guess. */
export function NotFoundView({ turn }: { turn: TurnView }) {
  const found = turn.not_found;
  if (!found) return null;
  const rest = turn.answer.startsWith(t.notFound.title) ? turn.answer.slice(t.notFound.title.length).trim() : turn.answer.trim();
  const near = turn.sources.filter((source) => found.nearest.includes(source.number));
  const terms = termsOf(turn.question);
  return (
    <>
      <div class="prose">
        <p class="nothing">{t.notFound.title}</p>
        <p>{rest || t.notFound.searched(searchedNames(turn), found.documents)}</p>
      </div>
      {turn.state !== "running" && <NextSteps turn={turn} />}
      {near.length > 0 && (
        <section>
          <h3 class="first__head">{t.sources.near}</h3>
          <ul class="near">
            {near.map((source) => (
              <li class="near__item" key={source.number}>
                <div class="near__head">
                  <a href={`/documents/${encodeURIComponent(source.document_id)}?passage=${encodeURIComponent(source.passage_id)}`}><b>{source.document_name}</b></a>
                  <LevelChip value={source.level} /><span>{placeWords(source)}</span>
                </div>
                <p class="near__quote">{markTerms(excerpt(source.text), terms).map((piece, index) => (piece.hit ? <span class="term" key={index}>{piece.text}</span> : piece.text))}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function searchedNames(turn: TurnView): string[] {
  return (shelves.value ?? []).filter((shelf) => turn.shelves.includes(shelf.id)).map((shelf) => shelf.name);
}

export function excerpt(text: string, characters = 120): string {
  const all = Array.from(text.replace(/\s*\n\s*/g, t.gap));
  return all.length <= characters ? all.join("") : `${all.slice(0, characters).join("")}${t.ellipsis}`;
}

function NextSteps({ turn }: { turn: TurnView }) {
  const others = (shelves.value ?? []).filter((shelf) => !turn.shelves.includes(shelf.id));
  if (answering.value) return null;
  const everywhere = (): void => {
    setScope({ mode: "shelves", shelves: null });
    void ask({ question: turn.question, mode: "shelves", shelves: (shelves.value ?? scopeShelves.value).map((shelf) => shelf.id), beside: { turn, as: "edit_of" } });
  };
  return (
    <section>
      <h3 class="first__head">{t.notFound.next}</h3>
      <div class="row">
        {others.length > 0 && <button class="btn btn--primary btn--s" type="button" onClick={everywhere}>{t.notFound.others(others.length)}</button>}
        <button class="btn btn--secondary btn--s" type="button" onClick={() => putInComposer(turn.question)}>{t.notFound.rephrase}</button>
        <button class="btn btn--secondary btn--s" type="button" onClick={() => void ask({ question: turn.question, mode: "none", shelves: [], beside: { turn, as: "edit_of" } })}>{t.notFound.without}</button>
      </div>
    </section>
  );
}
