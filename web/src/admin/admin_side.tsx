import { t } from "../text_ja";

export function AdminSide({ here }: { here: "health" | "people" | "models" }) {
  return (
    <nav class="side__group side__group--first" aria-label={t.admin.items}>
      <h2 class="side__head">{t.nav.admin}</h2>
      <ul>
        {(["health", "models", "people"] as const).map((page) => (
          <li key={page}><a class="item" href={`/admin/${page}`} aria-current={page === here ? "page" : undefined}><span class="item__text">{t.admin.pages[page]}</span></a></li>
        ))}
      </ul>
    </nav>
  );
}
